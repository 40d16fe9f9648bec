/** The stored pane: the clip of the same session, played and scrubbed by frame, and its DICOM files. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { client } from "../account_io";
import type { Source } from "../api/types";
import { t } from "../catalogue/language";
import { marks } from "../picture/marks";
import { StoredClip } from "../stored/clip_io";
import { StoredList } from "../stored/list_io";
import { nearestRate } from "../stored/play";
import type { StoredRun } from "../stored/runs";
import { ClipControls } from "./clip_controls";
import { Files } from "./files";
import { Marks } from "./marks";
import { PictureView } from "./picture";
import { PictureTools } from "./tools";
import { Empty, Told } from "./told";

const NO_OUTLINES: readonly never[] = [];

export interface Stored {
  readonly clip: StoredClip;
  readonly list: StoredList;
}

/** What is stored of a session, followed while the component lives. */
export function useStored(session: string): Stored {
  const stored = useMemo(() => ({ clip: new StoredClip(client, session), list: new StoredList(client, session) }), [session]);
  useEffect(() => () => {
    stored.clip.close();
    stored.list.close();
  }, [stored]);
  return stored;
}

interface Props {
  readonly session: string;
  readonly source: Source | null;
  readonly stored: Stored;
  /** What lies over the picture: drawings. */
  readonly over?: ComponentChildren;
  /** What else the pane can hold: a choice beside its title. */
  readonly tabs?: ComponentChildren;
}

export function StoredPane({ session, source, stored: { clip, list }, over, tabs }: Props) {
  const runs = list.runs.value;
  const chosen = source?.source ?? runs?.[0]?.source ?? "";
  useEffect(() => {
    clip.update(runs ?? [], chosen);
    if (clip.clip.peek().frames > 0 && clip.shown.peek() === null) clip.seek(0);
  }, [clip, runs, chosen]);
  useEffect(() => {
    if (source) clip.setRate(nearestRate(source.expected_rate_hz));
  }, [clip, source?.expected_rate_hz]);

  if (runs === null || clip.clip.value.frames === 0) return <Nothing list={list} tabs={tabs} />;
  return <Clip clip={clip} runs={runs} session={session} source={source} over={over} tabs={tabs} />;
}

function Nothing({ list, tabs }: { readonly list: StoredList; readonly tabs: ComponentChildren }) {
  const waiting = list.runs.value === null;
  const error = list.error.value;
  return (
    <div class="pane-body">
      <div class="bar">
        <h2 id="stored-title">{t("stored.title")}</h2>
        {tabs}
      </div>
      {waiting && error === null && <p class="muted" role="status">{t("stored.loading")}</p>}
      {waiting && error !== null && <Told error={error} onRetry={() => void list.load()} />}
      {!waiting && <Empty what="stored.empty" next="stored.empty.next" />}
    </div>
  );
}

interface ClipProps {
  readonly clip: StoredClip;
  readonly runs: readonly StoredRun[];
  readonly session: string;
  readonly source: Source | null;
  readonly over: ComponentChildren;
  readonly tabs: ComponentChildren;
}

function Clip({ clip, runs, session, source, over, tabs }: ClipProps) {
  const shown = clip.shown.value;
  const facts = marks({
    connected: true, ended: false, lateness: "no", filled: null, derived: shown?.derived ?? false,
    frame: shown && { exact: true, discard: 0, masked: clip.masked.value },
    lossySource: source?.lossy_image_compression === "01", unmaskedSource: source?.unmasked ?? false,
  });
  return (
    <div class="pane-body">
      <div class="bar">
        <h2 id="stored-title">{t("stored.title")}</h2>
        {tabs}
        <PictureTools stage={clip.stage} />
      </div>
      <Marks marks={facts} fine={shown ? "marks.exact" : null} />
      <PictureView stage={clip.stage} label={t("stored.picture", { number: shown?.number ?? "—" })} outlines={NO_OUTLINES}>
        {over}
        {clip.error.value !== null && <Told error={clip.error.value} onRetry={() => clip.retry()} />}
        {clip.fetching.value && !clip.playing.value && <p class="fetching" role="status">{t("stored.fetching")}</p>}
      </PictureView>
      <ClipControls clip={clip} />
      <Files runs={runs} session={session} />
    </div>
  );
}
