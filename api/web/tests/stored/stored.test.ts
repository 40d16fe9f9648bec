import { describe, expect, it } from "vitest";

import type { Instance } from "../../src/api/types";
import { FrameCache } from "../../src/stored/cache";
import { type CodedFrame, codedFrame } from "../../src/stored/coded";
import { advance, dueFrame, nearestRate, stepped, wanted } from "../../src/stored/play";
import { added, filesOf, runOfEvent, runsOf, type StoredRun } from "../../src/stored/runs";
import { positionOf, spotAt, timeline } from "../../src/stored/timeline";
import { BadMessage } from "../../src/wire/read";

function coded(bytes: number): CodedFrame {
  return { bytes: new ArrayBuffer(bytes), geometry: null, masked: 0 };
}

function run(uid: string, first: number, last: number, kind = "exact", index = 0, source = "probe"): StoredRun {
  return { source, uid, kind, first, last, index };
}

describe("the clip of a source", () => {
  const items = [
    run("b", 32, 40), run("a", 0, 31), run("b", 42, 63, "exact", 9), run("s", 41, 41, "supplement"),
    run("d", 60, 70, "derived"), run("z", 0, 9, "exact", 0, "camera"),
  ];
  const clip = timeline(items, "probe");

  it("puts runs in order of frame number, with late frames where they belong", () => {
    expect(clip.runs.map((run) => [run.uid, run.first, run.last])).toEqual([
      ["a", 0, 31], ["b", 32, 40], ["s", 41, 41], ["b", 42, 63], ["d", 64, 70],
    ]);
    expect(clip.frames).toBe(71);
  });

  it("gives instance and 1-based frame of each position", () => {
    expect(spotAt(clip, 0)).toEqual({ uid: "a", frame: 1, number: 0, derived: false });
    expect(spotAt(clip, 41)).toEqual({ uid: "s", frame: 1, number: 41, derived: false });
    expect(spotAt(clip, 42)).toEqual({ uid: "b", frame: 10, number: 42, derived: false });
    expect(spotAt(clip, 71)).toBeNull();
    expect(spotAt(clip, -1)).toBeNull();
  });

  it("shows derived frames only where no acquired one is", () => {
    expect(spotAt(clip, 63)).toMatchObject({ uid: "b", derived: false });
    expect(spotAt(clip, 64)).toEqual({ uid: "d", frame: 5, number: 64, derived: true });
  });

  it("finds a frame number again after the list has grown", () => {
    const grown = timeline([...items, run("e", 100, 110)], "probe");
    expect(positionOf(grown, 42)).toBe(42);
    expect(positionOf(grown, 85)).toBe(70);
    expect(positionOf(grown, 100)).toBe(71);
    expect(positionOf(timeline([], "probe"), 5)).toBe(0);
  });
});

describe("runs", () => {
  const event = {
    source: "probe", sop_instance_uid: "1.2.3", first: 64, last: 95, index: 0, outcome: "stored", at_ns: "1", session: "s",
  };

  it("come from the list of instances, each run apart", () => {
    const listed: Instance = {
      source: "probe", sop_instance_uid: "b", series_instance_uid: "1", kind: "exact", first: 32, last: 63, frames: 31,
      runs: [[32, 40, 0], [42, 63, 9]], href: "",
    };
    expect(runsOf([listed])).toEqual([run("b", 32, 40), run("b", 42, 63, "exact", 9)]);
  });

  it("come from ledger events that tell of stored frames, and from no others", () => {
    expect(runOfEvent(JSON.stringify(event))).toEqual(run("1.2.3", 64, 95));
    expect(runOfEvent(JSON.stringify({ ...event, outcome: "derived" }))?.kind).toBe("derived");
    expect(runOfEvent(JSON.stringify({ ...event, outcome: "missing", sop_instance_uid: "" }))).toBeNull();
    for (const bad of ["", "{}", JSON.stringify({ ...event, last: 1 })]) expect(() => runOfEvent(bad)).toThrow();
  });

  it("told twice stand once", () => {
    const once = added([], run("a", 0, 3));
    expect(added(once, run("a", 0, 3))).toBe(once);
    expect(added(once, run("a", 4, 5, "exact", 4))).toHaveLength(2);
  });

  it("make files, the newest first, each with its whole range", () => {
    const files = filesOf([run("a", 0, 31), run("b", 32, 40), run("b", 42, 63, "exact", 9)]);
    expect(files.map(({ uid, first, last }) => [uid, first, last])).toEqual([["b", 32, 63], ["a", 0, 31]]);
  });
});

describe("playing", () => {
  it("shows the frame that is due, and begins again", () => {
    const start = { frame: 28, atMs: 1_000 };
    expect(dueFrame(start, 1_000, 10, 30)).toBe(28);
    expect(dueFrame(start, 1_150, 10, 30)).toBe(29);
    expect(dueFrame(start, 1_200, 10, 30)).toBe(0);
    expect(dueFrame(start, 900, 10, 30)).toBe(28);
    expect(dueFrame(start, 5_000, 10, 0)).toBe(0);
  });

  it("goes on by one frame when it is due, and slows down instead of skipping", () => {
    const start = { frame: 28, atMs: 1_000 };
    expect(advance(start, 28, 1_050, 10, 30)).toEqual({ frame: 28, start });
    expect(advance(start, 28, 1_150, 10, 30)).toEqual({ frame: 29, start });
    expect(advance(start, 29, 1_200, 10, 30)).toEqual({ frame: 0, start });
    expect(advance(start, 28, 1_900, 10, 30)).toEqual({ frame: 29, start: { frame: 29, atMs: 1_900 } });
    expect(advance(start, 0, 1_900, 10, 0)).toEqual({ frame: 0, start });
  });

  it("asks for the frames ahead, round the end while playing", () => {
    expect(wanted(28, 30, true)).toEqual([28, 29, 0, 1, 2, 3, 4, 5]);
    expect(wanted(28, 30, false)).toEqual([28, 29]);
    expect(wanted(0, 0, true)).toEqual([]);
    expect(wanted(0, 2, true)).toEqual([0, 1]);
  });

  it("steps within the clip and begins with the source's rate", () => {
    expect([stepped(0, -1, 10), stepped(9, 1, 10), stepped(4, 1, 10), stepped(3, 0, 0)]).toEqual([0, 9, 5, 0]);
    expect([nearestRate(29.97), nearestRate(0), nearestRate(400)]).toEqual([30, 1, 60]);
  });
});

describe("the cache of coded frames", () => {
  it("is bounded by bytes; the longest unused goes first", () => {
    const cache = new FrameCache(100);
    cache.put("a", coded(40));
    cache.put("b", coded(40));
    cache.get("a");
    cache.put("c", coded(40));
    expect([cache.has("a"), cache.has("b"), cache.has("c")]).toEqual([true, false, true]);
  });

  it("keeps the newest even where it alone is above the limit, and counts a replaced one once", () => {
    const cache = new FrameCache(100);
    cache.put("a", coded(60));
    cache.put("a", coded(60));
    cache.put("b", coded(40));
    expect([cache.has("a"), cache.has("b")]).toEqual([true, true]);
    cache.put("huge", coded(500));
    expect([cache.has("a"), cache.has("huge")]).toEqual([false, true]);
    expect(cache.get("absent")).toBeNull();
  });
});

describe("a stored frame", () => {
  const bytes = new ArrayBuffer(4);

  it("says how it is read and what is blanked of it", () => {
    const headers = new Headers({ "huizhen-geometry": '{"id":3,"window_center":[40]}', "huizhen-masked": "2" });
    expect(codedFrame(bytes, headers)).toEqual({ bytes, geometry: { id: 3, window_center: [40] }, masked: 2 });
  });

  it("may say nothing, but nothing that is not understood", () => {
    expect(codedFrame(bytes, new Headers())).toEqual({ bytes, geometry: null, masked: 0 });
    for (const said of ["", "[]", "{"]) expect(() => codedFrame(bytes, new Headers({ "huizhen-geometry": said }))).toThrow(BadMessage);
    expect(() => codedFrame(bytes, new Headers({ "huizhen-masked": "-1" }))).toThrow(BadMessage);
  });
});
