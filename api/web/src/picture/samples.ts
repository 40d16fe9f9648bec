/** Decoded samples, and the pieces of a picture that go from the worker to the painter. */

import type { Box } from "../wire/codestream";

export type Samples = Uint8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export interface PictureFormat {
  readonly columns: number;
  readonly rows: number;
  readonly components: number;
  readonly bits: number;
  readonly signed: boolean;
}

/** One decoded tile: `samples` are row by row, components interleaved. */
export interface Piece extends Box {
  readonly samples: Samples;
}

/** What changed on the picture; painters keep the rest. */
export interface Picture {
  readonly format: PictureFormat;
  readonly pieces: readonly Piece[];
  readonly tiles: number;
}

export function sameFormat(a: PictureFormat | null, b: PictureFormat): boolean {
  return (
    a !== null &&
    a.columns === b.columns &&
    a.rows === b.rows &&
    a.components === b.components &&
    a.bits === b.bits &&
    a.signed === b.signed
  );
}
