/** Where in the page: kept in the address's fragment, so that reload and back work and nothing goes to a server's log. */

export type Route =
  | { readonly page: "exams" }
  | { readonly page: "exam"; readonly session: string }
  | { readonly page: "queue" }
  | { readonly page: "room"; readonly consult: string; /** The secret of an invitation, or "". */ readonly invite: string };

const SLUG = "[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?";
const EXAM = new RegExp(`^#/exams/(${SLUG})$`);
const ROOM = new RegExp(`^#/rooms/(${SLUG})(?:/(${SLUG}))?$`);

export function readRoute(hash: string): Route {
  const exam = EXAM.exec(hash);
  if (exam?.[1]) return { page: "exam", session: exam[1] };
  const room = ROOM.exec(hash);
  if (room?.[1]) return { page: "room", consult: room[1], invite: room[2] ?? "" };
  return hash === "#/queue" ? { page: "queue" } : { page: "exams" };
}

export function href(route: Route): string {
  if (route.page === "exam") return `#/exams/${route.session}`;
  if (route.page === "room") return `#/rooms/${route.consult}${route.invite ? `/${route.invite}` : ""}`;
  return route.page === "queue" ? "#/queue" : "#/";
}
