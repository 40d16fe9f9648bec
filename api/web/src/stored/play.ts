/** Playing a stored clip: which frame is due, and which to fetch before it is. Frames count from 0 here. */

export const RATES_HZ = [1, 2, 5, 10, 15, 20, 25, 30, 50, 60] as const;
export const AHEAD = 8; // frames fetched before they are due: a quarter of a second at 30 a second

export interface Start {
  readonly frame: number;
  readonly atMs: number;
}

/** The frame due now; it begins again after the last. */
export function dueFrame(start: Start, nowMs: number, rateHz: number, frames: number): number {
  if (frames <= 0) return 0;
  const steps = Math.floor(Math.max(0, nowMs - start.atMs) * rateHz * 1e-3);
  return (start.frame + steps) % frames;
}

export interface Step {
  readonly frame: number;
  readonly start: Start;
}

/**
 * Go on by at most one frame, when it is due. Where drawing was slower than the rate, playing slows down: it goes on from
 * here and does not skip frames that nobody saw.
 */
export function advance(start: Start, frame: number, nowMs: number, rateHz: number, frames: number): Step {
  const due = dueFrame(start, nowMs, rateHz, frames);
  if (due === frame || frames <= 0) return { frame, start };
  const next = (frame + 1) % frames;
  return { frame: next, start: due === next ? start : { frame: next, atMs: nowMs } };
}

/** Frames to have ready, the most urgent first; playing begins again after the last frame, standing still does not. */
export function wanted(frame: number, frames: number, playing: boolean): number[] {
  const count = Math.min(frames, playing ? AHEAD : 3);
  const ahead = Array.from({ length: count }, (_, step) => frame + step);
  return playing ? ahead.map((one) => one % frames) : ahead.filter((one) => one < frames);
}

/** The rate to begin with: the offered one nearest to the source's. */
export function nearestRate(rateHz: number): number {
  const distance = (rate: number): number => Math.abs(rate - rateHz);
  return RATES_HZ.reduce((best: number, rate) => (distance(rate) < distance(best) ? rate : best), RATES_HZ[0]);
}

/** Step by `by` frames within the clip. */
export function stepped(frame: number, by: number, frames: number): number {
  return Math.min(Math.max(0, frames - 1), Math.max(0, frame + by));
}
