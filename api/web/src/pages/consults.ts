/** The consultations this tab knows, kept fresh by events, and what may be done with them. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { client } from "../account_io";
import { follow } from "../api/events_io";
import type { Consult, Page } from "../api/types";
import { type Polled, usePolled } from "./polled";

const POLL_MS = 10_000; // events tell at once; polling is for when they cannot, and for positions that age
const SETTLE_MS = 300;
const KEPT = "huizhen.claims";
const PAGE = 100;

/** Transaction UIDs of claims made in this tab: whoever holds one has the claim. */
export const claims = signal<Readonly<Record<string, string>>>(keptClaims());

function keptClaims(): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

function keepClaim(consult: string, transactionUid: string): void {
  claims.value = { ...claims.peek(), [consult]: transactionUid };
  sessionStorage.setItem(KEPT, JSON.stringify(claims.peek()));
}

export function useConsults(): Polled<readonly Consult[]> {
  const polled = usePolled(async () => (await client.get<Page<Consult>>(`v1/consults?limit=${PAGE}`)).items, POLL_MS);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    void follow(client, "v1/queue/events", () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        polled.again();
      }, SETTLE_MS);
    }, stop.signal);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, []);
  return polled;
}

export interface Request {
  readonly session: string;
  readonly reason: string;
  readonly urgency: string;
  readonly specialty: string;
}

/** Ask for a consultation; `key` makes a repeated send the same request. */
export async function request(wish: Request, key: string): Promise<void> {
  await client.post("v1/consults", wish, { "idempotency-key": key });
}

export async function claim(consult: string): Promise<void> {
  const { transaction_uid: uid } = await client.post<{ transaction_uid: string }>(pathOf(consult, "claim"), {});
  keepClaim(consult, uid);
}

export async function cancel(consult: string): Promise<void> {
  const uid = claims.peek()[consult];
  await client.post(pathOf(consult, "cancel"), uid ? { transaction_uid: uid } : {});
}

export async function finish(consult: string): Promise<void> {
  await client.post(pathOf(consult, "finish"), { transaction_uid: claims.peek()[consult] ?? "" });
}

function pathOf(consult: string, act: string): string {
  return `v1/consults/${encodeURIComponent(consult)}/${act}`;
}
