/** How long to wait before connecting again. */

export const FIRST_MS = 250;
export const LONGEST_MS = 4_000; // a cut of 20 s is over within 5 s of the network's return
export const CROWDED_MS = 5_000;

/** Wait before try number `attempt` (from 0): doubled each time, up to a fifth shorter by `random` in 0…1. */
export function waitMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return full * (1 - 0.2 * random);
}
