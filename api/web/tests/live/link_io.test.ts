import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LiveLink, type LinkPorts } from "../../src/live/link_io";
import type { LinkState } from "../../src/live/link";
import { readTold, type Told } from "../../src/wire/live";

class FakeSocket {
  readyState = 1;
  binaryType = "";
  said: string[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  send(text: string): void {
    this.said.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const JOINED = { type: "joined", source: "probe", session: {}, server_time_ns: "1" };
const TICK = { type: "tick", server_time_ns: "1", newest: 1, state: "live", counts: {}, dropped: 0 };

function start(askTicket: () => Promise<string> = () => Promise.resolve("t")) {
  const sockets: FakeSocket[] = [];
  const states: LinkState[] = [];
  const told: Told[] = [];
  const bad: unknown[] = [];
  const ports: LinkPorts<Told> = {
    askTicket: vi.fn(askTicket),
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    join: () => ({ source: "", resolution: "auto" }),
    read: readTold,
    onState: (state) => states.push(state),
    onFrame: () => undefined,
    onTold: (message) => told.push(message),
    onBadMessage: (error) => bad.push(error),
  };
  const link = new LiveLink(ports);
  const over = link.run();
  return { link, over, ports, sockets, states, told, bad };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", { OPEN: 1 });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the live link", () => {
  it("joins with a ticket and is live once the server says so", async () => {
    const { sockets, states, link, over } = start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.onopen?.();
    sockets[0]!.hear(JOINED);
    expect(JSON.parse(sockets[0]!.said[0]!)).toEqual({ type: "join", ticket: "t", source: "", resolution: "auto" });
    expect(states).toEqual(["asking", "opening", "live"]);
    link.close();
    await over;
    expect(states.at(-1)).toBe("closed");
  });

  it("comes back with a new ticket after a cut", async () => {
    const { sockets, ports, states, link } = start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(300);
    expect(ports.askTicket).toHaveBeenCalledTimes(2);
    expect(sockets).toHaveLength(2);
    expect(states).toContain("waiting");
    link.close();
  });

  it("takes three seconds of silence for a cut, though the socket says nothing", async () => {
    const { sockets, states, link } = start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.hear(JOINED);
    for (let i = 0; i < 8; i++) {
      await vi.advanceTimersByTimeAsync(250);
      sockets[0]!.hear(TICK);
    }
    expect(states.at(-1)).toBe("live");
    await vi.advanceTimersByTimeAsync(3_500);
    expect(states).toContain("waiting");
    expect(sockets[0]!.readyState).toBe(3);
    link.close();
  });

  it("hears nothing more of a socket it left", async () => {
    const { sockets, told, link } = start();
    await vi.advanceTimersByTimeAsync(0);
    const left = sockets[0]!;
    left.onclose?.({ code: 1006 });
    left.hear(TICK);
    expect(told).toEqual([]);
    link.close();
  });

  it("ends with the exam, and where the server refuses, without asking again", async () => {
    const ending = start();
    await vi.advanceTimersByTimeAsync(0);
    ending.sockets[0]!.hear({ type: "end", reason: "sealed" });
    ending.sockets[0]!.onclose?.({ code: 1000 });
    await ending.over;
    expect(ending.states.at(-1)).toBe("ended");

    const refused = start(() => Promise.reject(Object.assign(new Error("no"), { status: 403 })));
    await refused.over;
    expect(refused.states.at(-1)).toBe("refused");
    expect(refused.ports.askTicket).toHaveBeenCalledTimes(1);
  });

  it("counts a message that it cannot read and goes on", async () => {
    const { sockets, bad, states, link } = start();
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.onmessage?.({ data: "{" });
    sockets[0]!.onmessage?.({ data: new ArrayBuffer(2) });
    sockets[0]!.hear(JOINED);
    expect(bad).toHaveLength(2);
    expect(states.at(-1)).toBe("live");
    link.close();
  });
});
