/** Requests to the API: bearer token on each, problems as errors, a bound on every wait. */

import { type CodedFrame, codedFrame } from "../stored/coded";
import { Problem, readProblem } from "./problem";
import type { Token } from "./token";

const REQUEST_MS = 15_000; // a stored frame over a thin link takes seconds; longer is a dead link
const DOWNLOAD_MS = 300_000; // 48 MiB at 160 KB/s

export interface Client {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object, headers?: Record<string, string>): Promise<T>;
  frame(path: string, signal?: AbortSignal): Promise<CodedFrame>;
  download(path: string): Promise<Blob>;
  text(path: string): Promise<string>;
  send<T>(path: string, body: Blob): Promise<T>;
  /** The Link header that names a video's relays. */
  relays(path: string): Promise<{ readonly relays: string }>;
  /** Offer SDP; gives the answer and where the video is ended. */
  offer(path: string, sdp: string): Promise<{ readonly sdp: string; readonly place: string }>;
  end(place: string): Promise<void>;
  stream(path: string, lastEventId: string, signal: AbortSignal): Promise<Response>;
}

/** `token` gives the current token; `onSignedOut` is told when the server takes it no more. */
export function makeClient(token: () => Token | null, onSignedOut: () => void): Client {
  async function send(path: string, init: RequestInit, limitMs: number, asked?: AbortSignal): Promise<Response> {
    const limit = limitMs > 0 ? [AbortSignal.timeout(limitMs)] : [];
    const signal = AbortSignal.any([...limit, ...(asked ? [asked] : [])]);
    const response = await fetch(new URL(path.replace(/^\//, ""), document.baseURI), {
      ...init, signal, headers: { ...init.headers, ...bearer(token()) }, cache: "no-store", credentials: "omit",
    }).catch((error: unknown) => {
      if (asked?.aborted) throw error;
      throw new Problem(0, "", "");
    });
    if (response.ok) return response;
    if (response.status === 401) onSignedOut();
    throw readProblem(response.status, await response.text().catch(() => ""), response.headers.get("retry-after"));
  }
  return {
    get: async <T>(path: string) => (await (await send(path, {}, REQUEST_MS)).json()) as T,
    post: async <T>(path: string, body: object, headers: Record<string, string> = {}) => {
      const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
      const response = await send(path, init, REQUEST_MS);
      return (response.status === 204 ? {} : await response.json()) as T;
    },
    frame: async (path, signal) => {
      const response = await send(path, {}, REQUEST_MS, signal);
      return codedFrame(await response.arrayBuffer(), response.headers);
    },
    download: async (path) => (await send(path, {}, DOWNLOAD_MS)).blob(),
    text: async (path) => (await send(path, {}, REQUEST_MS)).text(),
    send: async <T>(path: string, body: Blob) => {
      const init = { method: "POST", body, headers: { "content-type": body.type } };
      return (await (await send(path, init, DOWNLOAD_MS)).json()) as T;
    },
    relays: async (path) => ({ relays: (await send(path, { method: "OPTIONS" }, REQUEST_MS)).headers.get("link") ?? "" }),
    offer: async (path, sdp) => {
      const response = await send(path, { method: "POST", body: sdp, headers: { "content-type": "application/sdp" } }, REQUEST_MS);
      return { sdp: await response.text(), place: response.headers.get("location") ?? "" };
    },
    end: async (place) => void (await send(place, { method: "DELETE", keepalive: true }, REQUEST_MS)),
    stream: (path, lastEventId, signal) => {
      const resume = lastEventId ? { "last-event-id": lastEventId } : {};
      return send(path, { headers: { accept: "text/event-stream", ...resume } }, 0, signal);
    },
  };
}

function bearer(token: Token | null): Record<string, string> {
  return token ? { authorization: `Bearer ${token.accessToken}` } : {};
}
