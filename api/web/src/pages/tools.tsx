/** Buttons of a picture: zoom, whole, and what dragging does on grey pictures. */

import { t } from "../catalogue/language";
import type { Stage, Tool } from "../picture/stage_io";
import { ZOOM_STEP } from "../picture/view";
import { Minus, Plus, Whole } from "./icons";

export function PictureTools({ stage }: { readonly stage: Stage }) {
  const { center, width } = stage.window.value;
  return (
    <div class="tools" role="group" aria-label={t("tools.label")}>
      <button type="button" class="square" aria-label={t("tools.zoom_out")} title={t("tools.zoom_out")}
        onClick={() => stage.zoom(1 / ZOOM_STEP)}><Minus /></button>
      <button type="button" class="square" aria-label={t("tools.zoom_in")} title={t("tools.zoom_in")}
        onClick={() => stage.zoom(ZOOM_STEP)}><Plus /></button>
      <button type="button" class="square" aria-label={t("tools.reset")} title={t("tools.reset")}
        onClick={() => stage.reset()}><Whole /></button>
      {stage.isGrey.value && (
        <>
          <button type="button" aria-pressed={stage.inverted.value} onClick={() => stage.invert()}>{t("tools.invert")}</button>
          <Choice stage={stage} tool="window" />
          <Choice stage={stage} tool="pan" />
          <span class="window-value">
            {t("tools.window.value", { center: Math.round(center), width: Math.round(width) })}
          </span>
        </>
      )}
    </div>
  );
}

function Choice({ stage, tool }: { readonly stage: Stage; readonly tool: Tool }) {
  return (
    <button type="button" aria-pressed={stage.tool.value === tool} title={`${t("tools.drag")}: ${t(`tools.${tool}`)}`}
      onClick={() => (stage.tool.value = tool)}>{t(`tools.${tool}`)}</button>
  );
}
