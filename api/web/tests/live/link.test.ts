import { describe, expect, it } from "vitest";

import { FIRST_MS, LONGEST_MS, waitMs } from "../../src/live/backoff";
import { afterClose, afterRefusal, FINAL } from "../../src/live/link";
import { isNewer } from "../../src/live/order";
import { rateHz } from "../../src/live/rate";

describe("the live link", () => {
  it("comes back after cuts, and stops where the server refuses", () => {
    expect(afterClose(1006, false)).toBe("waiting");
    expect(afterClose(1013, false)).toBe("waiting");
    expect(afterClose(4401, false)).toBe("waiting");
    expect(afterClose(4403, false)).toBe("refused");
    expect(afterClose(4404, false)).toBe("absent");
    expect(afterClose(4429, false)).toBe("crowded");
    expect(afterClose(1000, true)).toBe("ended");
    expect(FINAL.has("waiting")).toBe(false);
  });

  it("learns from a refused ticket", () => {
    expect([0, 401, 403, 404, 429, 503].map(afterRefusal)).toEqual([
      "waiting", "signed_out", "refused", "absent", "crowded", "waiting",
    ]);
  });

  it("waits longer each time, at most four seconds, so that it is back within five", () => {
    expect([0, 1, 2, 3, 4, 5, 99].map((attempt) => waitMs(attempt, 0))).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
    expect(waitMs(0, 1)).toBe(0.8 * FIRST_MS);
    expect(waitMs(99, 1)).toBe(0.8 * LONGEST_MS);
  });
});

describe("the order of frames", () => {
  const shown = { number: 10, revision: 1, discard: 1 };

  it("never goes back", () => {
    expect(isNewer(shown, { number: 9, revision: 7, discard: 0 })).toBe(false);
    expect(isNewer(shown, { number: 10, revision: 0, discard: 0 })).toBe(false);
    expect(isNewer(shown, shown)).toBe(false);
    expect(isNewer(shown, { ...shown, discard: 2 })).toBe(false);
  });

  it("takes higher numbers, higher revisions and finer pictures", () => {
    expect(isNewer(null, shown)).toBe(true);
    expect(isNewer(shown, { number: 11, revision: 0, discard: 2 })).toBe(true);
    expect(isNewer(shown, { number: 10, revision: 2, discard: 2 })).toBe(true);
    expect(isNewer(shown, { ...shown, discard: 0 })).toBe(true);
  });
});

describe("the rate seen", () => {
  it("is that of the last two seconds, and falls when nothing is painted", () => {
    const painted = Array.from({ length: 61 }, (_, i) => i * (1000 / 30));
    expect(rateHz(painted, 2_000)).toBeCloseTo(30, 0);
    expect(rateHz(painted, 3_000)).toBeCloseTo(15, 0);
    expect(rateHz(painted, 9_000)).toBe(0);
    expect(rateHz([], 5)).toBe(0);
  });
});
