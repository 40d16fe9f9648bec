/** The golden streams that `data/make.py` makes, and the codec as tests use it. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { Codec } from "../src/picture/codec";
import type { Picture } from "../src/picture/samples";

export interface Golden {
  readonly columns: number;
  readonly rows: number;
  readonly components: number;
  readonly bits: number;
  readonly signed: boolean;
  /** At full size, 1/2 and 1/4. */
  readonly sha256: readonly string[];
  /** Bytes of the prefixes for 1/2 and 1/4. */
  readonly prefix: readonly number[];
}

const FOLDER = new URL("./data/", import.meta.url);

export const GOLDEN = JSON.parse(readFileSync(new URL("expected.json", FOLDER), "utf8")) as Record<string, Golden>;

/** A golden stream, or its exact prefix for 1/2**discard. */
export function stream(name: string, discard = 0): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(readFileSync(new URL(`${name}.j2c`, FOLDER)));
  if (discard === 0) return whole;
  const cut = whole.slice(0, GOLDEN[name]!.prefix[discard - 1]);
  cut.set([0xff, 0xd9], cut.length - 2);
  return cut;
}

export async function loadCodec(): Promise<Codec> {
  const require = createRequire(import.meta.url);
  const create = require("@cornerstonejs/codec-openjph") as (options: object) => Promise<Codec>;
  return create({ print: () => undefined, printErr: () => undefined });
}

/** Put pieces together; `into` is the picture they change. */
export function assemble(picture: Picture, into?: Int32Array): Int32Array {
  const { columns, rows, components } = picture.format;
  const whole = into ?? new Int32Array(columns * rows * components);
  for (const piece of picture.pieces) {
    for (let row = 0; row < piece.rows; row++) {
      const line = piece.samples.subarray(row * piece.columns * components, (row + 1) * piece.columns * components);
      whole.set(line, ((piece.y + row) * columns + piece.x) * components);
    }
  }
  return whole;
}

/** SHA-256 as `make.py` takes it, clipped to the depth's range. */
export function digest(samples: Int32Array, { bits, signed }: Pick<Golden, "bits" | "signed">): string {
  const low = signed ? -(2 ** (bits - 1)) : 0;
  const high = low + 2 ** bits - 1;
  const clipped = samples.map((value) => Math.min(high, Math.max(low, value)));
  const bytes = bits === 8 && !signed ? Uint8Array.from(clipped) : signed ? Int16Array.from(clipped) : Uint16Array.from(clipped);
  return createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex");
}
