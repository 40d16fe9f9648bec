/** The live picture of one session: link, decoder, stage, and what the page shows of them. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";

import type { Client } from "../api/client_io";
import type { Counts, Geometry, Session, Source } from "../api/types";
import { Decoder } from "../picture/decoder_io";
import { ageMs, JUDGE_EVERY_MS, lateness, learn, type Lateness, NO_CLOCK, type ServerClock, type Shown } from "../picture/freshness";
import { type FilledFrame, held, type Held } from "../picture/hold";
import { marks } from "../picture/marks";
import { Stage } from "../picture/stage_io";
import type { Picture } from "../picture/samples";
import { valuesOf } from "../picture/values";
import type { Values } from "../picture/window";
import { BadMessage } from "../wire/read";
import type { Frame, FrameHeader, Told } from "../wire/live";
import { Carrier, type Choice } from "./carrier_io";
import { type LinkState, SHUT } from "./link";
import { isNewer, isOvertaken } from "./order";
import { rateHz } from "./rate";
import { RecentFrames } from "./recent";

const PAINTED_KEPT = 60; // paint times over which the frame rate is told: two seconds at 30 a second

export interface Judged {
  readonly ageMs: number | null;
  readonly lateness: Lateness;
  readonly rateHz: number;
  readonly filled: Held | null;
}

export class LivePicture {
  readonly link = signal<LinkState>("asking");
  readonly session = signal<Session | null>(null);
  readonly state = signal<string>("");
  readonly counts = signal<Counts | null>(null);
  readonly frame = signal<FrameHeader | null>(null);
  readonly judged = signal<Judged>({ ageMs: null, lateness: "no", rateHz: 0, filled: null });
  readonly dropped = signal(0);
  readonly skipped = signal(0);
  readonly undecodable = signal(0);
  readonly source = signal("");
  /** The frame the picture is held still at; null while it runs. */
  readonly frozen = signal<number | null>(null);
  /** The geometry of the shown frame. */
  readonly geometry = signal<Geometry | null>(null);
  readonly stage = new Stage(() => (this.needsWhole = true));

  readonly sourceInfo = computed<Source | null>(
    () => this.session.value?.sources.find((one) => one.source === this.source.value) ?? null,
  );
  readonly marks = computed(() => {
    return marks({
      connected: this.link.value === "live" || SHUT.has(this.link.value),
      ended: this.link.value === "ended",
      lateness: this.judged.value.lateness,
      frozen: this.frozen.value !== null,
      frame: this.frame.value,
      filled: this.judged.value.filled,
      lossySource: this.sourceInfo.value?.lossy_image_compression === "01",
      unmaskedSource: this.sourceInfo.value?.unmasked ?? false,
      derived: false,
    });
  });

  private readonly decoder = new Decoder();
  private readonly values = new Map<number, Values>(); // by geometry; the server keeps at most 64 of a source
  private readonly geometries = new Map<number, Geometry>();
  private readonly recent = new RecentFrames();
  private readonly paintedMs: number[] = [];
  private readonly carrier: Carrier;
  private clock: ServerClock = NO_CLOCK;
  private shown: Shown | null = null;
  private lastFilled: { readonly frame: FilledFrame; readonly atMs: number } | null = null;
  private newest: FrameHeader | null = null;
  private acknowledged: FrameHeader | null = null;
  private decoding = false;
  private chosen: number | null = null; // the frame that stands for the one to be held until that comes
  private waiting: Frame | null = null;
  private needsWhole = true;
  private readonly timer = setInterval(() => this.judge(), JUDGE_EVERY_MS);
  private readonly judgeNow = (): void => this.judge();

  constructor(api: Client, sessionId: string) {
    this.carrier = new Carrier({
      api,
      session: sessionId,
      source: () => this.source.peek(),
      onState: (state) => this.turn(state),
      onFrame: (frame) => this.offer(frame),
      onPicture: (header, picture) => this.offerVideo(header, picture),
      onTold: (told, askedMs) => this.hear(told, askedMs),
      onBadMessage: () => this.undecodable.value++,
      ageMs: (capturedMs) => ageMs({ serverCapturedMs: capturedMs, progressMs: 0 }, this.clock, performance.now()),
    });
    document.addEventListener("visibilitychange", this.judgeNow); // timers sleep in hidden pages
  }

  get choice(): ReadonlySignal<Choice> {
    return this.carrier.choice;
  }

  /** Whether this site has video, as far as is known. */
  get hasVideo(): ReadonlySignal<boolean> {
    return this.carrier.offered;
  }

  choose(choice: Choice): void {
    this.carrier.choose(choice);
  }

  /** Watch another source of the session. */
  chooseSource(source: string): void {
    this.source.value = source;
    this.newest = this.shown = this.lastFilled = this.frame.value = this.waiting = this.frozen.value = null;
    this.recent.clear();
    this.needsWhole = true;
    this.carrier.rejoin();
  }

  /** Hold the picture still at a frame, or let it run on: the stream goes on meanwhile. */
  freeze(number: number | null): void {
    if (number === this.frozen.peek()) return;
    this.frozen.value = number;
    const frame = number === null ? this.recent.newest : this.recent.at(number);
    this.chosen = number === null ? null : (frame?.header.number ?? null);
    if (number !== null && this.waiting && isOvertaken(number, this.chosen, this.waiting.header.number)) this.waiting = null;
    if (number !== null && (frame?.header.number !== number || frame.header.discard > 0)) this.carrier.say({ type: "frame", number });
    if (frame === null || frame.header.number === this.frame.peek()?.number) return;
    this.needsWhole = true;
    this.due(frame);
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.judgeNow);
    clearInterval(this.timer);
    this.carrier.close();
    this.decoder.close();
    this.stage.close();
  }

  private turn(state: LinkState): void {
    this.link.value = state;
    if (!SHUT.has(state)) return;
    this.shown = this.lastFilled = this.waiting = this.frame.value = null;
    this.stage.hide();
  }

  private hear(told: Told, askedMs: number): void {
    const nowMs = performance.now();
    if (told.type === "joined") {
      this.acknowledged = null;
      this.session.value = told.session;
      this.source.value = told.source;
      this.state.value = told.session.state;
      this.clock = learn(NO_CLOCK, told.serverMs, nowMs, askedMs);
    } else if (told.type === "tick") {
      this.clock = learn(this.clock, told.serverMs, nowMs);
      this.state.value = told.state;
      this.counts.value = told.counts;
      this.dropped.value = told.dropped;
    } else if (told.type === "geometry") {
      this.learnGeometry(told.geometry);
    }
  }

  private learnGeometry(geometry: Geometry): void {
    this.values.set(geometry.id, valuesOf(geometry));
    this.geometries.set(geometry.id, geometry);
  }

  private offer(frame: Frame): void {
    if (frame.header.source !== this.source.peek()) throw new BadMessage("a frame of another source");
    if (this.isHeld(frame.header)) {
      this.needsWhole = true;
      this.due(frame);
      return;
    }
    if (!isNewer(this.newest, frame.header)) {
      this.acknowledge(frame.header);
      return;
    }
    this.newest = frame.header;
    this.recent.add(frame);
    if (this.frozen.peek() !== null) this.acknowledge(frame.header);
    else this.due(frame);
  }

  /** Show a picture of the video; nothing is kept of it. */
  private offerVideo(header: FrameHeader, picture: Picture): void {
    if (header.source !== this.source.peek() || !isNewer(this.newest, header)) return;
    this.newest = header;
    this.recent.clear(); // what is held from now on is what is shown, not an older frame
    if (SHUT.has(this.link.peek()) || isOvertaken(this.frozen.peek(), this.chosen, header.number)) return;
    this.needsWhole = true;
    if (this.stage.show(picture, { width: header.columns, height: header.rows }, null)) this.painted(header);
  }

  /** Is it the frame that was asked for to be held, and not shown so finely yet? */
  private isHeld({ number, discard }: FrameHeader): boolean {
    const shown = this.frame.peek();
    return number === this.frozen.peek() && (shown?.number !== number || discard < shown.discard);
  }

  private due(frame: Frame): void {
    if (!this.decoding) void this.decode(frame);
    else {
      if (this.waiting) this.skipped.value++; // newest wins: this device cannot decode as fast as they come
      this.waiting = frame;
    }
  }

  private async decode(frame: Frame): Promise<void> {
    this.decoding = true;
    try {
      const { header } = frame;
      const picture = await this.decoder.decode(frame.bytes, frame.offset, header.discard, this.needsWhole);
      const full = { width: header.columns, height: header.rows };
      // a viewer who was sent away, or held the picture still, while this one was decoded does not see it
      const away = SHUT.has(this.link.peek()) || isOvertaken(this.frozen.peek(), this.chosen, header.number) || this.isBehindVideo(header);
      this.needsWhole = away || !this.stage.show(picture, full, this.values.get(header.geometry) ?? null);
      if (!this.needsWhole) this.painted(header);
    } catch {
      this.needsWhole = true;
      this.undecodable.value++;
    }
    this.acknowledge(frame.header);
    this.decoding = false;
    const next = this.waiting;
    this.waiting = null;
    if (next) void this.decode(next);
  }

  /** Did video show a later frame while this one was decoded? */
  private isBehindVideo(header: FrameHeader): boolean {
    const shown = this.frame.peek();
    return this.frozen.peek() === null && shown !== null && shown.video && !isNewer(shown, header);
  }

  private painted(header: FrameHeader): void {
    const nowMs = performance.now();
    const rose = header.number > (this.frame.peek()?.number ?? -1);
    this.shown = { serverCapturedMs: header.capturedMs, progressMs: rose ? nowMs : (this.shown?.progressMs ?? nowMs) };
    this.paintedMs.push(nowMs);
    if (this.paintedMs.length > PAINTED_KEPT) this.paintedMs.shift();
    this.frame.value = header;
    this.geometry.value = this.geometries.get(header.geometry) ?? null;
    if (header.origins.length > 0) this.lastFilled = { frame: filledFrame(header), atMs: nowMs };
    if (header.origins.length > 0 || this.judged.peek().filled?.now) this.judge();
    Object.assign(this.stage.canvas.dataset, {
      number: header.number, revision: header.revision, discard: header.video ? "video" : header.discard, source: header.source,
      exact: header.exact, filled: header.origins.length,
    });
  }

  private acknowledge(header: FrameHeader): void {
    if (this.acknowledged && !isNewer(this.acknowledged, header)) return; // it stands for all before it
    this.acknowledged = header;
    this.carrier.say({ type: "painted", number: header.number, revision: header.revision });
  }

  private judge(): void {
    const nowMs = performance.now();
    const frame = this.frame.peek();
    this.judged.value = {
      ageMs: ageMs(this.shown, this.clock, nowMs),
      lateness: lateness(this.shown, this.clock, nowMs),
      rateHz: rateHz(this.paintedMs, nowMs),
      filled: held(frame && filledFrame(frame), this.lastFilled?.frame ?? null, this.lastFilled?.atMs ?? 0, nowMs),
    };
  }
}

function filledFrame({ number, columns, rows, tile, origins }: FrameHeader): FilledFrame {
  return { number, tiles: Math.ceil(columns / tile) * Math.ceil(rows / tile), origins };
}
