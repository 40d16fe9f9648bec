/** Coded frames fetched lately, bounded by bytes; the longest unused goes first. */

import type { CodedFrame } from "./coded";

export const CACHE_BYTES = 48 << 20; // about 500 coded frames of 640×480 RGB

export class FrameCache {
  private readonly kept = new Map<string, CodedFrame>();
  private bytes = 0;

  constructor(private readonly limit: number = CACHE_BYTES) {}

  has(key: string): boolean {
    return this.kept.has(key);
  }

  get(key: string): CodedFrame | null {
    const found = this.kept.get(key);
    if (!found) return null;
    this.kept.delete(key);
    this.kept.set(key, found);
    return found;
  }

  put(key: string, value: CodedFrame): void {
    this.bytes += value.bytes.byteLength - (this.kept.get(key)?.bytes.byteLength ?? 0);
    this.kept.delete(key);
    this.kept.set(key, value);
    for (const [oldest, frame] of this.kept) {
      if (this.bytes <= this.limit || oldest === key) break;
      this.kept.delete(oldest);
      this.bytes -= frame.bytes.byteLength;
    }
  }
}
