/** Decoding with OpenJPH (WebAssembly), tile by tile, only what changed. */

import { BadCodestream, boxOf, type Codestream, cutTile, parse, reduced } from "../wire/codestream";
import { changedTiles } from "./changed";
import type { Picture, Piece, Samples } from "./samples";

/** The part of `@cornerstonejs/codec-openjph` that is used here. */
export interface Htj2kDecoder {
  getEncodedBuffer(size: number): Uint8Array;
  decodeSubResolution(level: number): void;
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

export interface Codec {
  HTJ2KDecoder: new () => Htj2kDecoder;
}

/** Remembers the stream decoded last, so that the next one costs only what changed. */
export class TileDecoder {
  private decoder: Htj2kDecoder;
  private before: Codestream | null = null;
  private discard = 0;

  constructor(private readonly codec: Codec) {
    this.decoder = new codec.HTJ2KDecoder();
  }

  /** Forget the last picture: the next one is given whole. */
  forget(): void {
    this.before = null;
  }

  /** Decode what changed, 2**discard smaller a side; throws BadCodestream, after which the next picture is whole. */
  decode(bytes: Uint8Array, discard: number): Picture {
    const before = discard === this.discard ? this.before : null;
    this.before = null;
    const stream = parse(bytes);
    const { header } = stream;
    if (discard > header.levels) throw new BadCodestream(`${header.levels} levels cannot give 1/${2 ** discard}`);
    const pieces = changedTiles(before, stream).map((tile) => this.piece(stream, tile, discard));
    this.before = stream;
    this.discard = discard;
    const { components, bits, signed } = header;
    const format = {
      columns: reduced(header.columns, discard), rows: reduced(header.rows, discard), components, bits, signed,
    };
    return { format, pieces, tiles: stream.tiles.length };
  }

  private piece(stream: Codestream, tile: number, discard: number): Piece {
    const { components, bits, signed } = stream.header;
    const box = boxOf(stream.header, tile, discard);
    const bytes = this.samples(cutTile(stream, tile, signed && bits === 8), discard);
    if (bytes.length !== box.columns * box.rows * components * (bits === 8 && !signed ? 1 : 2)) {
      throw new BadCodestream(`tile ${tile} decoded to ${bytes.length} bytes`);
    }
    return { ...box, samples: typed(bytes, bits, signed) };
  }

  private samples(alone: Uint8Array, discard: number): Uint8Array<ArrayBuffer> {
    try {
      this.decoder.getEncodedBuffer(alone.length).set(alone);
      this.decoder.decodeSubResolution(discard);
      return this.decoder.getDecodedBuffer().slice();
    } catch (error) {
      this.decoder.delete(); // its state is unknown after an exception inside it
      this.decoder = new this.codec.HTJ2KDecoder();
      throw new BadCodestream(`not decodable: ${String(error)}`);
    }
  }
}

function typed(bytes: Uint8Array<ArrayBuffer>, bits: number, signed: boolean): Samples {
  if (signed) return new Int16Array(bytes.buffer);
  return bits === 8 ? bytes : new Uint16Array(bytes.buffer);
}
