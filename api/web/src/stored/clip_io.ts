/** The stored clip of one source: fetches coded frames, decodes them like live ones, plays them at a chosen rate. */

import { computed, signal } from "@preact/signals";

import type { Client } from "../api/client_io";
import { passes, type Problem } from "../api/problem";
import type { Geometry } from "../api/types";
import { Decoder } from "../picture/decoder_io";
import { Stage } from "../picture/stage_io";
import { valuesOf } from "../picture/values";
import { parse } from "../wire/codestream";
import { FrameCache } from "./cache";
import type { StoredRun } from "./runs";
import { advance, type Start, stepped, wanted } from "./play";
import { EMPTY, positionOf, type Spot, spotAt, type Timeline, timeline } from "./timeline";

const FETCHES_MAX = 4; // at once: enough to fill a thin link, few enough to drop when a person scrubs on

const REST_S = 1;

export class StoredClip {
  readonly clip = signal<Timeline>(EMPTY);
  readonly position = signal(0);
  readonly playing = signal(false);
  readonly rateHz = signal(30);
  readonly shown = signal<Spot | null>(null);
  readonly source = signal("");
  /** The geometry of the shown frame. */
  readonly geometry = signal<Geometry | null>(null);
  /** Tiles of the shown frame that are blanked for this viewer. */
  readonly masked = signal(0);
  readonly error = signal<unknown>(null);
  readonly fetching = computed(() => {
    const due = spotAt(this.clip.value, this.position.value);
    return due !== null && this.error.value === null && !same(due, this.shown.value);
  });
  readonly stage = new Stage(() => (this.needsWhole = true));

  private readonly decoder = new Decoder();
  private readonly cache = new FrameCache();
  private readonly fetches = new Map<string, AbortController>();
  private start: Start = { frame: 0, atMs: 0 };
  private drawing = false;
  private needsWhole = true;
  private closed = false;
  private frameRequest = 0;

  constructor(
    private readonly api: Client,
    private readonly session: string,
  ) {}

  /** Take a new list of what is stored; the frame that is shown stays. */
  update(runs: readonly StoredRun[], source: string): void {
    const before = spotAt(this.clip.peek(), this.position.peek());
    if (source !== this.source.peek()) this.stage.reset(); // another source has another window
    this.source.value = source;
    this.clip.value = timeline(runs, source);
    this.position.value = before ? positionOf(this.clip.peek(), before.number) : 0;
    this.restart();
    this.want();
  }

  seek(position: number): void {
    this.position.value = stepped(position, 0, this.clip.peek().frames);
    this.restart();
    this.want();
  }

  /** Go to a frame by its number, or to the nearest stored one before it. */
  show(number: number): void {
    this.playing.value = false;
    const position = positionOf(this.clip.peek(), number);
    if (position !== this.position.peek()) this.seek(position);
  }

  step(by: number): void {
    this.playing.value = false;
    this.seek(this.position.peek() + by);
  }

  play(playing: boolean): void {
    this.playing.value = playing;
    this.restart();
    if (playing && !this.frameRequest) this.frameRequest = requestAnimationFrame(() => this.tick());
    this.want();
  }

  setRate(rateHz: number): void {
    this.rateHz.value = rateHz;
    this.restart();
  }

  retry(): void {
    this.error.value = null;
    this.want();
  }

  close(): void {
    this.closed = true;
    this.playing.value = false;
    cancelAnimationFrame(this.frameRequest);
    for (const fetching of this.fetches.values()) fetching.abort();
    this.decoder.close();
    this.stage.close();
  }

  private restart(): void {
    this.start = { frame: this.position.peek(), atMs: performance.now() };
  }

  private tick(): void {
    this.frameRequest = this.playing.peek() ? requestAnimationFrame(() => this.tick()) : 0;
    if (!this.playing.peek()) return;
    if (this.fetching.peek()) return; // a frame that has not come yet is waited for
    const { frame, start } = advance(
      this.start, this.position.peek(), performance.now(), this.rateHz.peek(), this.clip.peek().frames,
    );
    this.start = start;
    if (frame === this.position.peek()) return;
    this.position.value = frame;
    this.want();
  }

  /** Fetch what is wanted, stop what is not, draw what is there. */
  private want(): void {
    const spots = wanted(this.position.peek(), this.clip.peek().frames, this.playing.peek())
      .map((position) => spotAt(this.clip.peek(), position))
      .filter((spot): spot is Spot => spot !== null);
    const keys = new Set(spots.map(keyOf));
    for (const [key, fetching] of this.fetches) if (!keys.has(key)) fetching.abort();
    for (const spot of spots) {
      if (this.fetches.size >= FETCHES_MAX || this.error.peek() !== null) break;
      if (!this.cache.has(keyOf(spot)) && !this.fetches.has(keyOf(spot))) void this.fetchFrame(spot);
    }
    void this.draw();
  }

  private async fetchFrame(spot: Spot): Promise<void> {
    const key = keyOf(spot);
    const abort = new AbortController();
    this.fetches.set(key, abort);
    const path = `v1/sessions/${encodeURIComponent(this.session)}/instances/${spot.uid}/frames/${spot.frame}`;
    try {
      this.cache.put(key, await this.api.frame(path, abort.signal));
    } catch (error) {
      if (!abort.signal.aborted && passes(error)) await rest((error as Problem).retryAfterS);
      else if (!abort.signal.aborted) this.error.value = error;
    }
    this.fetches.delete(key);
    if (!this.closed && this.error.peek() === null) this.want();
  }

  private async draw(): Promise<void> {
    const spot = spotAt(this.clip.peek(), this.position.peek());
    const coded = spot && this.cache.get(keyOf(spot));
    if (!spot || !coded || this.drawing || (same(spot, this.shown.peek()) && !this.needsWhole)) return;
    this.drawing = true;
    try {
      const { header } = parse(new Uint8Array(coded.bytes));
      const picture = await this.decoder.decode(coded.bytes.slice(0), 0, 0, this.needsWhole);
      const full = { width: header.columns, height: header.rows };
      this.needsWhole = !this.stage.show(picture, full, coded.geometry && valuesOf(coded.geometry));
      this.masked.value = coded.masked;
      this.geometry.value = coded.geometry;
      this.shown.value = spot;
      Object.assign(this.stage.canvas.dataset, { number: spot.number, uid: spot.uid });
    } catch (error) {
      this.needsWhole = true;
      this.error.value = error;
    }
    this.drawing = false;
    if (!this.closed && this.error.peek() === null) void this.draw(); // the position may have moved on meanwhile
  }
}

/** Wait before asking again; the frame that waits keeps its place among the fetches, so nothing is asked meanwhile. */
function rest(retryAfterS: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(REST_S, retryAfterS)));
}

function keyOf(spot: Spot): string {
  return `${spot.uid}/${spot.frame}`;
}

function same(a: Spot, b: Spot | null): boolean {
  return b !== null && a.uid === b.uid && a.frame === b.frame;
}
