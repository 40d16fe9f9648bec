/** Where the shown pixels come from: tiles that were not received are outlined and named. */

import { type Box, boxOf } from "../wire/codestream";

/** Tile states of the wire that are not the captured pixels. */
export const FILLED = ["temporal", "base", "spatial"] as const;
export type Filled = (typeof FILLED)[number];

export interface TileOrigin {
  readonly tile: number;
  readonly state: Filled;
  /** Frames since the evidence was captured. */
  readonly age: number;
  /** Expected error in grey levels of the samples. */
  readonly expectedError: number;
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly tile: number;
}

export interface Outline extends TileOrigin {
  readonly box: Box;
}

/** Give a rectangle, in pixels of the full-size picture, per filled tile. */
export function outlines(grid: Grid, origins: readonly TileOrigin[]): Outline[] {
  return origins.map((origin) => ({ ...origin, box: boxOf(grid, origin.tile) }));
}

/** Give the filled tile at a point of the full-size picture. */
export function tileAt(shown: readonly Outline[], x: number, y: number): Outline | null {
  const inside = ({ box }: Outline): boolean =>
    x >= box.x && y >= box.y && x < box.x + box.columns && y < box.y + box.rows;
  return shown.find(inside) ?? null;
}

export interface Account {
  readonly state: Filled;
  readonly tiles: number;
  readonly worstError: number;
  readonly oldest: number;
}

/** Count filled tiles by method, in the order of the wire's list; methods without tiles are left out. */
export function account(origins: readonly TileOrigin[]): Account[] {
  return FILLED.map((state) => origins.filter((origin) => origin.state === state))
    .filter((group) => group.length > 0)
    .map((group) => ({
      state: group[0]!.state,
      tiles: group.length,
      worstError: Math.max(...group.map((origin) => origin.expectedError)),
      oldest: Math.max(...group.map((origin) => origin.age)),
    }));
}

/** Area-weighted mean would hide a bad tile: the mark names the worst. */
export function worstError(origins: readonly TileOrigin[]): number {
  return origins.reduce((worst, origin) => Math.max(worst, origin.expectedError), 0);
}
