/**
 * Which way the live picture comes: true pixels over the socket, or lossy video where that does not do.
 *
 * Video is for a socket that is blocked, and for a link that does not even carry the 1/4 picture. The socket is tried
 * again all the time, and the first true picture over it ends the video; after a thin link it is tried now and then, and
 * must first show that it carries the 1/4 picture.
 */

export const DOWN_MS = 2_000; // a socket that opens over a slow link needs six round trips
export const THIN_MS = 4_000; // after the 1/4 picture began: two of the server's own looks at the drops
export const REST_MS = 20_000; // a thin link is left alone this long at first; the time doubles
export const REST_MAX_MS = 160_000;
export const PROBE_MS = 4_000;
const DROPPED_SHARE = 0.5; // of the frames of the 1/4 picture
const OLD_MS = 2_000;

/** What one tick of the socket told. */
export interface Load {
  readonly atMs: number;
  /** Resolutions left out of the newest frame. */
  readonly discard: number;
  /** Frames that came, and that the server passed over, since joining. */
  readonly came: number;
  readonly dropped: number;
  /** Age of the newest frame that came; null where it is not known. */
  readonly ageMs: number | null;
}

/** Does the link carry what it was asked for in `spanMs`? null: not known yet. `loads` in rising order. */
export function carries(loads: readonly Load[], spanMs: number): boolean | null {
  const last = loads[loads.length - 1];
  const first = last && loads.find((one) => one.atMs >= last.atMs - spanMs);
  if (!last || !first || last.atMs - first.atMs < 0.75 * spanMs) return null;
  const dropped = last.dropped - first.dropped;
  const came = last.came - first.came;
  return !(dropped > DROPPED_SHARE * (dropped + came) || isOld(last));
}

/** Is the link too thin for the smallest true picture? */
export function isThin(loads: readonly Load[]): boolean {
  const last = loads[loads.length - 1];
  const smallest = last ? loads.filter((one) => one.atMs >= last.atMs - THIN_MS) : [];
  return smallest.every((one) => one.discard === 2) && carries(smallest, THIN_MS) === false;
}

function isOld({ ageMs }: Load): boolean {
  return ageMs !== null && ageMs > OLD_MS;
}

/** How long to leave the socket alone after it was found too thin for the `times`-th time (from 1). */
export function restMs(times: number): number {
  return Math.min(REST_MAX_MS, REST_MS * 2 ** (times - 1));
}
