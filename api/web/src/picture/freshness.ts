/**
 * How old the shown picture is, and when it counts as late.
 *
 * Times: `…Ms` of the page are its monotonic clock (performance.now()), `server…Ms` are UTC milliseconds of the server.
 * Late is judged again on a timer, so that silence is seen too; nothing needs to arrive for it.
 */

export const LATE_AFTER_MS = 2_000;
export const JUDGE_EVERY_MS = 200; // late is shown within 500 ms of becoming true: two of these and a paint fit in
const SAMPLES_KEPT = 40; // ten seconds of ticks

/** The server's clock as seen from here: server time = page time + offset. */
export interface ServerClock {
  readonly offsets: readonly number[];
  readonly halfTripMs: number;
}

export const NO_CLOCK: ServerClock = { offsets: [], halfTripMs: 0 };

/** Learn from a message that was sent at `serverMs` and read at `nowMs`; `askedMs`: when it was asked for, if it was. */
export function learn(clock: ServerClock, serverMs: number, nowMs: number, askedMs?: number): ServerClock {
  const offsets = [...clock.offsets, serverMs - nowMs].slice(-SAMPLES_KEPT);
  return { offsets, halfTripMs: askedMs === undefined ? clock.halfTripMs : (nowMs - askedMs) / 2 };
}

/** Server time now; null before anything was heard. The message that waited least tells best. */
export function serverNow(clock: ServerClock, nowMs: number): number | null {
  return clock.offsets.length === 0 ? null : nowMs + Math.max(...clock.offsets) + clock.halfTripMs;
}

export interface Shown {
  /** When the shown frame was captured, server UTC. */
  readonly serverCapturedMs: number;
  /** When the shown frame number last rose, page time. */
  readonly progressMs: number;
}

/** Age of the shown frame; null where there is none or the server's clock is unknown. */
export function ageMs(shown: Shown | null, clock: ServerClock, nowMs: number): number | null {
  const now = serverNow(clock, nowMs);
  return shown === null || now === null ? null : Math.max(0, now - shown.serverCapturedMs);
}

export type Lateness = "no" | "old" | "still";

/** `old`: captured more than two seconds ago; `still`: the frame number has not risen for two seconds. */
export function lateness(shown: Shown | null, clock: ServerClock, nowMs: number): Lateness {
  if (shown === null) return "no";
  const age = ageMs(shown, clock, nowMs);
  if (age !== null && age > LATE_AFTER_MS) return "old";
  return nowMs - shown.progressMs > LATE_AFTER_MS ? "still" : "no";
}
