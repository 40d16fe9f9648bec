import { describe, expect, it } from "vitest";

import { ageMs, LATE_AFTER_MS, lateness, learn, NO_CLOCK, serverNow, type Shown } from "../../src/picture/freshness";

const SERVER = 1_790_000_000_000;
const clock = learn(NO_CLOCK, SERVER, 1_000);

describe("the server's clock", () => {
  it("is unknown before anything was heard", () => {
    expect(serverNow(NO_CLOCK, 5)).toBeNull();
  });

  it("is told best by the message that waited least", () => {
    const delayed = learn(learn(clock, SERVER + 250 - 80, 1_250), SERVER + 500 - 20, 1_500);
    expect(serverNow(delayed, 2_000)).toBe(SERVER + 1_000);
  });

  it("adds half of the round trip of joining, so that ages are not told too young", () => {
    const joined = learn(NO_CLOCK, SERVER, 1_000, 940);
    expect(serverNow(joined, 1_000)).toBe(SERVER + 30);
  });

  it("forgets what was heard long ago", () => {
    let drifting = clock;
    for (let i = 1; i <= 100; i++) drifting = learn(drifting, SERVER + 250 * i - i, 1_000 + 250 * i);
    expect(drifting.offsets).toHaveLength(40);
    expect(serverNow(drifting, 26_000)).toBe(SERVER + 25_000 - 61);
  });
});

describe("a shown frame", () => {
  const shown: Shown = { serverCapturedMs: SERVER - 40, progressMs: 1_000 };

  it("has the age of its capture by the server's clock", () => {
    expect(ageMs(shown, clock, 1_060)).toBe(100);
    expect(ageMs(null, clock, 1_060)).toBeNull();
    expect(ageMs(shown, NO_CLOCK, 1_060)).toBeNull();
  });

  it("never has a negative age, whatever the station's clock says", () => {
    expect(ageMs({ ...shown, serverCapturedMs: SERVER + 9_000 }, clock, 1_060)).toBe(0);
  });

  it("is late once it is more than two seconds old, though nothing arrives", () => {
    const justMs = 1_000 + LATE_AFTER_MS - 40;
    expect(lateness(shown, clock, justMs)).toBe("no");
    expect(lateness(shown, clock, justMs + 1)).toBe("old");
  });

  it("is late without progress for two seconds, even where the clocks say that it is young", () => {
    const young = { serverCapturedMs: SERVER + 60_000, progressMs: 1_000 };
    expect(lateness(young, clock, 1_000 + LATE_AFTER_MS)).toBe("no");
    expect(lateness(young, clock, 1_001 + LATE_AFTER_MS)).toBe("still");
    expect(lateness(young, NO_CLOCK, 1_001 + LATE_AFTER_MS)).toBe("still");
  });

  it("is late at once where it comes old, though its number rises", () => {
    expect(lateness({ serverCapturedMs: SERVER - 2_001, progressMs: 1_000 }, clock, 1_000)).toBe("old");
  });

  it("is not there before the first frame, so nothing is late", () => {
    expect(lateness(null, clock, 99_000)).toBe("no");
  });
});
