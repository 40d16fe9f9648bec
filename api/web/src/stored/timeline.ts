/**
 * The stored frames of one source as one clip.
 *
 * The archive closes an instance every few seconds, so a session has many; a viewer wants one clip. Runs of frames are
 * put in order of frame number. Where a frame is stored as acquired, that is shown; derived frames (they hold estimated
 * pixels) stand only where no acquired one is.
 */

import { DERIVED, type StoredRun } from "./runs";

export interface Run extends Omit<StoredRun, "source" | "kind"> {
  readonly derived: boolean;
}

export interface Timeline {
  readonly runs: readonly Run[];
  readonly frames: number;
}

export interface Spot {
  readonly uid: string;
  /** 1-based, as DICOM counts frames of an instance. */
  readonly frame: number;
  readonly number: number;
  readonly derived: boolean;
}

export const EMPTY: Timeline = { runs: [], frames: 0 };

/** Put the runs of a source in order; derived frames only fill gaps. */
export function timeline(stored: readonly StoredRun[], source: string): Timeline {
  const runs = stored.filter((one) => one.source === source).map(runOf);
  const acquired = ordered(runs.filter((run) => !run.derived));
  const derived = runs.filter((run) => run.derived).flatMap((run) => outside(run, acquired));
  const all = ordered([...acquired, ...derived]);
  return { runs: all, frames: all.reduce((sum, run) => sum + run.last - run.first + 1, 0) };
}

function runOf({ uid, first, last, index, kind }: StoredRun): Run {
  return { uid, first, last, index, derived: kind === DERIVED };
}

function ordered(runs: readonly Run[]): Run[] {
  return [...runs].sort((a, b) => a.first - b.first);
}

/** Cut from a run what other runs hold already. */
function outside(run: Run, others: readonly Run[]): Run[] {
  let rest: Run[] = [run];
  for (const other of others) rest = rest.flatMap((piece) => without(piece, other));
  return rest;
}

function without(run: Run, other: Run): Run[] {
  if (other.last < run.first || other.first > run.last) return [run];
  const pieces: Run[] = [];
  if (run.first < other.first) pieces.push({ ...run, last: other.first - 1 });
  if (run.last > other.last) pieces.push({ ...run, first: other.last + 1, index: run.index + other.last + 1 - run.first });
  return pieces;
}

/** Give the frame at a position of the clip, from 0; null outside it. */
export function spotAt({ runs }: Timeline, position: number): Spot | null {
  let before = 0;
  for (const run of runs) {
    const length = run.last - run.first + 1;
    if (position < before + length) {
      const into = position - before;
      if (into < 0) return null;
      return { uid: run.uid, frame: run.index + into + 1, number: run.first + into, derived: run.derived };
    }
    before += length;
  }
  return null;
}

/** Give the position of a frame number, or of the nearest stored one before it. */
export function positionOf({ runs }: Timeline, number: number): number {
  let position = 0;
  for (const run of runs) {
    if (number < run.first) break;
    position += Math.min(number, run.last) - run.first + 1;
  }
  return Math.max(0, position - 1);
}
