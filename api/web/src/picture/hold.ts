/**
 * A filled frame passes in a thirtieth of a second; nobody reads a mark that fast. The mark of the last filled frame
 * stays for a second and says that it is of a moment ago. Outlines are drawn on the filled frame alone.
 */

import type { TileOrigin } from "./origins";

export const HOLD_MS = 1_000;

export interface FilledFrame {
  readonly number: number;
  readonly tiles: number;
  readonly origins: readonly TileOrigin[];
}

export interface Held {
  readonly frame: FilledFrame;
  /** The frame on the screen is this one. */
  readonly now: boolean;
}

/** What to say of filled tiles; `shown`: the frame on the screen; `last`: the filled frame shown last. */
export function held(shown: FilledFrame | null, last: FilledFrame | null, lastMs: number, nowMs: number): Held | null {
  if (shown && shown.origins.length > 0) return { frame: shown, now: true };
  return last && nowMs - lastMs <= HOLD_MS ? { frame: last, now: false } : null;
}
