/** Drawings as SVG paths, in pane pixels. */

import type { Placement } from "../picture/view";
import type { Drawing, Point } from "../wire/room";

const HEAD = 12; // of an arrow, CSS pixels
const NEAR = 1.5; // freehand points closer than this to the one before are left out
export const POINTS_MAX = 256;

export function onScreen([x, y]: Point, at: Placement): Point {
  return [at.left + x * at.scale, at.top + y * at.scale];
}

/** The path of a drawing; "" for one of words alone. An arrow points at its last point. */
export function pathOf({ kind, points }: Pick<Drawing, "kind" | "points">, at: Placement): string {
  const shown = points.map((point) => onScreen(point, at));
  const [first, last] = [shown[0], shown[shown.length - 1]];
  if (!first || !last || kind === "text") return "";
  if (kind === "ellipse") return ellipse(first, last);
  const line = `M${shown.map(pair).join("L")}`;
  return kind === "arrow" ? line + head(first, last) : line;
}

function pair([x, y]: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** The ellipse in the box of two corners. */
function ellipse(a: Point, b: Point): string {
  const [rx, ry] = [Math.abs(b[0] - a[0]) / 2, Math.abs(b[1] - a[1]) / 2];
  const left: Point = [Math.min(a[0], b[0]), (a[1] + b[1]) / 2];
  const right: Point = [Math.max(a[0], b[0]), left[1]];
  const arc = `A${rx.toFixed(1)} ${ry.toFixed(1)} 0 1 0 `;
  return `M${pair(left)}${arc}${pair(right)}${arc}${pair(left)}`;
}

function head(from: Point, to: Point): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const barb = (turn: number): string =>
    pair([to[0] - HEAD * Math.cos(angle + turn), to[1] - HEAD * Math.sin(angle + turn)]);
  return `M${barb(0.45)}L${pair(to)}L${barb(-0.45)}`;
}

/** Add a point to a line in the making; too near or too many change nothing. */
export function drawnOn(points: readonly Point[], next: Point, scale: number): readonly Point[] {
  const last = points[points.length - 1];
  if (points.length >= POINTS_MAX) return points;
  if (last && Math.hypot(next[0] - last[0], next[1] - last[1]) * scale < NEAR) return points;
  return [...points, next];
}

/** Whole tenths of a pixel: what a hand can mean, and short. */
export function rounded([x, y]: Point): Point {
  return [Math.round(10 * x) / 10, Math.round(10 * y) / 10];
}
