import { describe, expect, it } from "vitest";

import { type Facts, marks } from "../../src/picture/marks";

const frame = { exact: true, discard: 0, masked: 0 };
const fine: Facts = { connected: true, ended: false, lateness: "no", frame, filled: null, lossySource: false, unmaskedSource: false, derived: false };
const filled = { tile: 3, state: "base", age: 0, expectedError: 4.5 } as const;
const kinds = (facts: Partial<Facts>): string[] => marks({ ...fine, ...facts }).map((one) => one.kind);

describe("marks", () => {
  it("are none on a true picture in time", () => {
    expect(marks(fine)).toEqual([]);
  });

  it("name filled tiles with their number and their worst error", () => {
    const origins = [filled, { ...filled, tile: 8, expectedError: 12 }];
    const held = { frame: { number: 4, tiles: 20, origins }, now: true };
    expect(marks({ ...fine, frame: { ...frame, exact: false }, filled: held })).toEqual([
      { kind: "filled", tiles: 2, of: 20, worstError: 12, now: true },
    ]);
    expect(marks({ ...fine, filled: { ...held, now: false } })).toMatchObject([{ kind: "filled", now: false }]);
  });

  it("tell a frame that is not verified from a filled one", () => {
    expect(kinds({ frame: { ...frame, exact: false } })).toEqual(["incomplete"]);
    const passed = { frame: { number: 4, tiles: 20, origins: [filled] }, now: false };
    expect(kinds({ frame: { ...frame, exact: false }, filled: passed })).toEqual(["filled", "incomplete"]);
  });

  it("name the reduction", () => {
    expect(marks({ ...fine, frame: { ...frame, discard: 1 } })).toEqual([{ kind: "reduced", divisor: 2 }]);
    expect(marks({ ...fine, frame: { ...frame, discard: 2 } })).toEqual([{ kind: "reduced", divisor: 4 }]);
  });

  it("call video lossy, and its size not true", () => {
    expect(kinds({ frame: { ...frame, discard: 1, video: true } })).toEqual(["video"]);
  });

  it("stand together, the gravest first", () => {
    const all = { connected: false, lateness: "still", lossySource: true, unmaskedSource: true, frame: { ...frame, exact: false, discard: 2, masked: 2 }, filled: { frame: { number: 1, tiles: 20, origins: [filled] }, now: true } } as const;
    expect(kinds(all)).toEqual(["disconnected", "late", "filled", "reduced", "masked", "unmasked", "lossy"]);
  });

  it("say that an exam ended instead of calling its last frame late", () => {
    expect(kinds({ ended: true, connected: false, lateness: "old" })).toEqual(["ended"]);
  });

  it("show disconnected and late even before a frame came", () => {
    expect(kinds({ frame: null, connected: false })).toEqual(["disconnected"]);
  });

  it("name derived stored frames", () => {
    expect(kinds({ derived: true, frame: null })).toEqual(["derived"]);
  });
});
