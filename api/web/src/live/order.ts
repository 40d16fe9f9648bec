/** Newest wins: never an older frame after a newer one. */

export interface Place {
  readonly number: number;
  readonly revision: number;
  readonly discard: number;
  /** Lossy: any true picture of the frame is finer. */
  readonly video?: boolean;
}

const coarseness = ({ discard, video }: Place): number => (video ? Infinity : discard);

/** Is `next` to be shown after `shown`? A later revision, or a finer picture of the same frame, counts as newer. */
export function isNewer(shown: Place | null, next: Place): boolean {
  if (shown === null) return true;
  if (next.number !== shown.number) return next.number > shown.number;
  if (next.revision !== shown.revision) return next.revision > shown.revision;
  return coarseness(next) < coarseness(shown);
}

/** Was the picture held still while this frame was still being decoded? Then it is newer than what is held, and not shown. */
export function isOvertaken(frozen: number | null, chosen: number | null, number: number): boolean {
  return frozen !== null && number > frozen && number !== chosen;
}
