import { describe, expect, it } from "vitest";

import { isOvertaken } from "../../src/live/order";

describe("a picture that is held still", () => {
  it("is not painted over by a frame that was being decoded when it was held", () => {
    expect(isOvertaken(2185, 2185, 2186)).toBe(true);
  });
  it("shows the held frame, and one before it until that comes", () => {
    expect(isOvertaken(2185, 2184, 2185)).toBe(false);
    expect(isOvertaken(2185, 2184, 2184)).toBe(false);
  });
  it("shows the oldest kept frame where all that is kept is newer than the held one", () => {
    expect(isOvertaken(2185, 2190, 2190)).toBe(false);
    expect(isOvertaken(2185, 2190, 2191)).toBe(true);
  });
  it("runs on when it is let go", () => {
    expect(isOvertaken(null, null, 1)).toBe(false);
  });
});
