/** Brings the live picture: true pixels over the socket, lossy video where that does not do (see `way`). */

import { signal } from "@preact/signals";

import type { Client } from "../api/client_io";
import type { Picture } from "../picture/samples";
import { type Frame, type FrameHeader, readTold, type Resolution, SUBPROTOCOL, type Told } from "../wire/live";
import { waitMs } from "./backoff";
import { FINAL, type LinkState } from "./link";
import { LiveLink, openSocket } from "./link_io";
import { carries, DOWN_MS, isThin, type Load, PROBE_MS, restMs } from "./way";
import { Video } from "./whep_io";

const LOOK_MS = 250;
const LOADS_KEPT = 40; // ten seconds of ticks

/** Why video is shown: the socket is down, the link too thin for it, or a person chose so. */
type Why = "down" | "thin" | "chosen";

/** A resolution of true pixels, or video. */
export type Choice = Resolution | "video";

export interface CarrierPorts {
  readonly api: Client;
  readonly session: string;
  source(): string;
  onState(state: LinkState): void;
  onFrame(frame: Frame): void;
  /** A lossy picture. */
  onPicture(header: FrameHeader, picture: Picture): void;
  onTold(told: Told, askedMs: number): void;
  onBadMessage(error: unknown): void;
  /** Age of a frame captured then, by the server's clock; null where that is not known. */
  ageMs(capturedMs: number): number | null;
}

export class Carrier {
  readonly choice = signal<Choice>("auto");
  /** Whether the pictures that come are lossy video. */
  readonly lossy = signal(false);
  /** Whether this site has video, as far as is known. */
  readonly offered = signal(true);
  private socket: LiveLink<Told> | null = null;
  private socketState: LinkState = "asking";
  private downMs = performance.now();
  private video: Video | null = null;
  private videoFor: Why | null = null;
  private videoRun = 0;
  private attempt = 0;
  private loads: Load[] = [];
  private came = 0;
  private newest: FrameHeader | null = null;
  private thinTimes = 0;
  private restsUntilMs: number | null = null;
  private closed = false;
  private wake: () => void = () => undefined;
  private readonly timer = setInterval(() => this.look(), LOOK_MS);

  constructor(private readonly ports: CarrierPorts) {
    this.connect();
  }

  say(message: object): void {
    this.socket?.say(message);
  }

  choose(choice: Choice): void {
    this.choice.value = choice;
    if (choice === "video") {
      this.want("chosen");
      return;
    }
    this.thinTimes = 0;
    if (this.videoFor !== null) this.videoFor = "down"; // until the first true picture
    if (this.socket === null) this.connect();
    else if (this.restsUntilMs === null) this.socket.say({ type: "resolution", value: choice });
    this.restsUntilMs = null;
  }

  /** Leave and join again at once: another source is watched. */
  rejoin(): void {
    this.loads = [];
    this.socket?.rejoin();
    this.video?.close();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.want(null);
    this.socket?.close();
  }

  /** Is the socket tried again although it was too thin, while video is shown? */
  private get probes(): boolean {
    return this.socket !== null && this.restsUntilMs !== null;
  }

  private connect(): void {
    this.loads = [];
    this.came = 0;
    this.newest = null;
    this.socketState = "asking";
    this.downMs = performance.now();
    const { api, session } = this.ports;
    const socket: LiveLink<Told> = new LiveLink<Told>({
      askTicket: async () => (await api.post<{ ticket: string }>("v1/tickets", { purpose: "live", session })).ticket,
      open: () => openSocket(`v1/sessions/${encodeURIComponent(session)}/live`, SUBPROTOCOL),
      join: () => ({ source: this.ports.source(), resolution: this.asked() }),
      read: readTold,
      onState: (state) => socket === this.socket && this.turn(state),
      onFrame: (frame) => socket === this.socket && this.take(frame),
      onTold: (told, askedMs) => socket === this.socket && this.hear(told, askedMs),
      onBadMessage: (error) => this.ports.onBadMessage(error),
    });
    this.socket = socket;
    void socket.run();
  }

  private asked(): Resolution {
    const choice = this.choice.peek();
    if (this.restsUntilMs !== null) return "quarter";
    return choice === "video" ? "auto" : choice;
  }

  private rest(forMs: number): void {
    this.restsUntilMs = performance.now() + forMs;
    this.socket?.close();
    this.socket = null;
  }

  private turn(state: LinkState): void {
    if (state === "live") this.loads = [];
    else if (this.socketState === "live") this.downMs = performance.now();
    this.socketState = state;
    if (FINAL.has(state)) this.want(null);
    if (!this.lossy.peek() || FINAL.has(state)) this.ports.onState(state);
  }

  private take(frame: Frame): void {
    this.came += 1;
    this.newest = frame.header;
    if (this.lossy.peek() && this.videoFor !== "down") {
      this.say({ type: "painted", number: frame.header.number, revision: frame.header.revision });
      return;
    }
    if (this.videoFor === "down") this.want(null);
    this.ports.onFrame(frame);
  }

  private hear(told: Told, askedMs: number): void {
    if (!this.lossy.peek() || told.type !== "tick") this.ports.onTold(told, askedMs);
    if (told.type !== "tick" || this.newest === null) return;
    const { discard, capturedMs } = this.newest;
    const load = { atMs: performance.now(), discard, came: this.came, dropped: told.dropped, ageMs: this.ports.ageMs(capturedMs) };
    this.loads = [...this.loads, load].slice(-LOADS_KEPT);
  }

  /** Four times a second: is the way still right? */
  private look(): void {
    const nowMs = performance.now();
    if (FINAL.has(this.socketState) || !this.offered.peek()) return;
    if (this.probes && carries(this.loads, PROBE_MS) !== null) {
      if (carries(this.loads, PROBE_MS)) {
        this.restsUntilMs = null;
        this.videoFor = "down"; // until the next true picture
        this.say({ type: "resolution", value: this.asked() });
      } else this.rest(restMs(++this.thinTimes));
    } else if (this.socket === null && this.choice.peek() !== "video" && nowMs >= (this.restsUntilMs ?? 0)) this.connect();
    else if (this.socket !== null && this.socketState !== "live" && nowMs - this.downMs > DOWN_MS) this.want("down");
    else if (this.restsUntilMs === null && isThin(this.loads)) this.want("thin");
  }

  private want(why: Why | null): void {
    if (why !== null && (this.closed || !this.offered.peek() || FINAL.has(this.socketState))) return;
    if (why === "down" && this.videoFor !== null) return;
    const runs = this.videoFor !== null;
    this.videoFor = why;
    if (why === null) {
      this.videoRun++;
      this.lossy.value = false;
      this.video?.close();
      this.wake();
    } else if (!runs) void this.runVideo(++this.videoRun);
  }

  /** Show video as long as it is wanted; where it cannot be had, the socket is what there is. */
  private async runVideo(run: number): Promise<void> {
    const isWanted = (): boolean => run === this.videoRun;
    const ports = {
      source: () => this.ports.source(),
      onTold: (told: Told, askedMs: number) => isWanted() && this.ports.onTold(told, askedMs),
      onPicture: (header: FrameHeader, picture: Picture) => isWanted() && this.paint(header, picture),
      onBadMessage: (error: unknown) => this.ports.onBadMessage(error),
    };
    this.attempt = 0;
    while (isWanted()) {
      const end = await Video.watch(this.ports.api, this.ports.session, ports, (video) => {
        if (isWanted()) this.video = video;
        else video.close();
      });
      if (!isWanted()) return;
      this.video = null;
      this.lossy.value = false;
      if (end === "none") this.giveUp();
      this.lost(end === "none" || end === "closed" ? "waiting" : end);
      if (end !== "closed" && isWanted()) await this.pause(waitMs(this.attempt++, Math.random()));
    }
  }

  /** This site has no video. */
  private giveUp(): void {
    this.offered.value = false;
    if (this.choice.peek() === "video") this.choice.value = "auto";
    this.want(null);
  }

  private paint(header: FrameHeader, picture: Picture): void {
    if (!this.lossy.peek()) {
      this.lossy.value = true;
      this.attempt = 0;
      this.ports.onState("live");
      if (this.videoFor === "chosen") this.rest(0);
      else if (this.videoFor === "thin") this.rest(restMs(++this.thinTimes));
    }
    this.ports.onPicture(header, picture);
  }

  /** The video is gone: the socket is tried at once. */
  private lost(end: LinkState): void {
    this.restsUntilMs = null;
    this.ports.onState(this.socketState === "live" && this.socket !== null ? "live" : end);
    if (end === "ended") this.want(null);
    if (this.socket === null) this.connect();
    else if (this.socketState !== "live") this.socket.rejoin();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
