/**
 * The JPEG 2000 codestream as the page cuts it (ISO/IEC 15444-1 Annex A): the reverse of stitching.
 *
 * A frame's stream holds one tile-part per tile and resolution. Tiles are independent, so one tile's parts under a main
 * header of that tile's size are a stream of their own. Only tiles whose bytes changed are decoded.
 *
 * The bytes come from the network: every length is checked against the bytes that are there.
 */

export const SIDE_MAX = 16_384;
export const TILES_MAX = 4_096;
export const SAMPLES_MAX = 64 << 20;
const SOC = 0xff4f;
const SIZ = 0xff51;
const COD = 0xff52;
const SOT = 0xff90;
const EOC = 0xffd9;
const SOT_BYTES = 14; // the SOT segment and the SOD marker
const SIZ_AT = { columns: 4, rows: 8, tile: 20, tileRows: 24, components: 36, samples: 38 } as const;

export class BadCodestream extends Error {}

export interface MainHeader {
  readonly columns: number;
  readonly rows: number;
  readonly tile: number;
  readonly components: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly levels: number;
  /** Offset of the SIZ segment's length field. */
  readonly sizeAt: number;
  /** Offset of the first tile-part. */
  readonly end: number;
}

/** Where one tile-part stands in the stream. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

export interface Codestream {
  readonly bytes: Uint8Array;
  readonly header: MainHeader;
  /** Per tile index, its tile-parts in order of resolution. */
  readonly tiles: readonly (readonly Span[])[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Parse a canonical stream or a prefix of one; throws BadCodestream. */
export function parse(bytes: Uint8Array): Codestream {
  const header = readHeader(bytes);
  return { bytes, header, tiles: readTiles(bytes, header) };
}

function readHeader(bytes: Uint8Array): MainHeader {
  const data = view(bytes);
  if (bytes.length < 4 || data.getUint16(0) !== SOC) throw new BadCodestream("no SOC marker");
  let at = 2;
  let sizeAt = -1;
  let levels = -1;
  while (at + 4 <= bytes.length) {
    const marker = data.getUint16(at);
    const length = data.getUint16(at + 2);
    if (marker === SOT || marker === EOC) break;
    if (marker < SOC || length < 2 || at + 2 + length > bytes.length) {
      throw new BadCodestream(`a marker of ${length} bytes does not fit at ${at}`);
    }
    if (marker === SIZ && length >= SIZ_AT.samples + 3) sizeAt = at + 2;
    if (marker === COD && length >= 12) levels = data.getUint8(at + 9);
    at += 2 + length;
  }
  if (sizeAt < 0 || levels < 0) throw new BadCodestream("SIZ or COD is missing");
  return checked(data, sizeAt, levels, at);
}

function checked(data: DataView, sizeAt: number, levels: number, end: number): MainHeader {
  const columns = data.getUint32(sizeAt + SIZ_AT.columns);
  const rows = data.getUint32(sizeAt + SIZ_AT.rows);
  const tile = data.getUint32(sizeAt + SIZ_AT.tile);
  const components = data.getUint16(sizeAt + SIZ_AT.components);
  const depth = data.getUint8(sizeAt + SIZ_AT.samples);
  const header = { columns, rows, tile, components, bits: (depth & 0x7f) + 1, signed: depth > 0x7f, levels, sizeAt, end };
  const whole = columns >= 1 && rows >= 1 && columns <= SIDE_MAX && rows <= SIDE_MAX;
  const square = tile === data.getUint32(sizeAt + SIZ_AT.tileRows) && tile >= 32 && (tile & (tile - 1)) === 0;
  if (!whole || !square || (components !== 1 && components !== 3) || header.bits < 8 || header.bits > 16) {
    throw new BadCodestream(`${columns}×${rows}, tiles of ${tile}, ${components} × ${header.bits} bit is not accepted`);
  }
  if (columns * rows * components > SAMPLES_MAX || tilesOf(header) > TILES_MAX) {
    throw new BadCodestream(`${columns}×${rows} in tiles of ${tile} is above the limit`);
  }
  return header;
}

export function tilesAcross(header: Pick<MainHeader, "columns" | "tile">): number {
  return Math.ceil(header.columns / header.tile);
}

function tilesOf(header: Pick<MainHeader, "columns" | "rows" | "tile">): number {
  return tilesAcross(header) * Math.ceil(header.rows / header.tile);
}

function readTiles(bytes: Uint8Array, header: MainHeader): Span[][] {
  const data = view(bytes);
  const tiles: Span[][] = Array.from({ length: tilesOf(header) }, () => []);
  let at = header.end;
  while (at + 2 <= bytes.length && data.getUint16(at) !== EOC) {
    if (at + SOT_BYTES > bytes.length || data.getUint16(at) !== SOT) throw new BadCodestream(`no tile-part at ${at}`);
    const spans = tiles[data.getUint16(at + 4)];
    const length = data.getUint32(at + 6);
    if (!spans || length < SOT_BYTES || at + length > bytes.length || data.getUint8(at + 10) !== spans.length) {
      throw new BadCodestream(`a tile-part of ${length} bytes does not fit at ${at}`);
    }
    spans.push({ start: at, length });
    at += length;
  }
  const parts = tiles[0]?.length ?? 0;
  if (parts < 1 || tiles.some((spans) => spans.length !== parts)) throw new BadCodestream("tiles are not complete");
  return tiles;
}

/** Give a tile's place in the picture that is 2**discard smaller a side. */
export function boxOf(header: Pick<MainHeader, "columns" | "rows" | "tile">, tile: number, discard = 0): Box {
  const across = tilesAcross(header);
  const left = (tile % across) * header.tile;
  const top = Math.floor(tile / across) * header.tile;
  const right = Math.min(left + header.tile, header.columns);
  const bottom = Math.min(top + header.tile, header.rows);
  const x = reduced(left, discard);
  const y = reduced(top, discard);
  return { x, y, columns: reduced(right, discard) - x, rows: reduced(bottom, discard) - y };
}

/** Give a side of the picture that is 2**discard smaller. */
export function reduced(side: number, discard: number): number {
  return Math.ceil(side / 2 ** discard);
}

/**
 * Give one tile as a stream of its own.
 *
 * With `wide` it is declared signed 16 bit: the codec clips signed 8-bit samples to 0…255 otherwise.
 */
export function cutTile(stream: Codestream, tile: number, wide: boolean): Uint8Array {
  const { bytes, header } = stream;
  const spans = stream.tiles[tile] ?? [];
  const size = spans.reduce((sum, span) => sum + span.length, header.end + 2);
  const alone = new Uint8Array(size);
  alone.set(bytes.subarray(0, header.end));
  const data = view(alone);
  const box = boxOf(header, tile);
  data.setUint32(header.sizeAt + SIZ_AT.columns, box.columns);
  data.setUint32(header.sizeAt + SIZ_AT.rows, box.rows);
  if (wide) {
    for (let c = 0; c < header.components; c++) data.setUint8(header.sizeAt + SIZ_AT.samples + 3 * c, 0x8f);
  }
  let at = header.end;
  for (const span of spans) {
    alone.set(bytes.subarray(span.start, span.start + span.length), at);
    data.setUint16(at + 4, 0);
    at += span.length;
  }
  data.setUint16(at, EOC);
  return alone;
}
