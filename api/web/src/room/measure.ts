/** Lengths in mm, where the picture is calibrated (DICOM PixelSpacing, or an ultrasound region in centimetres). */

import type { Geometry } from "../api/types";
import type { Point } from "../wire/room";

const CENTIMETRES = 3; // PS3.3 C.8.5.5.1.15

/** Size of a pixel at both points, mm: [across, down]; null where they are not calibrated alike. */
export function pixelMm(geometry: Geometry | null, a: Point, b: Point): Point | null {
  if (geometry === null) return null;
  const region = geometry.ultrasound_regions.find((one) =>
    [a, b].every(([x, y]) => x >= one.x0 && x <= one.x1 && y >= one.y0 && y <= one.y1));
  if (region) {
    const inCm = region.physical_units_x === CENTIMETRES && region.physical_units_y === CENTIMETRES;
    return inCm ? [Math.abs(region.physical_delta_x) * 10, Math.abs(region.physical_delta_y) * 10] : null;
  }
  const [down, across] = geometry.pixel_spacing;
  return down !== undefined && across !== undefined && down > 0 && across > 0 ? [across, down] : null;
}

export interface Length {
  readonly value: number;
  readonly unit: "mm" | "px";
}

export function lengthOf(geometry: Geometry | null, a: Point, b: Point): Length {
  const size = pixelMm(geometry, a, b);
  const [across, down] = size ?? [1, 1];
  return { value: Math.hypot((b[0] - a[0]) * across, (b[1] - a[1]) * down), unit: size ? "mm" : "px" };
}
