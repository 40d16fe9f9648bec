/** A WebSocket of ours (`huizhen.live.v1`, `huizhen.room.v1`): asks for a ticket, joins, comes back by itself after a cut. */

import { CROWDED_MS, waitMs } from "./backoff";
import { afterClose, afterRefusal, FINAL, type LinkState } from "./link";
import { type Frame, readFrame } from "../wire/live";

const SILENCE_MS = 3_000; // the live server ticks four times a second: twelve missing ticks are a dead link
const WATCH_MS = 500;

interface Message {
  readonly type: string;
}

export interface LinkPorts<T extends Message> {
  /** Ask for a one-use ticket; rejects with an error that may carry `status`. */
  askTicket(): Promise<string>;
  open(): WebSocket;
  /** What to join: read each time, so that a choice outlives a cut. */
  join(): object;
  onState(state: LinkState): void;
  /** Read a text message; null for one this page does not know. */
  read(raw: string): T | null;
  onFrame?(frame: Frame): void;
  onTold(told: T, askedMs: number): void;
  onBadMessage(error: unknown): void;
  /** How long a link may be silent before it is taken to be dead. */
  readonly silenceMs?: number;
}

interface Closed {
  readonly code: number;
  readonly ended: boolean;
}

export class LiveLink<T extends Message> {
  private socket: WebSocket | null = null;
  private stopped = false;
  private attempt = 0;
  private wake: () => void = () => undefined;
  private hangUp: () => void = () => undefined;
  private readonly online = (): void => this.wake();

  constructor(private readonly ports: LinkPorts<T>) {}

  /** Run until the exam ends, the server refuses, or `close`. */
  async run(): Promise<void> {
    globalThis.addEventListener("online", this.online);
    let state: LinkState = "asking";
    while (!FINAL.has(state) && !this.stopped) {
      state = await this.once();
      if (this.stopped) state = "closed";
      this.ports.onState(state);
      if (!FINAL.has(state)) await this.pause(state === "crowded" ? CROWDED_MS : waitMs(this.attempt++, Math.random()));
    }
    globalThis.removeEventListener("online", this.online);
  }

  say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Leave and join again at once, with a new ticket. */
  rejoin(): void {
    this.attempt = 0;
    this.hangUp();
    this.wake();
  }

  close(): void {
    this.stopped = true;
    this.hangUp();
    this.wake();
  }

  private async once(): Promise<LinkState> {
    this.ports.onState("asking");
    let ticket: string;
    try {
      ticket = await this.ports.askTicket();
    } catch (error) {
      return afterRefusal((error as { status?: number }).status ?? 0);
    }
    if (this.stopped) return "closed";
    this.ports.onState("opening");
    const { code, ended } = await this.talk(ticket);
    return afterClose(code, ended);
  }

  private talk(ticket: string): Promise<Closed> {
    return new Promise((resolve) => {
      const socket = this.ports.open();
      socket.binaryType = "arraybuffer";
      this.socket = socket;
      let askedMs = performance.now();
      let heardMs = askedMs;
      let ended = false;
      const finish = (code: number): void => {
        clearInterval(watch);
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
        this.socket = null;
        resolve({ code, ended });
      };
      // a cut network closes nothing: silence is the sign
      const watch = setInterval(() => performance.now() - heardMs > (this.ports.silenceMs ?? SILENCE_MS) && finish(0), WATCH_MS);
      this.hangUp = () => finish(0);
      socket.onopen = () => {
        askedMs = performance.now();
        this.say({ type: "join", ticket, ...this.ports.join() });
      };
      socket.onclose = (event) => finish(event.code);
      socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
        heardMs = performance.now();
        ended = this.hear(data, askedMs) || ended;
      };
    });
  }

  private hear(data: ArrayBuffer | string, askedMs: number): boolean {
    try {
      if (typeof data !== "string") {
        this.ports.onFrame?.(readFrame(data));
        return false;
      }
      const told = this.ports.read(data);
      if (told?.type === "joined") {
        this.attempt = 0;
        this.ports.onState("live");
      }
      if (told) this.ports.onTold(told, askedMs);
      return told?.type === "end";
    } catch (error) {
      this.ports.onBadMessage(error);
      return false;
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.stopped) this.wake();
    });
  }
}

/** Open a socket of the API; `path` below the page's own address. */
export function openSocket(path: string, subprotocol: string): WebSocket {
  const url = new URL(path, document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url, subprotocol);
}
