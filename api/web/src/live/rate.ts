/** The frame rate as seen: paints of the last two seconds. */

const OVER_MS = 2_000;

/** Frames a second; `paintedMs` in rising order. */
export function rateHz(paintedMs: readonly number[], nowMs: number): number {
  const lately = paintedMs.filter((at) => nowMs - at <= OVER_MS);
  const spanMs = nowMs - (lately[0] ?? nowMs);
  return lately.length < 2 || spanMs <= 0 ? 0 : ((lately.length - 1) * 1000) / spanMs;
}
