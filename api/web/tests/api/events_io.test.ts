import { describe, expect, it } from "vitest";

import type { Client } from "../../src/api/client_io";
import { follow, type ServerEvent } from "../../src/api/events_io";
import { Problem } from "../../src/api/problem";

/** Answers each request with the next of `bodies`; a number is a refusal. Notes the Last-Event-ID of each. */
function server(bodies: readonly (readonly string[] | number)[]) {
  const asked: string[] = [];
  const client = {
    stream: (_path: string, lastId: string) => {
      const body = bodies[asked.push(lastId) - 1];
      if (body === undefined || typeof body === "number") return Promise.reject(new Problem(body ?? 404, "", ""));
      const chunks = body.map((text) => new TextEncoder().encode(text));
      return Promise.resolve(new Response(new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
      })));
    },
  } as unknown as Client;
  return { asked, client };
}

async function heard(bodies: readonly (readonly string[] | number)[]): Promise<{ events: ServerEvent[]; asked: string[] }> {
  const { asked, client } = server(bodies);
  const events: ServerEvent[] = [];
  await follow(client, "v1/queue/events", (event) => events.push(event), new AbortController().signal);
  return { events, asked };
}

describe("server-sent events", () => {
  it("are put together from pieces cut anywhere, even inside a character", async () => {
    const bytes = "event: verdict\nid: t/0/7\ndata: {\"a\":\"会\"}\n\n";
    const { events } = await heard([[bytes.slice(0, 9), bytes.slice(9, 34), bytes.slice(34)], 403]);
    expect(events).toEqual([{ id: "t/0/7", type: "verdict", data: '{"a":"会"}' }]);
  });

  it("resume behind the last event after a cut", async () => {
    const { asked, events } = await heard([["id: t/0/7\ndata: one\n\n", ": alive\n\n"], ["id: t/0/8\ndata: two\n\n"], 404]);
    expect(asked).toEqual(["", "t/0/7", "t/0/8"]);
    expect(events.map((event) => event.data)).toEqual(["one", "two"]);
    expect(events[0]?.type).toBe("message");
  });

  it("join several data lines and pass over fields they do not know", async () => {
    const { events } = await heard([["odd: x\r\ndata: a\r\ndata: b\r\n\r\n"], 401]);
    expect(events.map((event) => event.data)).toEqual(["a\nb"]);
  });

  it("are tried again where the server is not there for a moment", async () => {
    const { asked } = await heard([503, 0, 403]);
    expect(asked).toHaveLength(3);
  });

  it("end an event that is larger than a megabyte instead of keeping it", async () => {
    const { events } = await heard([["data: ", "x".repeat(1 << 20), "y"], 403]);
    expect(events).toEqual([]);
  });

  it("stop when nobody listens any more", async () => {
    const { client, asked } = server([["data: one\n\n"]]);
    const stop = new AbortController();
    await follow(client, "x", () => stop.abort(), stop.signal);
    expect(asked).toHaveLength(1);
  });
});
