/** The newest coded frames of the running exam, so that it can be held still at one of them; bounded in frames and bytes. */

import type { Frame } from "../wire/live";

export const FRAMES_MAX = 90; // three seconds at 30 a second: as far as two viewers are ever apart
export const BYTES_MAX = 16 << 20;

export class RecentFrames {
  private readonly frames: Frame[] = [];
  private bytes = 0;

  constructor(private readonly framesMax = FRAMES_MAX, private readonly bytesMax = BYTES_MAX) {}

  /** Keep a copy: the decoder takes the bytes themselves. */
  add(frame: Frame): void {
    this.frames.push({ ...frame, bytes: frame.bytes.slice(0) });
    this.bytes += frame.bytes.byteLength;
    while (this.frames.length > this.framesMax || (this.bytes > this.bytesMax && this.frames.length > 1)) {
      this.bytes -= this.frames.shift()!.bytes.byteLength;
    }
  }

  /** Give frame `number` in its newest revision, else the nearest before it, else the oldest kept. */
  at(number: number): Frame | null {
    const until = this.frames.filter((one) => one.header.number <= number);
    const found = until[until.length - 1] ?? this.frames[0];
    return found ? { ...found, bytes: found.bytes.slice(0) } : null;
  }

  get newest(): Frame | null {
    const found = this.frames[this.frames.length - 1];
    return found ? { ...found, bytes: found.bytes.slice(0) } : null;
  }

  clear(): void {
    this.frames.length = 0;
    this.bytes = 0;
  }
}
