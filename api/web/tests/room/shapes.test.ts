import { describe, expect, it } from "vitest";

import type { Geometry } from "../../src/api/types";
import { lengthOf } from "../../src/room/measure";
import { drawnOn, onScreen, pathOf, POINTS_MAX, rounded } from "../../src/room/shapes";

const at = { left: 10, top: 20, scale: 2 };

describe("drawings", () => {
  it("lie on the same pixel whatever the zoom", () => {
    expect(onScreen([5, 5], at)).toEqual([20, 30]);
    expect(onScreen([5, 5], { left: 0, top: 0, scale: 1 })).toEqual([5, 5]);
  });

  it("are lines, an arrow with its head at the end, an ellipse between corners, or words alone", () => {
    expect(pathOf({ kind: "freehand", points: [[0, 0], [5, 5]] }, at)).toBe("M10.0 20.0L20.0 30.0");
    expect(pathOf({ kind: "arrow", points: [[0, 0], [50, 0]] }, at)).toMatch(/^M10\.0 20\.0L110\.0 20\.0M.*L110\.0 20\.0L/);
    expect(pathOf({ kind: "ellipse", points: [[10, 0], [0, 10]] }, at)).toBe("M10.0 30.0A10.0 10.0 0 1 0 30.0 30.0A10.0 10.0 0 1 0 10.0 30.0");
    expect(pathOf({ kind: "text", points: [[0, 0]] }, at)).toBe("");
    expect(pathOf({ kind: "arrow", points: [] }, at)).toBe("");
  });

  it("grow by points that are apart, and not for ever", () => {
    expect(drawnOn([[0, 0]], [0.5, 0], 2)).toEqual([[0, 0]]);
    expect(drawnOn([[0, 0]], [1, 0], 2)).toEqual([[0, 0], [1, 0]]);
    const long = Array.from({ length: POINTS_MAX }, (_, x) => [x, 0] as const);
    expect(drawnOn(long, [9_999, 0], 2)).toBe(long);
    expect(rounded([1.26, -0.04])).toEqual([1.3, -0]);
  });
});

describe("a length", () => {
  const geometry = { pixel_spacing: [0.5, 0.2], ultrasound_regions: [] } as unknown as Geometry;
  const region = {
    x0: 0, y0: 0, x1: 100, y1: 100, physical_units_x: 3, physical_units_y: 3, physical_delta_x: 0.01, physical_delta_y: 0.02,
  };

  it("is in mm by PixelSpacing: rows first, then columns", () => {
    expect(lengthOf(geometry, [0, 0], [10, 0])).toEqual({ value: 2, unit: "mm" });
    expect(lengthOf(geometry, [0, 0], [0, 10])).toEqual({ value: 5, unit: "mm" });
  });

  it("is in mm within one ultrasound region in centimetres", () => {
    const scan = { pixel_spacing: [], ultrasound_regions: [region] } as unknown as Geometry;
    expect(lengthOf(scan, [0, 0], [30, 20])).toEqual({ value: 5, unit: "mm" });
    expect(lengthOf(scan, [0, 0], [130, 0])).toEqual({ value: 130, unit: "px" });
    const seconds = { ...scan, ultrasound_regions: [{ ...region, physical_units_x: 4 }] } as unknown as Geometry;
    expect(lengthOf(seconds, [0, 0], [3, 4])).toEqual({ value: 5, unit: "px" });
  });

  it("is in pixels where nothing is calibrated", () => {
    expect(lengthOf(null, [0, 0], [3, 4])).toEqual({ value: 5, unit: "px" });
  });
});
