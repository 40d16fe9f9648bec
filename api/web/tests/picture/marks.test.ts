import { describe, expect, it } from "vitest";

import { type Facts, marks } from "../../src/picture/marks";

const frame = { exact: true, discard: 0, tiles: 20, origins: [], masked: 0 };
const fine: Facts = { connected: true, ended: false, lateness: "no", frame, lossySource: false, derived: false };
const filled = { tile: 3, state: "base", age: 0, expectedError: 4.5 } as const;
const kinds = (facts: Partial<Facts>): string[] => marks({ ...fine, ...facts }).map((one) => one.kind);

describe("marks", () => {
  it("are none on a true picture in time", () => {
    expect(marks(fine)).toEqual([]);
  });

  it("name filled tiles with their number and their worst error", () => {
    const worse = { ...filled, tile: 8, expectedError: 12 };
    expect(marks({ ...fine, frame: { ...frame, exact: false, origins: [filled, worse] } })).toEqual([
      { kind: "filled", tiles: 2, of: 20, worstError: 12 },
    ]);
  });

  it("tell a frame that is not verified from a filled one", () => {
    expect(kinds({ frame: { ...frame, exact: false } })).toEqual(["incomplete"]);
  });

  it("name the reduction", () => {
    expect(marks({ ...fine, frame: { ...frame, discard: 1 } })).toEqual([{ kind: "reduced", divisor: 2 }]);
    expect(marks({ ...fine, frame: { ...frame, discard: 2 } })).toEqual([{ kind: "reduced", divisor: 4 }]);
  });

  it("stand together, the gravest first", () => {
    const all = { connected: false, lateness: "still", lossySource: true, frame: { ...frame, discard: 2, origins: [filled], masked: 2 } } as const;
    expect(kinds(all)).toEqual(["disconnected", "late", "filled", "reduced", "masked", "lossy"]);
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
