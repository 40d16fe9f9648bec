/** Fingers, mouse, wheel and keys on a picture. */

import type { Stage } from "../picture/stage_io";
import { ZOOM_STEP } from "../picture/view";

const KEY_PAN = 40; // CSS pixels a key press pans
const KEY_WINDOW = 8;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Listen on `pane`; gives what ends it. `onPoint` hears where the pointer rests, in pane pixels. */
export function listen(pane: HTMLElement, stage: Stage, onPoint: (x: number, y: number) => void): () => void {
  const fingers = new Map<number, Point>();
  const ended = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void): void =>
    pane.addEventListener(name, act, { signal: ended.signal, passive: false });

  on("pointerdown", (event) => {
    pane.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    onPoint(...inPane(pane, event));
  });
  on("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return onPoint(...inPane(pane, event));
    const now = { x: event.clientX, y: event.clientY };
    if (fingers.size === 2) pinch(pane, stage, fingers, event.pointerId, now);
    else if (fingers.size === 1) drag(stage, now.x - before.x, now.y - before.y, event.buttons === 4 || event.shiftKey);
    fingers.set(event.pointerId, now);
  });
  for (const name of ["pointerup", "pointercancel"] as const) on(name, (event) => fingers.delete(event.pointerId));
  on("dblclick", () => stage.reset());
  on("wheel", (event) => {
    event.preventDefault();
    const rect = pane.getBoundingClientRect();
    const [x, y] = inPane(pane, event);
    stage.zoom(ZOOM_STEP ** (-Math.sign(event.deltaY)), x - rect.width / 2, y - rect.height / 2);
  });
  on("keydown", (event) => {
    if (key(stage, event)) event.preventDefault();
  });
  return () => ended.abort();
}

function inPane(pane: HTMLElement, event: { readonly clientX: number; readonly clientY: number }): [number, number] {
  const rect = pane.getBoundingClientRect();
  return [event.clientX - rect.left, event.clientY - rect.top];
}

function drag(stage: Stage, dx: number, dy: number, pans: boolean): void {
  if (stage.isGrey.peek() && stage.tool.peek() === "window" && !pans) stage.adjust(dx, dy);
  else stage.pan(dx, dy);
}

function pinch(pane: HTMLElement, stage: Stage, fingers: Map<number, Point>, moved: number, now: Point): void {
  const before = fingers.get(moved);
  const still = [...fingers].find(([id]) => id !== moved)?.[1];
  if (!before || !still) return;
  const length = (point: Point): number => Math.hypot(point.x - still.x, point.y - still.y);
  const rect = pane.getBoundingClientRect();
  const x = (now.x + still.x) / 2 - rect.left - rect.width / 2;
  const y = (now.y + still.y) / 2 - rect.top - rect.height / 2;
  stage.zoom(length(now) / Math.max(1, length(before)), x, y);
  stage.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

function key(stage: Stage, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const arrow = ARROWS[event.key];
  if (arrow && event.shiftKey) stage.adjust(arrow[0] * KEY_WINDOW, arrow[1] * KEY_WINDOW);
  else if (arrow) stage.pan(-arrow[0] * KEY_PAN, -arrow[1] * KEY_PAN);
  else if (event.key === "+" || event.key === "=") stage.zoom(ZOOM_STEP);
  else if (event.key === "-") stage.zoom(1 / ZOOM_STEP);
  else if (event.key === "0") stage.reset();
  else if (event.key === "i") stage.invert();
  else return false;
  return true;
}
