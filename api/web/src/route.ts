/** Where in the page: kept in the address's fragment, so that reload and back work and nothing goes to a server's log. */

export type Route = { readonly page: "exams" } | { readonly page: "exam"; readonly session: string } | { readonly page: "queue" };

const EXAM = /^#\/exams\/([a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?)$/;

export function readRoute(hash: string): Route {
  const exam = EXAM.exec(hash);
  if (exam?.[1]) return { page: "exam", session: exam[1] };
  return hash === "#/queue" ? { page: "queue" } : { page: "exams" };
}

export function href(route: Route): string {
  if (route.page === "exam") return `#/exams/${route.session}`;
  return route.page === "queue" ? "#/queue" : "#/";
}
