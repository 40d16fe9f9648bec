/** Draws the outlines of filled tiles over the picture: a pattern per method, light on dark, so that colour is not needed. */

import type { Filled, Outline } from "./origins";
import type { Placement, Size } from "./view";

/** Dash of each method; the legend shows the same (style/picture.css). */
const DASHES: Readonly<Record<Filled, readonly number[]>> = { temporal: [2, 4], base: [9, 4], spatial: [] };
const COLOURS: Readonly<Record<Filled, string>> = { temporal: "#ffd479", base: "#8fd0ff", spatial: "#ff9ecb" };

export function drawOutlines(canvas: HTMLCanvasElement, shown: readonly Outline[], at: Placement, pane: Size): void {
  const dots = globalThis.devicePixelRatio || 1;
  const width = Math.round(pane.width * dots);
  const height = Math.round(pane.height * dots);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.dataset["outlines"] = String(shown.length);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(dots, 0, 0, dots, 0, 0);
  context.clearRect(0, 0, pane.width, pane.height);
  for (const outline of shown) stroke(context, outline, at);
}

function stroke(context: CanvasRenderingContext2D, { box, state }: Outline, at: Placement): void {
  const inset = 1.5;
  const x = at.left + box.x * at.scale + inset;
  const y = at.top + box.y * at.scale + inset;
  const width = box.columns * at.scale - 2 * inset;
  const height = box.rows * at.scale - 2 * inset;
  context.setLineDash([]);
  context.lineWidth = 3.5;
  context.strokeStyle = "rgba(0, 0, 0, 0.7)";
  context.strokeRect(x, y, width, height);
  context.setLineDash([...DASHES[state]]);
  context.lineWidth = 1.6;
  context.strokeStyle = COLOURS[state];
  context.strokeRect(x, y, width, height);
}
