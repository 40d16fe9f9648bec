/** The marks on a picture: what a viewer must know before trusting it. Every mark has words and a sign, never colour alone. */

import type { Lateness } from "./freshness";
import type { Held } from "./hold";
import { worstError } from "./origins";

export type Mark =
  | { readonly kind: "disconnected" }
  | { readonly kind: "late"; readonly why: "old" | "still" }
  | { readonly kind: "ended" }
  | { readonly kind: "frozen" }
  | { readonly kind: "filled"; readonly tiles: number; readonly of: number; readonly worstError: number; readonly now: boolean }
  | { readonly kind: "incomplete" }
  | { readonly kind: "reduced"; readonly divisor: 2 | 4 }
  | { readonly kind: "video" }
  | { readonly kind: "lossy" }
  | { readonly kind: "masked" }
  | { readonly kind: "unmasked" }
  | { readonly kind: "derived" };

export type MarkKind = Mark["kind"];

export interface Facts {
  readonly connected: boolean;
  readonly ended: boolean;
  readonly lateness: Lateness;
  /** Held still by a person: it is not late, it is old on purpose. */
  readonly frozen?: boolean;
  /** The shown frame; null before the first. */
  readonly frame: {
    readonly exact: boolean;
    readonly discard: number;
    /** Tiles blanked for this viewer. */
    readonly masked: number;
    /** Came as lossy video. */
    readonly video?: boolean;
  } | null;
  /** Filled tiles of the shown frame, or of one a moment ago. */
  readonly filled: Held | null;
  readonly lossySource: boolean;
  /** Sent without a profile that blanks what may name the patient. */
  readonly unmaskedSource: boolean;
  readonly derived: boolean;
}

/** Gravest first. A picture that is over is not late: it says that it ended. */
export function marks(facts: Facts): Mark[] {
  const { frame } = facts;
  const shown: Mark[] = [];
  if (!facts.connected && !facts.ended) shown.push({ kind: "disconnected" });
  if (facts.lateness !== "no" && !facts.ended && !facts.frozen) shown.push({ kind: "late", why: facts.lateness });
  if (facts.ended) shown.push({ kind: "ended" });
  if (facts.frozen) shown.push({ kind: "frozen" });
  if (facts.derived) shown.push({ kind: "derived" });
  if (facts.filled) {
    const { tiles, origins } = facts.filled.frame;
    shown.push({ kind: "filled", tiles: origins.length, of: tiles, worstError: worstError(origins), now: facts.filled.now });
  }
  if (frame && !frame.exact && !facts.filled?.now) shown.push({ kind: "incomplete" });
  if (frame?.video) shown.push({ kind: "video" });
  else if (frame && frame.discard > 0) shown.push({ kind: "reduced", divisor: frame.discard === 1 ? 2 : 4 });
  if (frame && frame.masked > 0) shown.push({ kind: "masked" });
  if (facts.unmaskedSource) shown.push({ kind: "unmasked" });
  if (facts.lossySource) shown.push({ kind: "lossy" });
  return shown;
}
