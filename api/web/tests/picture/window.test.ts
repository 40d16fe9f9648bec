import { describe, expect, it } from "vitest";

import { fillImage } from "../../src/picture/painter_plain";
import type { PictureFormat } from "../../src/picture/samples";
import { dragged, firstWindow, isInverted, linear, rangeOf, type Values } from "../../src/picture/window";

const grey12: PictureFormat = { columns: 1, rows: 1, components: 1, bits: 12, signed: false };
const values: Values = { photometric: "MONOCHROME2", centers: [40], widths: [400], slope: 1, intercept: -1024 };

describe("the window", () => {
  it("begins with the geometry's, in stored values", () => {
    expect(firstWindow(grey12, values)).toEqual({ center: 1064, width: 400 });
    expect(firstWindow(grey12, { ...values, slope: 2 })).toEqual({ center: 532, width: 200 });
  });

  it("is the whole range where the geometry has none", () => {
    expect(firstWindow(grey12, { ...values, centers: [], widths: [] })).toEqual({ center: 2048, width: 4096 });
    expect(firstWindow({ ...grey12, signed: true }, null)).toEqual({ center: 0, width: 4096 });
  });

  it("is DICOM's linear function: 0 at center - 0.5 - (width - 1) / 2, 1 at the other end", () => {
    const { level, scale } = linear({ center: 2048, width: 4096 });
    expect([(0 - level) * scale, (4095 - level) * scale]).toEqual([0, 1]);
  });

  it("of width 1 is a threshold", () => {
    const { level, scale } = linear({ center: 100, width: 1 });
    expect((99 - level) * scale).toBeLessThan(0);
    expect((100 - level) * scale).toBeGreaterThan(1);
  });

  it("widens to the right, brightens downwards, and stays within the depth", () => {
    const begun = { center: 2048, width: 1000 };
    expect(dragged(begun, 100, 0, 400, grey12)).toEqual({ center: 2048, width: 2024 });
    expect(dragged(begun, 0, -50, 400, grey12)).toEqual({ center: 1536, width: 1000 });
    expect(dragged(begun, -9_999, -9_999, 400, grey12)).toEqual({ center: 0, width: 1 });
    expect(dragged(begun, 9_999, 9_999, 400, grey12)).toEqual({ center: 4096, width: 8192 });
  });

  it("inverts MONOCHROME1", () => {
    expect(isInverted({ ...values, photometric: "MONOCHROME1" })).toBe(true);
    expect(isInverted(null)).toBe(false);
  });
});

describe("ranges and plain painting", () => {
  it("know each depth", () => {
    expect(rangeOf({ bits: 8, signed: true })).toEqual({ low: -128, high: 127 });
    expect(rangeOf({ bits: 16, signed: false })).toEqual({ low: 0, high: 65_535 });
  });

  it("leave 8-bit colour bit for bit", () => {
    const samples = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    const rgba = new Uint8ClampedArray(1024);
    const tone = { window: { center: 128, width: 256 }, inverted: false };
    fillImage(rgba, samples, { columns: 256, rows: 1, components: 3, bits: 8, signed: false }, tone);
    expect([...rgba].filter((_, i) => i % 4 !== 3)).toEqual([...samples]);
    expect([...rgba].filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  });

  it("leave 8-bit grey bit for bit at the whole range, and turn it round when inverted", () => {
    const samples = Uint8Array.from({ length: 256 }, (_, i) => i);
    const format = { columns: 256, rows: 1, components: 1, bits: 8, signed: false };
    const rgba = new Uint8ClampedArray(1024);
    fillImage(rgba, samples, format, { window: firstWindow(format, null), inverted: false });
    expect([...rgba].filter((_, i) => i % 4 === 1)).toEqual([...samples]);
    fillImage(rgba, samples, format, { window: firstWindow(format, null), inverted: true });
    expect([...rgba].filter((_, i) => i % 4 === 1)).toEqual([...samples].reverse());
  });

  it("clamp what lies outside of the window", () => {
    const format = { columns: 3, rows: 1, components: 1, bits: 12, signed: true };
    const rgba = new Uint8ClampedArray(12);
    fillImage(rgba, Int16Array.of(-2048, 0, 2047), format, { window: { center: 0.5, width: 101 }, inverted: false });
    expect([rgba[0], rgba[4], rgba[8]]).toEqual([0, 128, 255]);
  });
});
