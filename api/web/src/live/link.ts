/** The live connection as a table: where it stands, and what an end of it means. */

export type LinkState =
  | "asking" // a one-use ticket is asked for
  | "opening"
  | "live"
  | "waiting" // before the next try
  | "crowded" // too many viewers; tried again
  | "ended" // the exam is over
  | "refused"
  | "absent"
  | "signed_out"
  | "closed"; // by the page

export const FINAL: ReadonlySet<LinkState> = new Set(["ended", "refused", "absent", "signed_out", "closed"]);

/** The viewer may not watch (any more): the picture is taken away, not left standing. */
export const SHUT: ReadonlySet<LinkState> = new Set(["refused", "absent", "signed_out"]);

/** What the server's close codes mean; anything else is the network's fault and is tried again. */
const BY_CODE: ReadonlyMap<number, LinkState> = new Map([
  [1000, "ended"],
  [4401, "waiting"], // an expired ticket or token: asking for the next ticket tells which
  [4403, "refused"],
  [4404, "absent"],
  [4429, "crowded"],
]);

const BY_STATUS: ReadonlyMap<number, LinkState> = new Map([
  [401, "signed_out"],
  [403, "refused"],
  [404, "absent"],
  [409, "ended"],
  [429, "crowded"],
]);

export function afterClose(code: number, ended: boolean): LinkState {
  return ended ? "ended" : (BY_CODE.get(code) ?? "waiting");
}

/** What a refused ticket means; `status` 0: no answer. */
export function afterRefusal(status: number): LinkState {
  return BY_STATUS.get(status) ?? "waiting";
}
