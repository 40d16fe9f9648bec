import { describe, expect, it } from "vitest";

import { BadCodestream, boxOf, cutTile, parse, reduced } from "../../src/wire/codestream";
import { stream } from "../golden";

describe("a codestream", () => {
  it("tells size, tiles and depth of the frame", () => {
    const { header, tiles } = parse(stream("signed12"));
    expect(header).toMatchObject({ columns: 75, rows: 50, tile: 32, components: 1, bits: 12, signed: true, levels: 5 });
    expect(tiles.map((spans) => spans.length)).toEqual([6, 6, 6, 6, 6, 6]);
  });

  it("may be the prefix of a smaller picture", () => {
    expect(parse(stream("rgb8", 1)).tiles.map((spans) => spans.length)).toEqual([5, 5, 5, 5, 5, 5]);
    expect(parse(stream("rgb8", 2)).tiles.map((spans) => spans.length)).toEqual([4, 4, 4, 4, 4, 4]);
  });

  it("gives one tile as a stream of its own, of that tile's size", () => {
    const alone = parse(cutTile(parse(stream("rgb8")), 5, false));
    expect(alone.header).toMatchObject({ columns: 11, rows: 18, tile: 32, bits: 8, signed: false });
    expect(alone.tiles).toHaveLength(1);
  });

  it("declares a tile wide where the codec would clip negative samples", () => {
    expect(parse(cutTile(parse(stream("signed8")), 0, true)).header).toMatchObject({ bits: 16, signed: true });
  });

  it("places tiles at full and reduced size without gaps", () => {
    const grid = { columns: 75, rows: 50, tile: 32 };
    expect(boxOf(grid, 5)).toEqual({ x: 64, y: 32, columns: 11, rows: 18 });
    expect(boxOf(grid, 5, 1)).toEqual({ x: 32, y: 16, columns: 6, rows: 9 });
    expect(boxOf(grid, 5, 2)).toEqual({ x: 16, y: 8, columns: 3, rows: 5 });
    expect(boxOf(grid, 5, 2).x + boxOf(grid, 5, 2).columns).toBe(reduced(75, 2));
  });
});

describe("bytes that are no codestream of ours", () => {
  const bytes = stream("rgb8");

  it("are refused by name when empty, cut or foreign", () => {
    for (const bad of [new Uint8Array(0), new Uint8Array(100), bytes.slice(0, 60), bytes.slice(0, bytes.length - 700)]) {
      expect(() => parse(bad)).toThrow(BadCodestream);
    }
  });

  it("never make the parser throw anything else, whichever byte is wrong", () => {
    for (let at = 0; at < bytes.length; at += 3) {
      const bad = bytes.slice();
      bad[at] = bad[at]! ^ 0xff;
      try {
        parse(bad);
      } catch (error) {
        expect(error).toBeInstanceOf(BadCodestream);
      }
    }
  });

  it("are refused where the declared picture is above the limit", () => {
    const huge = bytes.slice();
    new DataView(huge.buffer).setUint32(8, 60_000);
    expect(() => parse(huge)).toThrow(/not accepted/);
  });
});
