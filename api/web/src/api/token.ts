/** The bearer token as the page holds it: short-lived, renewed while it lives, gone with the tab. */

import { BadMessage, fields, json } from "../wire/read";

export interface Token {
  readonly accessToken: string;
  /** UTC milliseconds by this device's clock. */
  readonly expiresAtMs: number;
  readonly subject: string;
  readonly institution: string;
  readonly roles: readonly string[];
}

const RENEW_BEFORE = 0.25; // renewed when a quarter of its life is left: several tries fit in
const RENEW_MIN_MS = 1_000;

/** Read a sign-in or refresh answer. */
export function readToken(answer: unknown, nowMs: number): Token {
  const from = fields(answer, "sign-in answer");
  const { access_token: accessToken, expires_in: expiresIn, subject, roles } = from;
  if (typeof accessToken !== "string" || typeof expiresIn !== "number") throw new BadMessage("no token in the answer");
  return {
    accessToken,
    expiresAtMs: nowMs + expiresIn * 1000,
    subject: typeof subject === "string" ? subject : "",
    institution: institutionOf(accessToken),
    roles: Array.isArray(roles) ? roles.filter((role): role is string => typeof role === "string") : [],
  };
}

/** The institution claim, for display only: the server decides by its own reading. */
export function institutionOf(jwt: string): string {
  try {
    const payload = (jwt.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const claim = fields(json(atob(payload)), "claims")["institution"];
    return typeof claim === "string" ? claim : "";
  } catch {
    return "";
  }
}

/** Milliseconds until the token is to be renewed. */
export function renewInMs(token: Token, lifeMs: number, nowMs: number): number {
  return Math.max(RENEW_MIN_MS, token.expiresAtMs - nowMs - lifeMs * RENEW_BEFORE);
}

export function isExpired(token: Token, nowMs: number): boolean {
  return token.expiresAtMs <= nowMs;
}

/** The one-use sign-in code in an address's fragment; empty where there is none. */
export function codeIn(hash: string): string {
  const found = /^#signin=([A-Za-z0-9._~-]{8,4096})$/.exec(hash);
  return found?.[1] ?? "";
}

/** Accept what people paste: the code alone or the whole link. */
export function codeFromPaste(pasted: string): string {
  const trimmed = pasted.trim();
  const at = trimmed.indexOf("#signin=");
  return at < 0 ? trimmed : trimmed.slice(at + "#signin=".length);
}
