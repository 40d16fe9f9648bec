import { describe, expect, it } from "vitest";

import { held, HOLD_MS } from "../../src/picture/hold";

const filled = { number: 7, tiles: 20, origins: [{ tile: 1, state: "base", age: 0, expectedError: 2 }] } as const;
const exact = { number: 8, tiles: 20, origins: [] };

describe("what is said of filled tiles", () => {
  it("is of the frame on the screen where that is filled", () => {
    expect(held(filled, null, 0, 0)).toEqual({ frame: filled, now: true });
  });

  it("stays a second after a filled frame, and says that it is of a moment ago", () => {
    expect(held(exact, filled, 100, 100 + HOLD_MS)).toEqual({ frame: filled, now: false });
    expect(held(exact, filled, 100, 101 + HOLD_MS)).toBeNull();
  });

  it("is nothing where nothing was filled", () => {
    expect(held(exact, null, 0, 5)).toBeNull();
    expect(held(null, null, 0, 5)).toBeNull();
  });
});
