/** What went wrong with a request, as RFC 9457 tells it. */

import { fields, json } from "../wire/read";

/** `status` 0: no answer came. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** When the server says it may be asked again; 0 where it does not say. */
    readonly retryAfterS = 0,
  ) {
    super(`${status} ${title}`);
  }
}

export type Trouble = "unreachable" | "signed_out" | "refused" | "absent" | "conflict" | "too_many" | "unavailable" | "failed";

/** The kind of trouble: chooses what the page says and what to do next. */
export function troubleOf(error: unknown): Trouble {
  const status = error instanceof Problem ? error.status : -1;
  if (status === 0) return "unreachable";
  if (status === 401) return "signed_out";
  if (status === 403) return "refused";
  if (status === 404) return "absent";
  if (status === 409) return "conflict";
  if (status === 429) return "too_many";
  return status === 502 || status === 503 || status === 504 ? "unavailable" : "failed";
}

/** Troubles that pass: the page waits and asks again by itself. */
export function passes(error: unknown): boolean {
  const trouble = troubleOf(error);
  return trouble === "unreachable" || trouble === "unavailable" || trouble === "too_many";
}

/** Read a refusal's body, whatever it is. */
export function readProblem(status: number, body: string, retryAfter: string | null = null): Problem {
  const waitS = Number(retryAfter ?? 0) || 0;
  try {
    const from = fields(json(body), "problem");
    const { title, detail } = from;
    return new Problem(status, typeof title === "string" ? title : "", typeof detail === "string" ? detail : "", waitS);
  } catch {
    return new Problem(status, "", "", waitS);
  }
}
