/** Frames of an exam by what became of them. Captured, stored and what is wrong are never folded into one number. */

import type { Counts, Source } from "../api/types";
import { t } from "../catalogue/language";

export const ALWAYS = ["captured", "assembled", "exact", "filled", "rejected", "stored"] as const;
export const IF_ANY = ["incomplete", "missing", "derived", "behind"] as const;

const NONE: Counts = {
  captured: 0, assembled: 0, exact: 0, filled: 0, incomplete: 0, rejected: 0, stored: 0, missing: 0, derived: 0, behind: 0,
};

/** Add the counts of all sources up. */
export function total(sources: readonly Pick<Source, "counts">[]): Counts {
  return sources.reduce((sum, { counts }) => {
    const add = (name: keyof Counts): number => sum[name] + (counts[name] ?? 0);
    return Object.fromEntries(Object.keys(NONE).map((name) => [name, add(name as keyof Counts)])) as unknown as Counts;
  }, NONE);
}

interface Props {
  readonly counts: Counts | null;
  readonly dropped: number;
  readonly undecodable: number;
}

export function CountsTable({ counts, dropped, undecodable }: Props) {
  return (
    <dl class="counts" aria-label={t("counts.title")}>
      {ALWAYS.map((name) => <Count key={name} name={name} value={counts ? counts[name] : null} />)}
      <Count name="dropped" value={dropped} />
      {counts && IF_ANY.filter((name) => counts[name] > 0).map((name) => <Count key={name} name={name} value={counts[name]} />)}
      {undecodable > 0 && <Count name="undecodable" value={undecodable} />}
    </dl>
  );
}

function Count({ name, value }: { readonly name: keyof Counts | "dropped" | "undecodable"; readonly value: number | null }) {
  return (
    <div class="count" data-count={name}>
      <dt>{t(`counts.${name}`)}</dt>
      <dd>{value ?? "—"}</dd>
    </div>
  );
}
