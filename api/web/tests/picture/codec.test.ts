import { beforeAll, describe, expect, it } from "vitest";

import { type Codec, TileDecoder } from "../../src/picture/codec";
import { BadCodestream } from "../../src/wire/codestream";
import { assemble, digest, GOLDEN, loadCodec, stream } from "../golden";

let codec: Codec;
beforeAll(async () => {
  codec = await loadCodec();
});

describe("decoding tile by tile", () => {
  for (const [name, golden] of Object.entries(GOLDEN)) {
    it(`gives the samples of ${name} bit for bit, full and reduced`, () => {
      for (const discard of [0, 1, 2]) {
        const picture = new TileDecoder(codec).decode(stream(name, discard), discard);
        expect(picture.format.columns).toBe(Math.ceil(golden.columns / 2 ** discard));
        expect(digest(assemble(picture), golden)).toBe(golden.sha256[discard]);
      }
    });
  }

  it("decodes only the tiles that changed, and the retained picture is exact", () => {
    const decoder = new TileDecoder(codec);
    const whole = assemble(decoder.decode(stream("grey12"), 0));
    const change = decoder.decode(stream("grey12-moved"), 0);
    expect(change.pieces.map(({ x, y }) => [x, y])).toEqual([[0, 0]]);
    expect(digest(assemble(change, whole), GOLDEN["grey12-moved"]!)).toBe(GOLDEN["grey12-moved"]!.sha256[0]);
  });

  it("decodes nothing where nothing changed", () => {
    const decoder = new TileDecoder(codec);
    decoder.decode(stream("rgb8"), 0);
    expect(decoder.decode(stream("rgb8"), 0).pieces).toEqual([]);
  });

  it("gives the whole picture again when told to forget, and when the resolution changes", () => {
    const decoder = new TileDecoder(codec);
    decoder.decode(stream("rgb8"), 0);
    decoder.forget();
    expect(decoder.decode(stream("rgb8"), 0).pieces).toHaveLength(6);
    expect(decoder.decode(stream("rgb8", 1), 1).pieces).toHaveLength(6);
    expect(decoder.decode(stream("rgb8"), 0).pieces).toHaveLength(6);
  });

  it("refuses damaged bytes by name and goes on with the next picture, whole", () => {
    const decoder = new TileDecoder(codec);
    decoder.decode(stream("rgb8"), 0);
    expect(() => decoder.decode(stream("rgb8").slice(0, 500), 0)).toThrow(BadCodestream);
    expect(decoder.decode(stream("rgb8"), 0).pieces).toHaveLength(6);
  });
});
