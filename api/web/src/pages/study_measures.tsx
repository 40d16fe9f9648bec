/** What was measured on the picture, in words and numbers, to be read and removed without pointing at it. */

import { named, t } from "../catalogue/language";
import { type Measure, removeMeasure, type Value } from "../studies/measures_io";
import type { StackView } from "../studies/viewport_io";

export function Measures({ view }: { readonly view: StackView }) {
  const measures = view.measures.value.filter((one) => one.values.length > 0);
  if (measures.length === 0) return <p class="measures muted">{t("studies.measures.none")}</p>; // its place is kept: a picture must not move under a hand that measures
  return (
    <ul class="measures" aria-label={t("studies.measures")}>
      {measures.map((one) => (
        <li key={one.id} data-measure={one.kind}>
          <span>{t(`studies.tool.${one.kind}`)}: {said(one)}</span>
          <button type="button" class="square" aria-label={t("studies.measure.remove", { what: said(one) })}
            onClick={() => {
              removeMeasure(one.id);
              view.redraw();
            }}>×</button>
        </li>
      ))}
    </ul>
  );
}

function said({ values }: Measure): string {
  return values.map((one) => (values.length > 1 ? `${named("studies.value", one.name)} ${number(one)}` : number(one))).join(", ");
}

/** Lengths and areas of pixels say so by their unit: they are not calibrated. */
function number({ value, unit }: Value): string {
  const shown = value.toFixed(Math.abs(value) < 100 ? 1 : 0);
  return unit === "°" ? `${shown}°` : `${shown} ${unit}`.trim();
}
