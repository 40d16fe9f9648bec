/** What the page offers to whom. The server decides; this only hides buttons that would be refused. */

export type Right = "watch" | "file" | "queue" | "request" | "cancel" | "consult" | "grant";

const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  capture: ["queue"],
  requester: ["watch", "file", "queue", "request", "cancel", "grant"],
  viewer: ["watch", "file", "queue"],
  trainee: ["watch"],
  expert: ["watch", "file", "queue", "consult", "cancel"],
  operator: ["watch", "file", "queue", "consult", "cancel"],
  qc: [],
  ops: [],
  admin: ["queue", "cancel", "grant"],
};

export function may(roles: readonly string[], right: Right): boolean {
  return roles.some((role) => Object.hasOwn(RIGHTS, role) && RIGHTS[role]!.includes(right));
}
