/** Window/level of grey pictures (DICOM PS3.3 C.11.2.1.2), in stored values. */

import type { PictureFormat } from "./samples";

export interface Window {
  readonly center: number;
  readonly width: number;
}

/** What the stream's geometry says of the values. */
export interface Values {
  readonly photometric: string;
  readonly centers: readonly number[];
  readonly widths: readonly number[];
  readonly slope: number;
  readonly intercept: number;
}

export const WIDTH_MIN = 1;

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Lowest and highest value a format can hold. */
export function rangeOf(format: Pick<PictureFormat, "bits" | "signed">): Range {
  const span = 2 ** format.bits;
  return format.signed ? { low: -span / 2, high: span / 2 - 1 } : { low: 0, high: span - 1 };
}

/** The window to begin with: the first of the geometry, in stored values, else the whole range. */
export function firstWindow(format: PictureFormat, values: Values | null): Window {
  const center = values?.centers[0];
  const width = values?.widths[0];
  if (values && center !== undefined && width !== undefined && width >= 1 && values.slope !== 0) {
    return { center: (center - values.intercept) / values.slope, width: Math.max(WIDTH_MIN, width / Math.abs(values.slope)) };
  }
  const { low, high } = rangeOf(format);
  return { center: (low + high + 1) / 2, width: high - low + 1 };
}

/** Level and scale so that `(value - level) * scale` is 0…1: the standard's linear function. */
export function linear(window: Window): { level: number; scale: number } {
  const width = Math.max(WIDTH_MIN, window.width);
  if (width <= 1) return { level: window.center - 0.5, scale: 1e9 };
  return { level: window.center - 0.5 - (width - 1) / 2, scale: 1 / (width - 1) };
}

/** Change by a drag of (dx, dy) pixels: right widens, up darkens, one picture width covers the whole range. */
export function dragged(window: Window, dx: number, dy: number, side: number, format: PictureFormat): Window {
  const { low, high } = rangeOf(format);
  const step = (high - low + 1) / Math.max(1, side);
  const width = Math.min(2 * (high - low + 1), Math.max(WIDTH_MIN, window.width + dx * step));
  const center = Math.min(high + 1, Math.max(low, window.center + dy * step));
  return { center, width };
}

/** Is the picture shown inverted? */
export function isInverted(values: Values | null): boolean {
  return values?.photometric === "MONOCHROME1";
}
