/** The page's handle on the decoding worker. */

import type { Picture } from "./samples";

export interface Order {
  readonly id: number;
  readonly bytes: ArrayBuffer;
  readonly offset: number;
  readonly discard: number;
  /** Give every tile, not only those that changed. */
  readonly whole: boolean;
}

export type Answer =
  | { readonly id: number; readonly picture: Picture; readonly spentMs: number }
  | { readonly id: number; readonly error: string };

export class DecoderFailed extends Error {}

interface Waiting {
  resolve(picture: Picture): void;
  reject(error: Error): void;
}

/** Decodes in order; `decode` takes the bytes over (they are transferred). */
export class Decoder {
  private readonly worker = new Worker(new URL("./decoder.worker.ts", import.meta.url), { type: "module" });
  private readonly waiting = new Map<number, Waiting>(); // bounded by the callers: two pictures at most wait
  private nextId = 0;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => this.settle(data);
    this.worker.onerror = (event) => this.fail(new DecoderFailed(event.message || "the decoder did not start"));
  }

  decode(bytes: ArrayBuffer, offset: number, discard: number, whole: boolean): Promise<Picture> {
    const id = this.nextId++;
    const order: Order = { id, bytes, offset, discard, whole };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage(order, [bytes]);
    });
  }

  close(): void {
    this.worker.terminate();
    this.fail(new DecoderFailed("closed"));
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ("picture" in answer) waiting?.resolve(answer.picture);
    else waiting?.reject(new DecoderFailed(answer.error));
  }

  private fail(error: Error): void {
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
  }
}
