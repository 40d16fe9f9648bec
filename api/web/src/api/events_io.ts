/** Server-sent events by fetch(), since EventSource cannot carry a bearer token; resumes where it was cut. */

import { EventSourceParserStream } from "eventsource-parser/stream";

import { waitMs } from "../live/backoff";
import type { Client } from "./client_io";
import { troubleOf } from "./problem";

export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

const SILENCE_MS = 45_000; // the server sends a comment at least every 15 s
const BUFFER_MAX = 1 << 20; // characters of one event

/** Read events until `signal` aborts or the server refuses for good; comes back after cuts. */
export async function follow(
  client: Client, path: string, onEvent: (event: ServerEvent) => void, signal: AbortSignal,
): Promise<void> {
  let lastId = "";
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await read(client, path, lastId, signal, (event) => {
        attempt = 0;
        lastId = event.id || lastId;
        onEvent(event);
      });
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === "signed_out" || trouble === "refused" || trouble === "absent") return;
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, waitMs(attempt, Math.random())));
  }
}

async function read(
  client: Client, path: string, lastId: string, signal: AbortSignal, onEvent: (event: ServerEvent) => void,
): Promise<void> {
  const quiet = new AbortController();
  const response = await client.stream(path, lastId, AbortSignal.any([signal, quiet.signal]));
  let silence = setTimeout(() => quiet.abort(), SILENCE_MS);
  const heard = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      clearTimeout(silence);
      silence = setTimeout(() => quiet.abort(), SILENCE_MS);
      controller.enqueue(chunk);
    },
  });
  try {
    const events = response.body
      ?.pipeThrough(heard)
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream({ maxBufferSize: BUFFER_MAX }))
      .getReader();
    for (let next = await events?.read(); next && !next.done; next = await events?.read()) {
      onEvent({ id: next.value.id ?? "", type: next.value.event ?? "message", data: next.value.data });
    }
  } finally {
    clearTimeout(silence);
  }
}
