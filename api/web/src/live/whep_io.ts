/**
 * One video of a running exam by WHEP (draft-ietf-wish-whep): offers, is answered, hears what each picture is.
 *
 * The facts channel says what the live socket says; a picture is handed over only with its facts, so that none is shown
 * whose age and marks are not known.
 */

import type { Client } from "../api/client_io";
import { VideoFrames } from "../picture/video_frames_io";
import type { Picture } from "../picture/samples";
import { type FrameHeader, readTold, type Told } from "../wire/live";
import { afterClose, afterRefusal, type LinkState } from "./link";
import { iceServers } from "./relays";

const GATHER_MS = 1_500; // relays answer in tenths of a second; what comes later is left out
const FIRST_MS = 4_000; // from the answer to the first fact: no way was found otherwise
const SILENCE_MS = 3_000; // the server ticks four times a second
const WATCH_MS = 250;
const NOT_OFFERED = 501;

export interface VideoPorts {
  source(): string;
  onTold(told: Told, askedMs: number): void;
  onPicture(header: FrameHeader, picture: Picture): void;
  onBadMessage(error: unknown): void;
}

/** How a video ended: `none` where the site offers none. */
export type VideoEnd = LinkState | "none";

export class Video {
  private readonly rtc: RTCPeerConnection;
  private readonly frames: VideoFrames;
  private place = "";
  private heardMs = performance.now();
  private heard = false;
  private finish: (end: VideoEnd) => void = () => undefined;
  private over = false;

  constructor(private readonly api: Client, private readonly path: string, private readonly ports: VideoPorts, relays: string) {
    this.rtc = new RTCPeerConnection({ iceServers: iceServers(relays), bundlePolicy: "max-bundle" });
    this.frames = new VideoFrames((header, picture) => ports.onPicture(header, picture));
  }

  /** Show until it ends; gives why. */
  static async watch(api: Client, session: string, ports: VideoPorts, hold: (video: Video) => void): Promise<VideoEnd> {
    const path = `v1/sessions/${encodeURIComponent(session)}/whep`;
    let video: Video | null = null;
    try {
      const { relays } = await api.relays(path);
      video = new Video(api, path, ports, relays);
      hold(video);
      return await video.run();
    } catch (error) {
      const status = (error as { status?: number }).status ?? 0;
      return status === NOT_OFFERED ? "none" : afterRefusal(status);
    } finally {
      video?.close();
    }
  }

  /** End it: the server is told, so that the seat is free at once. */
  close(): void {
    if (this.over) return;
    this.over = true;
    this.finish("closed");
    this.frames.close();
    this.rtc.close();
    if (this.place) void this.api.end(this.place).catch(() => undefined); // it ends by itself too
  }

  private async run(): Promise<VideoEnd> {
    const ended = new Promise<VideoEnd>((resolve) => (this.finish = resolve));
    this.rtc.addTransceiver("video", { direction: "recvonly" });
    this.rtc.ontrack = ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0; // newest wins: nothing is gathered up
      this.frames.show(track);
    };
    const facts = this.rtc.createDataChannel("facts");
    await this.rtc.setLocalDescription();
    await gathered(this.rtc);
    const askedMs = performance.now();
    const source = this.ports.source();
    const query = source ? `?source=${encodeURIComponent(source)}` : "";
    const answer = await this.api.offer(this.path + query, this.rtc.localDescription?.sdp ?? "");
    this.place = answer.place;
    if (this.over) {
      this.over = false;
      this.close();
      return "closed";
    }
    this.heardMs = performance.now();
    facts.onmessage = ({ data }: MessageEvent<string>) => this.hear(data, askedMs);
    facts.onclose = () => this.finish("waiting");
    this.rtc.onconnectionstatechange = () => this.rtc.connectionState === "failed" && this.finish("waiting");
    const watch = setInterval(() => {
      const silentMs = performance.now() - this.heardMs;
      if (silentMs > (this.heard ? SILENCE_MS : FIRST_MS)) this.finish("waiting");
    }, WATCH_MS);
    try {
      await this.rtc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      return await ended;
    } finally {
      clearInterval(watch);
      facts.onmessage = facts.onclose = this.rtc.onconnectionstatechange = null;
    }
  }

  private hear(raw: string, askedMs: number): void {
    this.heardMs = performance.now();
    this.heard = true;
    try {
      const told = readTold(raw);
      if (told === null) return;
      if (told.type === "frame") this.frames.tell(told.rtpTime, told.header);
      else this.ports.onTold(told, askedMs);
      if (told.type === "end") this.finish("ended");
      if (told.type === "error") this.finish(afterClose(told.code, false));
    } catch (error) {
      this.ports.onBadMessage(error);
    }
  }
}

/** Wait until all candidates are known: they go with the offer, or not at all. */
function gathered(rtc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    if (rtc.iceGatheringState === "complete") resolve();
    setTimeout(resolve, GATHER_MS);
    rtc.onicegatheringstatechange = () => rtc.iceGatheringState === "complete" && resolve();
  });
}
