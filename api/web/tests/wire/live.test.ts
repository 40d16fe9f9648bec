import { describe, expect, it } from "vitest";

import { readFrame, readTold } from "../../src/wire/live";
import { BadMessage } from "../../src/wire/read";

const HEADER = {
  source: "probe", number: 41, revision: 1, exact: false, key: true, geometry: 2, captured_at_ns: "1790000000123456789",
  closed_at_ns: "1790000000140000000", discard: 1, columns: 640, rows: 480, tile: 128, tiles_across: 5, bits: 8,
  signed: false, components: 3, origins: [[7, "base", 0, 2.5], [9, "temporal", 3, 11.25]], dropped: 4,
};

function message(header: unknown, length?: number): ArrayBuffer {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(4 + text.length + 3);
  new DataView(bytes.buffer).setUint32(0, length ?? text.length, true);
  bytes.set(text, 4);
  bytes.set([1, 2, 3], 4 + text.length);
  return bytes.buffer;
}

describe("a frame message", () => {
  it("gives header and codestream", () => {
    const { header, bytes, offset } = readFrame(message(HEADER));
    expect(header).toMatchObject({ number: 41, revision: 1, discard: 1, dropped: 4, masked: 0 });
    expect(header.capturedMs).toBeCloseTo(1790000000123.4567, 3);
    expect(header.origins).toEqual([
      { tile: 7, state: "base", age: 0, expectedError: 2.5 },
      { tile: 9, state: "temporal", age: 3, expectedError: 11.25 },
    ]);
    expect([...new Uint8Array(bytes, offset)]).toEqual([1, 2, 3]);
  });

  it("tells how many tiles are blanked for this viewer", () => {
    expect(readFrame(message({ ...HEADER, masked: [0, 1, 2] })).header.masked).toBe(3);
  });

  it.each([
    ["shorter than its length field", new ArrayBuffer(3)],
    ["whose header is longer than the message", message(HEADER, 5_000)],
    ["whose header is absurdly long", message(HEADER, 0xffffffff)],
    ["whose header is no JSON", message("{")],
    ["whose header is a list", message([])],
    ["without a number", message({ ...HEADER, number: undefined })],
    ["with a negative number", message({ ...HEADER, number: -1 })],
    ["with an unknown discard", message({ ...HEADER, discard: 3 })],
    ["with an unknown tile state", message({ ...HEADER, origins: [[1, "dreamt", 0, 0]] })],
    ["with a tile out of range", message({ ...HEADER, origins: [[5_000, "base", 0, 0]] })],
    ["with more origins than tiles can be", message({ ...HEADER, origins: Array(4_097).fill([1, "base", 0, 0]) })],
  ])("is refused by name %s", (_, bytes) => {
    expect(() => readFrame(bytes)).toThrow(BadMessage);
  });
});

describe("a text message", () => {
  it("ticks with the server's time in ms and its counts", () => {
    const told = readTold(
      '{"type":"tick","server_time_ns":"1790000000000000000","newest":7,"state":"live","counts":{"captured":8},"dropped":2}',
    );
    expect(told).toMatchObject({ type: "tick", serverMs: 1790000000000, newest: 7, state: "live", dropped: 2 });
  });

  it("of a kind this page does not know is passed over", () => {
    expect(readTold('{"type":"pointer","x":1}')).toBeNull();
  });

  it("ends and fails with its reason", () => {
    expect(readTold('{"type":"end","reason":"sealed"}')).toEqual({ type: "end", reason: "sealed" });
    expect(readTold('{"type":"error","title":"Sign in again"}')).toEqual({ type: "error", title: "Sign in again", detail: "", code: 0 });
  });

  it("that is no message is refused by name", () => {
    for (const bad of ["", "7", "null", "[]", "{}", '{"type":"tick"}']) expect(() => readTold(bad)).toThrow(BadMessage);
  });
});
