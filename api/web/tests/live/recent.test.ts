import { describe, expect, it } from "vitest";

import { RecentFrames } from "../../src/live/recent";
import type { Frame } from "../../src/wire/live";

function frame(number: number, bytes = 10, revision = 0): Frame {
  return { header: { number, revision } as Frame["header"], bytes: new ArrayBuffer(bytes), offset: 0 };
}

describe("the newest frames", () => {
  it("are found by number, in their newest revision, or the nearest before", () => {
    const recent = new RecentFrames(4, 1_000);
    for (const one of [frame(3), frame(5), frame(5, 10, 1), frame(9)]) recent.add(one);
    expect(recent.at(5)?.header).toMatchObject({ number: 5, revision: 1 });
    expect([recent.at(7)?.header.number, recent.at(1)?.header.number, recent.newest?.header.number]).toEqual([5, 3, 9]);
  });

  it("are copies: the decoder takes bytes away", () => {
    const recent = new RecentFrames();
    const one = frame(1);
    recent.add(one);
    structuredClone(one.bytes, { transfer: [one.bytes] });
    structuredClone(recent.at(1)!.bytes, { transfer: [recent.at(1)!.bytes] });
    expect(recent.at(1)?.bytes.byteLength).toBe(10);
  });

  it("are bounded in number and bytes", () => {
    const recent = new RecentFrames(3, 25);
    for (const number of [1, 2, 3, 4]) recent.add(frame(number));
    expect(recent.at(1)?.header.number).toBe(3);
    recent.add(frame(5, 99));
    expect([recent.at(4)?.header.number, recent.newest?.header.number]).toEqual([5, 5]);
    recent.clear();
    expect([recent.at(5), recent.newest]).toEqual([null, null]);
  });
});
