/** Runs of stored frames: from the list of instances, and from the ledger's events as they come. */

import type { Instance } from "../api/types";
import { BadMessage, fields, json, text, whole } from "../wire/read";

export const DERIVED = "derived";
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;

/** Frames `first` to `last` of a source stand in the instance `uid` from `index` on (from 0). */
export interface StoredRun {
  readonly source: string;
  readonly uid: string;
  readonly kind: string;
  readonly first: number;
  readonly last: number;
  readonly index: number;
}

export function runsOf(instances: readonly Instance[]): StoredRun[] {
  return instances.flatMap((one) =>
    one.runs.map(([first, last, index]) => ({
      source: one.source, uid: one.sop_instance_uid, kind: one.kind, first, last, index,
    })),
  );
}

/** Read a ledger event; null where it tells of nothing stored; throws BadMessage. */
export function runOfEvent(data: string): StoredRun | null {
  const from = fields(json(data), "ledger event");
  const outcome = text(from, "outcome");
  const uid = text(from, "sop_instance_uid");
  if (uid === "" || (outcome !== "stored" && outcome !== DERIVED)) return null;
  const first = whole(from, "first", 0, NUMBER_MAX);
  const last = whole(from, "last", 0, NUMBER_MAX);
  if (last < first) throw new BadMessage(`a run from ${first} to ${last}`);
  const kind = outcome === DERIVED ? DERIVED : "exact";
  return { source: text(from, "source"), uid, kind, first, last, index: whole(from, "index", 0, NUMBER_MAX) };
}

/** Add a run; the same run told again changes nothing. */
export function added(runs: readonly StoredRun[], run: StoredRun): readonly StoredRun[] {
  const known = runs.some((one) => one.uid === run.uid && one.first === run.first && one.source === run.source);
  return known ? runs : [...runs, run];
}

export interface StoredFile {
  readonly source: string;
  readonly uid: string;
  readonly kind: string;
  readonly first: number;
  readonly last: number;
}

/** The instances the runs stand in, the newest first. */
export function filesOf(runs: readonly StoredRun[]): StoredFile[] {
  const files = new Map<string, StoredFile>();
  for (const { source, uid, kind, first, last } of runs) {
    const known = files.get(uid) ?? { source, uid, kind, first, last };
    files.set(uid, { ...known, first: Math.min(known.first, first), last: Math.max(known.last, last) });
  }
  return [...files.values()].sort((a, b) => b.first - a.first);
}
