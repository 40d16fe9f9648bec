/** One viewport of Cornerstone3D: a stack of frames, where in it, and how it is looked at. */

import { Enums, imageLoader, type StackViewport, type Types } from "@cornerstonejs/core";
import { Enums as ToolEnums } from "@cornerstonejs/tools";
import { signal } from "@preact/signals";

import type { Look } from "../wire/room";
import type { Bench } from "./bench_io";
import { type Measure, measuresOn } from "./measures_io";
import { rangeOf, windowOf } from "./presets";
import type { Stack } from "./stack_io";

const AHEAD = 6; // frames fetched before they are due while it plays
const ZOOM_MAX = 64;
const CLOSE = 1e-3; // looks closer than this are the same

/** What a person did in the viewport, to be kept and told. */
export interface Done {
  readonly frame?: number;
  readonly look?: Look;
}

export class StackView {
  readonly stack = signal<Stack | null>(null);
  readonly position = signal(0);
  readonly isGrey = signal(false);
  readonly window = signal<{ readonly center: number; readonly width: number } | null>(null);
  readonly masked = signal(0);
  readonly measures = signal<readonly Measure[]>([]);
  readonly error = signal<unknown>(null);
  readonly busy = signal(false);
  private own: Look | null = null; // how the picture comes
  private applying = false;
  private moving = false;
  private wanted: number | null = null;
  private due: Look | null = null;
  private closed = false;
  private readonly ended = new AbortController();

  constructor(
    private readonly bench: Bench,
    private readonly id: string,
    private readonly element: HTMLDivElement,
    private readonly onDone: (done: Done) => void,
  ) {
    bench.enter(id, element);
    const on = (name: string, act: () => void): void => element.addEventListener(name, act, { signal: this.ended.signal });
    on(Enums.Events.STACK_NEW_IMAGE, () => this.newImage());
    on(Enums.Events.CAMERA_MODIFIED, () => this.looked());
    on(Enums.Events.VOI_MODIFIED, () => this.looked());
    on(ToolEnums.Events.ANNOTATION_RENDERED, () => this.measured());
  }

  private get viewport(): StackViewport {
    return this.bench.engine.getViewport(this.id) as StackViewport;
  }

  /** Show a stack from a frame on; `look`: how somebody looked at it before, or null. */
  async show(stack: Stack, frame: number, look: Look | null): Promise<void> {
    this.busy.value = true;
    this.error.value = null;
    this.due = look;
    const position = stack.positionOf(frame);
    try {
      await this.programmed(() => this.viewport.setStack([...stack.imageIds], position));
      if (this.closed) return;
      this.stack.value = stack;
      this.own = this.read();
      this.moved(position);
      if (this.due) this.look(this.due);
    } catch (error) {
      this.error.value = error;
    }
    this.busy.value = false;
  }

  /** Go to a place of the stack; of many wanted while one loads the last is gone to. */
  async go(position: number): Promise<void> {
    const last = (this.stack.peek()?.imageIds.length ?? 1) - 1;
    this.wanted = Math.min(last, Math.max(0, position));
    if (this.moving || this.busy.peek() || !this.stack.peek()) return;
    this.moving = true;
    while (this.wanted !== null && !this.closed) {
      const next = this.wanted;
      this.wanted = null;
      if (next === this.position.peek()) continue;
      try {
        await this.viewport.setImageIdIndex(next); // a person may zoom meanwhile: that is theirs, and told
        this.moved(next);
        this.error.value = null;
      } catch (error) {
        this.error.value = error;
        break;
      }
    }
    this.moving = false;
  }

  /** Have the frames behind a place ready; `loop`: the first ones follow the last. */
  prefetch(position: number): void {
    const ids = this.stack.peek()?.imageIds ?? [];
    for (let step = 1; step <= Math.min(AHEAD, ids.length - 1); step++) {
      const id = ids[(position + step) % ids.length];
      if (id) imageLoader.loadAndCacheImage(id).catch(() => undefined); // it is asked for again when it is due, and told then
    }
  }

  /** Look at it so. */
  look(look: Look): void {
    this.due = look;
    if (!this.stack.peek() || (this.own !== null && same(this.read(), look))) return;
    this.programmed(() => this.apply(look));
  }

  setWindow(center: number, width: number): void {
    this.viewport.setProperties({ voiRange: rangeOf(center, width) });
    this.viewport.render();
  }

  invert(): void {
    this.viewport.setProperties({ invert: !this.viewport.getProperties().invert });
    this.viewport.render();
    this.looked();
  }

  zoom(factor: number): void {
    this.viewport.setZoom(Math.min(ZOOM_MAX, Math.max(1, this.viewport.getZoom() * factor)));
    this.viewport.render();
  }

  reset(): void {
    this.viewport.resetCamera();
    if (this.own) this.programmed(() => this.own && this.apply(this.own));
    this.looked();
  }

  resize(): void {
    this.programmed(() => {
      this.bench.engine.resize(true, false);
      const look = this.due ?? this.own; // zoom counts from what fits the viewport, which is another size now
      if (look && this.stack.peek()) this.apply(look);
    });
  }

  /** Draw again, after a measure was taken away. */
  redraw(): void {
    this.viewport.render();
    this.measured();
  }

  close(): void {
    this.closed = true;
    this.ended.abort();
    this.bench.leave(this.id);
  }

  private moved(position: number): void {
    this.position.value = position;
    const id = this.stack.peek()?.imageIds[position] ?? "";
    this.masked.value = this.bench.frames.maskedOf(id);
    const image = this.viewport.getCornerstoneImage();
    this.isGrey.value = image !== undefined && !image.color;
    this.measured();
    Object.assign(this.element.dataset, { item: this.stack.peek()?.item.id, frame: this.stack.peek()?.numberAt(position) });
    this.told();
  }

  private newImage(): void {
    if (this.applying || this.moving || this.busy.peek()) return;
    const position = this.viewport.getCurrentImageIdIndex();
    this.moved(position);
    this.onDone({ frame: this.stack.peek()?.numberAt(position) ?? position });
  }

  private looked(): void {
    if (this.applying || this.busy.peek() || !this.stack.peek()) return;
    const look = this.read();
    this.told();
    if (this.due !== null && same(this.due, look)) return;
    this.due = look;
    this.onDone({ look });
  }

  private measured(): void {
    const id = this.viewport.getCurrentImageId();
    const found = id ? measuresOn(id) : [];
    if (JSON.stringify(found) !== JSON.stringify(this.measures.peek())) this.measures.value = found;
  }

  /** Say on the element how it is looked at, for tests and for whoever looks at the page with a tool. */
  private told(): void {
    const look = this.read();
    this.window.value = look.center === null || look.width === null ? null : { center: look.center, width: look.width };
    const { zoom, center, width, inverted } = look;
    const [from, to] = [this.onCanvas(0, 0), this.onCanvas(1, 0)];
    const scale = from && to ? to[0] - from[0] : 0;
    Object.assign(this.element.dataset, { zoom: zoom.toFixed(2), window: `${center ?? ""}/${width ?? ""}`, inverted: String(inverted), scale: scale.toFixed(4) });
  }

  private read(): Look {
    const { viewport } = this;
    const { voiRange, invert } = viewport.getProperties();
    const isColor = viewport.getCornerstoneImage()?.color ?? false;
    const window = voiRange && !isColor ? windowOf(voiRange) : null;
    const [x, y] = this.centre();
    return {
      zoom: Math.min(ZOOM_MAX, Math.max(1, viewport.getZoom())), x, y, center: window?.center ?? null, width: window?.width ?? null,
      inverted: invert ?? false,
    };
  }

  /** The picture's point in the middle of the viewport, in pixels from its edge. */
  private centre(): [number, number] {
    const { viewport } = this;
    const image = viewport.getImageData()?.imageData;
    if (!image) return [0, 0];
    const world = viewport.canvasToWorld([viewport.canvas.clientWidth / 2, viewport.canvas.clientHeight / 2]);
    const [x, y] = image.worldToIndex?.(world) ?? [];
    return [(x ?? 0) + 0.5, (y ?? 0) + 0.5];
  }

  /** Where a pixel's centre lies on the canvas, CSS pixels. */
  private onCanvas(x: number, y: number): Types.Point2 | null {
    const world = this.viewport.getImageData()?.imageData.indexToWorld?.([x, y, 0]);
    return world ? this.viewport.worldToCanvas(world as Types.Point3) : null;
  }

  private apply(look: Look): void {
    const { viewport } = this;
    viewport.setZoom(look.zoom);
    const point = this.onCanvas(look.x - 0.5, look.y - 0.5);
    if (point) {
      const [left, top] = point;
      const [panX, panY] = viewport.getPan();
      viewport.setPan([panX + viewport.canvas.clientWidth / 2 - left, panY + viewport.canvas.clientHeight / 2 - top]);
    }
    const voi = look.center !== null && look.width !== null ? { voiRange: rangeOf(look.center, look.width) } : {};
    viewport.setProperties({ ...voi, invert: look.inverted });
    viewport.render();
    this.told();
  }

  /** Do something whose events are not a person's doing. */
  private programmed<T>(act: () => T): T {
    const before = this.applying;
    this.applying = true;
    const back = (): void => {
      this.applying = before;
    };
    let result: T;
    try {
      result = act();
    } catch (error) {
      back();
      throw error;
    }
    if (result instanceof Promise) void result.finally(back).catch(() => undefined);
    else back();
    return result;
  }
}

function same(a: Look, b: Look): boolean {
  const near = (one: number | null, other: number | null, unit = 1): boolean =>
    one === null || other === null ? one === other : Math.abs(one - other) <= CLOSE * unit;
  return (
    near(a.zoom, b.zoom, 10) && near(a.x, b.x, 200) && near(a.y, b.y, 200) && near(a.center, b.center, 100) && near(a.width, b.width, 100) &&
    a.inverted === b.inverted
  );
}
