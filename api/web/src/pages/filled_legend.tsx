/** Which tiles are filled, how, and with what error: the outlines in words. */

import { t } from "../catalogue/language";
import { levels } from "../catalogue/words";
import type { Held } from "../picture/hold";
import { account, type Outline } from "../picture/origins";

export function FilledLegend({ filled, tip }: { readonly filled: Held | null; readonly tip: Outline | null }) {
  const groups = account(filled?.frame.origins ?? []);
  return (
    <div class="legend">
      <p class="legend-title">{filled ? t("filled.legend", { number: filled.frame.number }) : t("filled.none")}</p>
      {groups.length > 0 && (
        <ul>
          {groups.map((group) => (
            <li key={group.state}>
              <strong class="swatch-name">
                <span class={`swatch swatch-${group.state}`} aria-hidden="true" />
                {t(`filled.${group.state}`)}
              </strong>{" "}
              {t("filled.row", { tiles: group.tiles, error: levels(group.worstError) })}
              {group.oldest > 0 && t("filled.row.age", { age: group.oldest })}
            </li>
          ))}
        </ul>
      )}
      {tip && (
        <p class="legend-tip">
          {t("filled.tip", { tile: tip.tile, method: t(`filled.${tip.state}`), error: levels(tip.expectedError) })}
        </p>
      )}
    </div>
  );
}
