/** One picture on the page: its canvas and painter, its window, its zoom. Used by the live and the stored pane alike. */

import { computed, signal } from "@preact/signals";

import { makePainter, type Painter, type Tone } from "./painter";
import { type Picture, type PictureFormat, sameFormat } from "./samples";
import type { Look } from "../wire/room";
import { centredAt, centreOf, held, panned, type Size, type View, WHOLE, zoomed } from "./view";
import { dragged, firstWindow, isInverted, type Values, type Window } from "./window";

export type Tool = "window" | "pan";

export class Stage {
  readonly canvas = document.createElement("canvas");
  readonly format = signal<PictureFormat | null>(null);
  readonly view = signal<View>(WHOLE);
  readonly tool = signal<Tool>("window");
  readonly pane = signal<Size>({ width: 0, height: 0 });
  /** The window a person set; null: the stream's own. */
  private readonly chosen = signal<Window | null>(null);
  private readonly values = signal<Values | null>(null);
  readonly inverted = signal(false);
  /** How somebody else looks at it, whom this stage follows; null: a person looks around here. */
  private followed: Look | null = null;
  /** Side of the full-size picture, in which zoom and outlines are counted. */
  readonly full = signal<Size>({ width: 0, height: 0 });
  readonly isGrey = computed(() => this.format.value?.components === 1);
  readonly window = computed<Window>(() => {
    const format = this.format.value;
    if (this.chosen.value) return this.chosen.value;
    return format ? firstWindow(format, this.values.value) : { center: 128, width: 256 };
  });
  private painter: Painter | null = null;

  constructor(private readonly onLost: () => void) {
    this.canvas.className = "picture-canvas";
  }

  /** Draw what changed; false where nothing could be drawn. */
  show(picture: Picture, full: Size, values: Values | null): boolean {
    if (!sameFormat(this.format.peek(), picture.format)) this.format.value = picture.format;
    if (this.full.peek().width !== full.width || this.full.peek().height !== full.height) this.resize(full);
    if (this.values.peek() !== values) this.values.value = values;
    this.painter ??= makePainter(this.canvas, this.onLost, Stage.plain);
    if (!this.painter.fits(picture.format.columns, picture.format.rows)) throw new Error("too large for this device");
    const drawn = this.painter.paint(picture, this.tone());
    this.canvas.hidden = false;
    this.canvas.dataset["painter"] = this.painter.kind;
    return drawn;
  }

  /** How it is looked at, said so that a pane of another size shows the same. */
  readonly look = computed<Look>(() => {
    const { x, y } = centreOf(this.view.value, this.pane.value, this.full.value);
    const window = this.chosen.value;
    return {
      zoom: this.view.value.zoom, x, y, center: window?.center ?? null, width: window?.width ?? null,
      inverted: this.inverted.value,
    };
  });

  /** Look at it as somebody else does. */
  follow(look: Look): void {
    this.followed = look;
    this.view.value = centredAt(look.zoom, look.x, look.y, this.pane.peek(), this.full.peek());
    this.chosen.value = look.center !== null && look.width !== null ? { center: look.center, width: look.width } : null;
    this.inverted.value = look.inverted;
    this.painter?.repaint(this.tone());
  }

  invert(): void {
    this.inverted.value = !this.inverted.peek();
    this.painter?.repaint(this.tone());
  }

  /** Take the picture away until the next one. */
  hide(): void {
    this.canvas.hidden = true;
  }

  close(): void {
    this.painter?.close();
  }

  zoom(factor: number, x = 0, y = 0): void {
    this.followed = null;
    this.view.value = zoomed(this.view.peek(), factor, x, y, this.pane.peek(), this.full.peek());
  }

  pan(dx: number, dy: number): void {
    this.followed = null;
    this.view.value = panned(this.view.peek(), dx, dy, this.pane.peek(), this.full.peek());
  }

  adjust(dx: number, dy: number): void {
    const format = this.format.peek();
    if (!format || format.components !== 1) return;
    this.followed = null;
    this.chosen.value = dragged(this.window.peek(), dx, dy, Math.max(1, this.pane.peek().width), format);
    this.painter?.repaint(this.tone());
  }

  reset(): void {
    this.followed = null;
    this.view.value = WHOLE;
    this.chosen.value = null;
    this.inverted.value = false;
    this.painter?.repaint(this.tone());
  }

  setPane(pane: Size): void {
    this.pane.value = pane;
    this.view.value = held(this.view.peek(), pane, this.full.peek());
    if (this.followed) this.follow(this.followed);
  }

  private resize(full: Size): void {
    this.full.value = full;
    this.view.value = WHOLE;
    this.chosen.value = null;
    if (this.followed) this.follow(this.followed);
  }

  private tone(): Tone {
    return { window: this.window.peek(), inverted: isInverted(this.values.peek()) !== this.inverted.peek() };
  }

  /** Draw without WebGL: chosen by `?painter=2d`, for devices whose driver is broken. */
  private static get plain(): boolean {
    return new URLSearchParams(location.search).get("painter") === "2d";
  }
}
