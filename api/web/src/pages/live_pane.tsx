/** The live pane: marks, picture, readouts and counts. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { named, t } from "../catalogue/language";
import { shortAge } from "../catalogue/words";
import type { LivePicture } from "../live/live_io";
import { type Outline, outlines } from "../picture/origins";
import type { Choice } from "../live/carrier_io";
import { RESOLUTIONS } from "../wire/live";
import { CountsTable } from "./counts";
import { FilledLegend } from "./filled_legend";
import { Marks } from "./marks";
import { PictureView } from "./picture";
import { PictureTools } from "./tools";
import { StateChip } from "./state_chip";
import { Empty } from "./told";

interface LiveProps {
  readonly live: LivePicture;
  /** What lies over the picture: drawings. */
  readonly over?: ComponentChildren;
}

export function LivePane({ live, over }: LiveProps) {
  const outlined = useSignal(true);
  const tip = useSignal<Outline | null>(null);
  const frame = live.frame.value;
  const filled = frame ? outlines(frame, frame.origins) : [];
  return (
    <div class="pane-body">
      <div class="bar">
        <h2 id="live-title">{t("live.title")}</h2>
        <SourceChoice live={live} />
        <ResolutionChoice live={live} />
        <label class="check">
          <input type="checkbox" checked={outlined.value} onChange={() => (outlined.value = !outlined.value)} />
          {t("tools.outline")}
        </label>
        <PictureTools stage={live.stage} />
        <Hold live={live} />
      </div>
      <Marks marks={live.marks.value} fine={frame ? "marks.none" : null} />
      <PictureView stage={live.stage} label={t("live.picture", { source: live.source.value || "—" })} tip={tip}
        outlines={outlined.value ? filled : []}>
        {over}
        {frame === null && <Waiting live={live} />}
      </PictureView>
      <Readouts live={live} />
      <CountsTable counts={live.counts.value} dropped={live.dropped.value + live.skipped.value}
        undecodable={live.undecodable.value} />
      {outlined.value && <FilledLegend filled={live.judged.value.filled} tip={tip.value} />}
    </div>
  );
}

function Hold({ live }: { readonly live: LivePicture }) {
  const held = live.frozen.value !== null;
  const number = live.frame.value?.number;
  return (
    <button type="button" aria-pressed={held} disabled={number === undefined} title={t("live.hold.title")}
      onClick={() => live.freeze(held ? null : (number ?? null))}>{t("live.hold")}</button>
  );
}

function Waiting({ live }: { readonly live: LivePicture }) {
  const state = live.link.value;
  if (state === "ended") return <Empty what="live.ended" next="live.ended.next" />;
  if (state === "refused") return <Empty what="trouble.refused" next="trouble.refused.next" />;
  if (state === "absent") return <Empty what="trouble.absent" next="trouble.absent.next" />;
  return <Empty what={state === "live" ? "live.waiting" : `link.${state}`} next="live.waiting.next" />;
}

function Readouts({ live }: { readonly live: LivePicture }) {
  const { ageMs, lateness, rateHz } = live.judged.value;
  const ended = live.link.value === "ended";
  const age = ageMs === null || ended ? null : shortAge(ageMs);
  return (
    <dl class="readouts">
      <div class={`readout readout-age${lateness !== "no" && !ended && live.frozen.value === null ? " readout-late" : ""}`}>
        <dt>{t("live.age")}</dt>
        <dd data-readout="age" data-ms={ageMs === null ? "" : Math.round(ageMs)}>
          {age ? t(age.unit === "ms" ? "live.age.ms" : "live.age.s", { [age.unit]: age.value }) : t("live.age.none")}
        </dd>
      </div>
      <div class="readout">
        <dt>{t("live.frame")}</dt>
        <dd data-readout="frame">{live.frame.value?.number ?? "—"}</dd>
      </div>
      <div class="readout">
        <dt>{t("live.rate")}</dt>
        <dd data-readout="rate">{ended ? "—" : t("exams.rate.value", { rate: rateHz.toFixed(rateHz < 10 ? 1 : 0) })}</dd>
      </div>
      <div class="readout">
        <dt>{t("live.state")}</dt>
        <dd data-readout="state">{live.state.value ? <StateChip state={live.state.value} /> : "—"}</dd>
      </div>
    </dl>
  );
}

function ResolutionChoice({ live }: { readonly live: LivePicture }) {
  const choices: readonly Choice[] = live.hasVideo.value ? [...RESOLUTIONS, "video"] : RESOLUTIONS;
  return (
    <label class="choice">
      <span>{t("live.resolution")}</span>
      <select value={live.choice.value} onChange={(event) => live.choose(event.currentTarget.value as Choice)}>
        {choices.map((one) => <option key={one} value={one}>{t(`live.resolution.${one}`)}</option>)}
      </select>
    </label>
  );
}

function SourceChoice({ live }: { readonly live: LivePicture }) {
  const sources = live.session.value?.sources ?? [];
  if (sources.length < 2) return null;
  return (
    <label class="choice">
      <span>{t("live.source")}</span>
      <select value={live.source.value} onChange={(event) => live.chooseSource(event.currentTarget.value)}>
        {sources.map((one) => <option key={one.source} value={one.source}>{named("kind", one.kind)} · {one.source}</option>)}
      </select>
    </label>
  );
}
