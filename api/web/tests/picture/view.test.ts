import { describe, expect, it } from "vitest";

import { centredAt, centreOf, fit, held, panned, place, WHOLE, ZOOM_MAX, zoomed } from "../../src/picture/view";

const pane = { width: 800, height: 400 };
const picture = { width: 640, height: 480 };

describe("zoom and pan", () => {
  it("begin with the whole picture in the middle", () => {
    const at = place(WHOLE, pane, picture);
    expect(at.scale).toBeCloseTo(400 / 480);
    expect(at.top).toBeCloseTo(0);
    expect(at.left).toBeCloseTo((800 - 640 * at.scale) / 2);
  });

  it("keep the point under the finger where it is", () => {
    const before = zoomed(WHOLE, 4, 0, 0, pane, picture);
    const at = (view: typeof WHOLE): number => (100 - view.dx) / view.zoom;
    const after = zoomed(before, 1.5, 100, 20, pane, picture);
    expect(at(after)).toBeCloseTo(at(before));
  });

  it("do not leave the picture", () => {
    expect(panned(WHOLE, 500, 500, pane, picture)).toEqual(WHOLE);
    const close = zoomed(WHOLE, 2, 0, 0, pane, picture);
    const at = place(panned(close, 9_999, 9_999, pane, picture), pane, picture);
    expect(at.left).toBeCloseTo(0);
    expect(at.top).toBeCloseTo(0);
  });

  it("have limits, and nothing is undefined without a size", () => {
    expect(zoomed(WHOLE, 1e9, 0, 0, pane, picture).zoom).toBe(ZOOM_MAX);
    expect(zoomed(WHOLE, 1e-9, 0, 0, pane, picture)).toEqual(WHOLE);
    expect(fit(pane, { width: 0, height: 0 })).toBe(1);
    expect(held({ zoom: 1, dx: 5, dy: -5 }, { width: 0, height: 0 }, picture)).toEqual({ zoom: 1, dx: 0, dy: 0 });
  });

  it("is told by the point in the centre, so that a pane of another size shows the same", () => {
    const picture = { width: 640, height: 480 };
    const desk = { width: 800, height: 600 };
    const phone = { width: 400, height: 300 };
    const seen = zoomed(WHOLE, 2, 100, -50, desk, picture);
    const { x, y } = centreOf(seen, desk, picture);
    expect(centredAt(seen.zoom, x, y, desk, picture)).toEqual(seen);
    const there = centredAt(seen.zoom, x, y, phone, picture);
    expect(centreOf(there, phone, picture)).toEqual({ x, y });
    expect(centredAt(99, 0, 0, desk, picture).zoom).toBe(16);
  });
});
