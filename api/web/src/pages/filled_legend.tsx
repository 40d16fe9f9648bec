/** Which tiles are filled, how, and with what error: the outlines in words. */

import { t } from "../catalogue/language";
import { levels } from "../catalogue/words";
import { account, type Outline, type TileOrigin } from "../picture/origins";

export function FilledLegend({ origins, tip }: { readonly origins: readonly TileOrigin[]; readonly tip: Outline | null }) {
  const groups = account(origins);
  return (
    <div class="legend">
      <h3>{t("filled.legend")}</h3>
      {groups.length === 0 ? <p class="muted">{t("filled.none")}</p> : (
        <ul>
          {groups.map((group) => (
            <li key={group.state}>
              <span class={`swatch swatch-${group.state}`} aria-hidden="true" />
              <strong>{t(`filled.${group.state}`)}</strong>{" "}
              {t("filled.row", { tiles: group.tiles, error: levels(group.worstError), age: group.oldest })}
            </li>
          ))}
        </ul>
      )}
      <p class="legend-tip">
        {tip && t("filled.tip", { tile: tip.tile, method: t(`filled.${tip.state}`), error: levels(tip.expectedError) })}
      </p>
    </div>
  );
}
