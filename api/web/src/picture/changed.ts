/** Which tiles differ from the stream that was decoded before: unchanged tiles are the same bytes again. */

import type { Codestream, Span } from "../wire/codestream";

/** Give the indexes of tiles to decode; all of them where nothing comparable was decoded before. */
export function changedTiles(before: Codestream | null, now: Codestream): number[] {
  const all = now.tiles.map((_, tile) => tile);
  if (before === null || !sameHeader(before, now)) return all;
  return all.filter((tile) => !sameTile(before, now, tile));
}

function sameHeader(before: Codestream, now: Codestream): boolean {
  const span: Span = { start: 0, length: now.header.end };
  return before.header.end === now.header.end && sameBytes(before.bytes, span, now.bytes, span);
}

function sameTile(before: Codestream, now: Codestream, tile: number): boolean {
  const old = before.tiles[tile] ?? [];
  const spans = now.tiles[tile] ?? [];
  return old.length === spans.length && spans.every((span, part) => sameBytes(before.bytes, old[part]!, now.bytes, span));
}

function sameBytes(a: Uint8Array, left: Span, b: Uint8Array, right: Span): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    if (a[left.start + i] !== b[right.start + i]) return false;
  }
  return true;
}
