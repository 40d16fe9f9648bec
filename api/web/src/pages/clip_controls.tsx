/** Play, pause, step, scrub, speed. */

import { t } from "../catalogue/language";
import type { StoredClip } from "../stored/clip_io";
import { RATES_HZ } from "../stored/play";
import { spotAt } from "../stored/timeline";
import { Next, Pause, Play, Previous } from "./icons";

export function ClipControls({ clip }: { readonly clip: StoredClip }) {
  const { frames } = clip.clip.value;
  const position = clip.position.value;
  const playing = clip.playing.value;
  const values = { number: spotAt(clip.clip.value, position)?.number ?? "—", at: position + 1, frames };
  return (
    <div class="clip">
      <input type="range" class="scrub" min={0} max={Math.max(0, frames - 1)} value={position}
        aria-label={t("stored.scrub")} aria-valuetext={t("stored.position", values)}
        onInput={(event) => clip.seek(Number(event.currentTarget.value))} />
      <div class="clip-buttons">
        <button type="button" class="square" aria-label={t("stored.previous")} title={t("stored.previous")}
          onClick={() => clip.step(-1)}><Previous /></button>
        <button type="button" class="square main" aria-label={t(playing ? "stored.pause" : "stored.play")}
          title={t(playing ? "stored.pause" : "stored.play")} onClick={() => clip.play(!playing)}>
          {playing ? <Pause /> : <Play />}
        </button>
        <button type="button" class="square" aria-label={t("stored.next")} title={t("stored.next")}
          onClick={() => clip.step(1)}><Next /></button>
        <button type="button" onClick={() => clip.seek(frames - 1)}>{t("stored.newest")}</button>
        <label class="choice">
          <span>{t("stored.speed")}</span>
          <select value={clip.rateHz.value} onChange={(event) => clip.setRate(Number(event.currentTarget.value))}>
            {RATES_HZ.map((rate) => <option key={rate} value={rate}>{rate}</option>)}
          </select>
        </label>
        <span class="clip-position" data-readout="stored-frame">{t("stored.position.short", values)}</span>
      </div>
    </div>
  );
}
