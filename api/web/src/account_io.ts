/** Who is signed in on this tab. The token lives in the tab's session storage alone and is renewed while it lives. */

import { signal } from "@preact/signals";

import { makeClient } from "./api/client_io";
import { codeIn, isExpired, readToken, renewInMs, type Token } from "./api/token";

const KEY = "huizhen.token";

export type Phase = "starting" | "signed_out" | "expired" | "signed_in";

export const phase = signal<Phase>("starting");
export const token = signal<Token | null>(null);
export const client = makeClient(() => token.peek(), () => forget("expired"));

let renewal: ReturnType<typeof setTimeout> | undefined;

function keep(fresh: Token): void {
  const lifeMs = fresh.expiresAtMs - Date.now();
  token.value = fresh;
  phase.value = "signed_in";
  sessionStorage.setItem(KEY, JSON.stringify(fresh));
  clearTimeout(renewal);
  renewal = setTimeout(() => void renew(), renewInMs(fresh, lifeMs, Date.now()));
}

function forget(next: Phase): void {
  clearTimeout(renewal);
  token.value = null;
  sessionStorage.removeItem(KEY);
  if (phase.peek() === "signed_in" || next === "signed_out") phase.value = next;
}

async function renew(): Promise<void> {
  const held = token.peek();
  if (!held) return;
  try {
    keep(readToken(await client.post<unknown>("v1/refresh", {}), Date.now()));
  } catch {
    // 401 was dealt with by the client; anything else is tried again while the token lives
    if (!token.peek()) return;
    if (isExpired(held, Date.now())) forget("expired");
    else renewal = setTimeout(() => void renew(), 5_000);
  }
}

/** Exchange a one-use code; rejects with a Problem. */
export async function signIn(code: string): Promise<void> {
  keep(readToken(await client.post<unknown>("v1/sign-in", { code }), Date.now()));
}

export async function signOut(): Promise<void> {
  await client.post("v1/sign-out", {}).catch(() => undefined); // the token is forgotten here whatever the server says
  forget("signed_out");
}

function restored(): Token | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Token | null;
    return kept && typeof kept.accessToken === "string" && !isExpired(kept, Date.now()) ? kept : null;
  } catch {
    return null;
  }
}

/** Take the code out of the address before anything else can see it; give it, or "". */
export function takeCode(): string {
  const code = codeIn(location.hash);
  if (code) history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  return code;
}

/** Begin: with a code from the address, else with what this tab kept. Gives the error of a code that was refused. */
export async function begin(code: string): Promise<unknown> {
  const kept = restored();
  if (kept) keep(kept);
  if (code) {
    try {
      await signIn(code);
    } catch (error) {
      if (!kept) phase.value = "signed_out";
      return error;
    }
  }
  if (phase.peek() === "starting") phase.value = "signed_out";
  return null;
}
