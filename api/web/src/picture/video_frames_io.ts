/** Takes pictures out of a playing video, each with the facts that were told of it. */

import type { FrameHeader } from "../wire/live";
import { reduced } from "../wire/codestream";
import type { Picture } from "./samples";

const FACTS_KEPT = 128; // four seconds at 30 a second: far more than a player holds back

export class VideoFrames {
  private readonly video = document.createElement("video");
  private readonly facts = new Map<number, FrameHeader>();
  private readonly context = new OffscreenCanvas(1, 1).getContext("2d", { alpha: false, willReadFrequently: true })!;
  /** The picture that plays and whose facts have not come yet. */
  private untold: number | null = null;
  private over = false;

  constructor(private readonly onPicture: (header: FrameHeader, picture: Picture) => void) {
    this.video.muted = this.video.autoplay = this.video.playsInline = true;
  }

  show(track: MediaStreamTrack): void {
    this.video.srcObject = new MediaStream([track]);
    void this.video.play().catch(() => undefined); // it begins with the first picture, or was closed
    this.next();
  }

  /** What the picture with this RTP time is. */
  tell(rtpTime: number, header: FrameHeader): void {
    this.facts.set(rtpTime, header);
    if (this.facts.size > FACTS_KEPT) this.facts.delete(this.facts.keys().next().value!);
    if (this.untold === rtpTime) this.take(header);
  }

  close(): void {
    this.over = true;
    this.video.srcObject = null;
  }

  private next(): void {
    this.video.requestVideoFrameCallback((_, { rtpTimestamp }) => {
      if (this.over) return;
      const header = rtpTimestamp === undefined ? undefined : this.facts.get(rtpTimestamp);
      this.untold = header ? null : (rtpTimestamp ?? null);
      if (header) this.take(header);
      this.next();
    });
  }

  private take(header: FrameHeader): void {
    this.untold = null;
    const columns = reduced(header.columns, header.discard);
    const rows = reduced(header.rows, header.discard);
    const { videoWidth, videoHeight } = this.video; // sides are even: one more than the picture's at most
    if (videoWidth !== columns + (columns % 2) || videoHeight !== rows + (rows % 2)) return;
    const { canvas } = this.context;
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    this.context.drawImage(this.video, 0, 0);
    const samples = withoutAlpha(this.context.getImageData(0, 0, columns, rows).data);
    const format = { columns, rows, components: 3, bits: 8, signed: false };
    this.onPicture(header, { format, pieces: [{ x: 0, y: 0, columns, rows, samples }], tiles: 1 });
  }
}

export function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}
