import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Client } from "../../src/api/client_io";
import type { LinkPorts } from "../../src/live/link_io";
import type { LinkState } from "../../src/live/link";
import type { VideoEnd, VideoPorts } from "../../src/live/whep_io";
import type { Picture } from "../../src/picture/samples";
import type { Frame, FrameHeader, Told } from "../../src/wire/live";

const sockets: FakeLink[] = [];
const videos: FakeVideo[] = [];

class FakeLink {
  said: object[] = [];
  closed = false;
  rejoined = 0;
  constructor(readonly ports: LinkPorts<Told>) {
    sockets.push(this);
  }
  run(): Promise<void> {
    return Promise.resolve();
  }
  say(message: object): void {
    this.said.push(message);
  }
  rejoin(): void {
    this.rejoined++;
  }
  close(): void {
    this.closed = true;
  }
}

class FakeVideo {
  closed = false;
  constructor(readonly ports: VideoPorts, private readonly finish: (end: VideoEnd) => void) {
    videos.push(this);
  }
  end(end: VideoEnd): void {
    this.finish(end);
  }
  close(): void {
    if (!this.closed) this.finish("closed");
    this.closed = true;
  }
}

vi.mock("../../src/live/link_io", () => ({ LiveLink: FakeLink, openSocket: () => undefined }));
vi.mock("../../src/live/whep_io", () => ({
  Video: {
    watch: (_: Client, __: string, ports: VideoPorts, hold: (video: FakeVideo) => void) =>
      new Promise<VideoEnd>((resolve) => hold(new FakeVideo(ports, resolve))),
  },
}));

const { Carrier } = await import("../../src/live/carrier_io");

const header = (number: number, video = false, discard = 0): FrameHeader => ({ number, video, discard, revision: 0, capturedMs: 0 }) as FrameHeader;
const frame = (number: number, discard = 0): Frame => ({ header: header(number, false, discard), bytes: new ArrayBuffer(0), offset: 0 });
const PICTURE = {} as Picture;
const tick = (dropped: number): Told => ({ type: "tick", dropped }) as Told;

function start() {
  const states: LinkState[] = [];
  const shown: string[] = [];
  let ageMs: number | null = 50;
  const carrier = new Carrier({
    api: {} as Client,
    session: "exam",
    source: () => "probe",
    onState: (state) => states.push(state),
    onFrame: (one) => shown.push(`true ${one.header.number}`),
    onPicture: (one) => shown.push(`video ${one.number}`),
    onTold: () => undefined,
    onBadMessage: () => undefined,
    ageMs: () => ageMs,
  });
  return { carrier, states, shown, setAge: (age: number) => (ageMs = age) };
}

const last = <T>(list: T[]): T => list[list.length - 1]!;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Let the socket tick four times a second while frames come (and are passed over) at these rates. */
async function ticks(seconds: number, from: { came: number; dropped: number }, discard = 2) {
  for (let i = 0; i < seconds * 4; i++) {
    const { ports } = last(sockets);
    for (let n = 0; n < from.came / 4; n++) ports.onFrame!(frame(1_000 + i, discard));
    ports.onTold(tick((from.dropped * i) / 4), 0);
    await pass(250);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  sockets.length = videos.length = 0;
});
afterEach(() => vi.useRealTimers());

describe("the live picture's way", () => {
  it("is the socket as long as that does", async () => {
    const { shown, states } = start();
    last(sockets).ports.onState("live");
    last(sockets).ports.onFrame!(frame(1));
    await ticks(8, { came: 30, dropped: 1 }, 0);
    expect(videos).toEqual([]);
    expect(shown[0]).toBe("true 1");
    expect(states).toEqual(["live"]);
  });

  it("is video where the socket does not come up, until the first true picture", async () => {
    const { carrier, shown, states } = start();
    last(sockets).ports.onState("waiting");
    await pass(2_500);
    expect(videos).toHaveLength(1);
    last(videos).ports.onPicture(header(5, true), PICTURE);
    expect(carrier.lossy.value).toBe(true);
    last(sockets).ports.onState("waiting");
    expect(states).toEqual(["waiting", "live"]);
    last(sockets).ports.onState("live");
    last(videos).ports.onPicture(header(6, true), PICTURE);
    last(sockets).ports.onFrame!(frame(7));
    expect(shown).toEqual(["video 5", "video 6", "true 7"]);
    expect([carrier.lossy.value, last(videos).closed]).toEqual([false, true]);
    await pass(5_000);
    expect(videos).toHaveLength(1);
  });

  it("tries the socket at once where the video is lost, and the video again", async () => {
    const { states } = start();
    last(sockets).ports.onState("waiting");
    await pass(2_500);
    last(videos).ports.onPicture(header(5, true), PICTURE);
    last(videos).end("waiting");
    await pass(0);
    expect(last(sockets).rejoined).toBe(1);
    expect(last(states)).toBe("waiting");
    await pass(1_000);
    expect(videos).toHaveLength(2);
  });

  it("is video where not even the 1/4 picture is carried; the socket rests and must prove itself", async () => {
    const { carrier, shown } = start();
    last(sockets).ports.onState("live");
    await ticks(6, { came: 4, dropped: 26 });
    expect(videos).toHaveLength(1);
    last(videos).ports.onPicture(header(2_000, true), PICTURE);
    expect(sockets.map((one) => one.closed)).toEqual([true]);
    await pass(21_000);
    expect(sockets).toHaveLength(2);
    expect(last(sockets).ports.join()).toEqual({ source: "probe", resolution: "quarter" });
    last(sockets).ports.onState("live");
    shown.length = 0;
    await ticks(3, { came: 30, dropped: 0 });
    expect(shown).toEqual([]); // not before it carried the 1/4 picture for a while
    await ticks(2, { came: 30, dropped: 0 });
    expect(last(sockets).said).toContainEqual({ type: "resolution", value: "auto" });
    expect(shown[0]).toMatch(/^true /);
    expect([carrier.lossy.value, last(videos).closed]).toEqual([false, true]);
  });

  it("leaves a link that is still too thin alone for longer", async () => {
    start();
    last(sockets).ports.onState("live");
    await ticks(6, { came: 4, dropped: 26 });
    last(videos).ports.onPicture(header(2_000, true), PICTURE);
    await pass(21_000);
    last(sockets).ports.onState("live");
    await ticks(5, { came: 4, dropped: 26 });
    expect(sockets.map((one) => one.closed)).toEqual([true, true]);
    await pass(21_000);
    expect(sockets).toHaveLength(2);
    await pass(21_000);
    expect(sockets).toHaveLength(3);
    expect(last(videos).closed).toBe(false);
  });

  it("is video where a person chose so, and true pixels again where they chose those", async () => {
    const { carrier, shown } = start();
    last(sockets).ports.onState("live");
    carrier.choose("video");
    last(sockets).ports.onFrame!(frame(1));
    last(videos).ports.onPicture(header(2, true), PICTURE);
    expect(shown).toEqual(["true 1", "video 2"]);
    await pass(60_000);
    expect(sockets.map((one) => one.closed)).toEqual([true]);
    carrier.choose("half");
    expect(last(sockets).ports.join()).toEqual({ source: "probe", resolution: "half" });
    last(sockets).ports.onState("live");
    last(sockets).ports.onFrame!(frame(9));
    expect([carrier.lossy.value, last(videos).closed]).toEqual([false, true]);
  });

  it("is the socket alone where the site has no video", async () => {
    const { carrier } = start();
    last(sockets).ports.onState("waiting");
    await pass(2_500);
    last(videos).end("none");
    await pass(30_000);
    expect(videos).toHaveLength(1);
    expect(carrier.offered.value).toBe(false);
  });

  it("ends with the right to watch, whichever way it came", async () => {
    const { carrier, states } = start();
    last(sockets).ports.onState("waiting");
    await pass(2_500);
    last(videos).ports.onPicture(header(5, true), PICTURE);
    last(sockets).ports.onState("refused");
    expect([last(states), carrier.lossy.value, last(videos).closed]).toEqual(["refused", false, true]);
    await pass(30_000);
    expect(videos).toHaveLength(1);
  });
});
