/** The row of marks above a picture; it never covers pixels and never moves them. */

import { useState } from "preact/hooks";

import type { Key } from "../catalogue/en";
import { t } from "../catalogue/language";
import { levels } from "../catalogue/words";
import type { Mark, MarkKind } from "../picture/marks";
import { Check, Clock, Copy, Cut, Face, Film, Hatch, Pause, Question, Shrink, Squeeze, Stop, Veil } from "./icons";

const SIGNS: Readonly<Record<MarkKind, () => preact.JSX.Element>> = {
  disconnected: Cut, late: Clock, ended: Stop, filled: Hatch, incomplete: Question, reduced: Shrink, lossy: Squeeze,
  video: Film, masked: Veil, unmasked: Face, derived: Copy, frozen: Pause,
};

interface Props {
  readonly marks: readonly Mark[];
  /** What to say of a picture without marks; null where there is none. */
  readonly fine: Key | null;
}

export function Marks({ marks, fine }: Props) {
  const [explained, setExplained] = useState<MarkKind | null>(null);
  const mark = marks.find((one) => one.kind === explained);
  return (
    <div class="marks-row">
      <ul class="marks" aria-label={t("marks.label")}>
        {marks.map((one) => (
          <li key={one.kind}>
            <button type="button" class={`mark mark-${one.kind}${one.kind === "filled" && !one.now ? " mark-past" : ""}`} data-mark={one.kind} title={why(one)}
              aria-expanded={one.kind === explained} onClick={() => setExplained(one.kind === explained ? null : one.kind)}>
              {SIGNS[one.kind]()} <span>{words(one)}</span>
            </button>
          </li>
        ))}
        {marks.length === 0 && fine && <li class="mark-none"><Check /> {t(fine)}</li>}
      </ul>
      {mark && <p class="mark-why">{why(mark)}</p>}
      <p class="unseen" role="status">{marks.map(brief).join("; ")}</p>
    </div>
  );
}

function words(mark: Mark): string {
  if (mark.kind === "filled") return t(mark.now ? "mark.filled" : "mark.filled.past", { tiles: mark.tiles, of: mark.of, error: levels(mark.worstError) });
  return mark.kind === "reduced" ? t("mark.reduced", { divisor: mark.divisor }) : t(`mark.${mark.kind}`);
}

/** Without numbers, so that a screen reader hears a mark once and not thirty times a second. */
function brief(mark: Mark): string {
  if (mark.kind === "filled" || mark.kind === "reduced") return t(`mark.${mark.kind}.short`);
  return t(`mark.${mark.kind}`);
}

function why(mark: Mark): string {
  return mark.kind === "late" ? t(`mark.late.${mark.why}`) : t(`mark.${mark.kind}.why`);
}
