import { describe, expect, it } from "vitest";

import { account, outlines, tileAt, type TileOrigin, worstError } from "../../src/picture/origins";

const grid = { columns: 640, rows: 480, tile: 128 };
const origins: TileOrigin[] = [
  { tile: 4, state: "base", age: 0, expectedError: 1.5 },
  { tile: 19, state: "temporal", age: 2, expectedError: 6 },
  { tile: 15, state: "base", age: 1, expectedError: 3 },
];

describe("outlines of filled tiles", () => {
  it("lie where the tiles lie, cut at the picture's edge", () => {
    expect(outlines(grid, origins).map((one) => one.box)).toEqual([
      { x: 512, y: 0, columns: 128, rows: 128 },
      { x: 512, y: 384, columns: 128, rows: 96 },
      { x: 0, y: 384, columns: 128, rows: 96 },
    ]);
  });

  it("find the filled tile under a point, and none beside it", () => {
    const shown = outlines(grid, origins);
    expect(tileAt(shown, 512, 0)?.tile).toBe(4);
    expect(tileAt(shown, 639.9, 127.9)?.tile).toBe(4);
    expect(tileAt(shown, 511.9, 0)).toBeNull();
    expect(tileAt(shown, 600, 479)?.expectedError).toBe(6);
  });

  it("are accounted for by method, with the worst error and the oldest evidence", () => {
    expect(account(origins)).toEqual([
      { state: "temporal", tiles: 1, worstError: 6, oldest: 2 },
      { state: "base", tiles: 2, worstError: 3, oldest: 1 },
    ]);
    expect(worstError(origins)).toBe(6);
    expect(worstError([])).toBe(0);
  });
});
