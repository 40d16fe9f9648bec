import { describe, expect, it } from "vitest";

import { carries, isThin, type Load, PROBE_MS, REST_MAX_MS, REST_MS, restMs, THIN_MS } from "../../src/live/way";

/** Ticks four times a second; each second brings `came` frames and passes `dropped` over. */
function loads(seconds: number, came: number, dropped: number, more: Partial<Load> = {}): Load[] {
  return Array.from({ length: seconds * 4 + 1 }, (_, i) => ({
    atMs: 1_000 + i * 250, discard: 2, came: (came * i) / 4, dropped: (dropped * i) / 4, ageMs: 100, ...more,
  }));
}

describe("a link", () => {
  it("is too thin where most of the 1/4 pictures are passed over", () => {
    expect(isThin(loads(5, 5, 25))).toBe(true);
    expect(isThin(loads(5, 20, 10))).toBe(false);
  });

  it("is too thin where the 1/4 picture comes seconds late", () => {
    expect(isThin(loads(5, 30, 0, { ageMs: 2_500 }))).toBe(true);
    expect(isThin(loads(5, 30, 0, { ageMs: 1_500 }))).toBe(false);
    expect(isThin(loads(5, 30, 0, { ageMs: null }))).toBe(false);
  });

  it("is not judged before the 1/4 picture was tried for long enough", () => {
    expect(isThin([])).toBe(false);
    expect(isThin(loads(2, 1, 29))).toBe(false);
    const larger = loads(5, 1, 29).map((one, i) => ({ ...one, discard: i < 10 ? 1 : 2 }));
    expect(isThin(larger)).toBe(false);
    expect(isThin(loads(20, 1, 29, { discard: 0 }))).toBe(false);
  });

  it("recovers: what was long ago does not count", () => {
    const before = loads(5, 1, 29);
    const last = before[before.length - 1]!;
    const after = loads(5, 30, 0).map((one) => ({
      ...one, atMs: one.atMs + last.atMs, came: one.came + last.came, dropped: one.dropped + last.dropped,
    }));
    expect(isThin([...before, ...after])).toBe(false);
  });

  it("carries what it was asked for, or not, or it is not known yet", () => {
    expect(carries(loads(5, 30, 1), PROBE_MS)).toBe(true);
    expect(carries(loads(5, 5, 25), PROBE_MS)).toBe(false);
    expect(carries(loads(1, 30, 0), PROBE_MS)).toBeNull();
    expect(carries([], THIN_MS)).toBeNull();
  });

  it("is left alone for longer each time", () => {
    expect([1, 2, 3].map(restMs)).toEqual([REST_MS, 2 * REST_MS, 4 * REST_MS]);
    expect(restMs(30)).toBe(REST_MAX_MS);
  });
});
