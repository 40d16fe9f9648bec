/** The stored pane: the clip of the same session, played and scrubbed by frame, and its DICOM files. */

import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";

import { client } from "../account_io";
import { follow } from "../api/events_io";
import type { Instance, Source } from "../api/types";
import { t } from "../catalogue/language";
import { StoredClip } from "../stored/clip_io";
import { nearestRate } from "../stored/play";
import { ClipControls } from "./clip_controls";
import { Files } from "./files";
import { Marks } from "./marks";
import { marks } from "../picture/marks";
import { PictureView } from "./picture";
import { PictureTools } from "./tools";
import { usePolled } from "./polled";
import { Empty, Told } from "./told";

const POLL_MS = 15_000; // events tell of new instances at once; polling is for when they cannot
const SETTLE_MS = 1_000; // several ledger events of one instance make one request

interface Props {
  readonly session: string;
  readonly source: Source | null;
}

export function StoredPane({ session, source }: Props) {
  const clip = useMemo(() => new StoredClip(client, session), [session]);
  useEffect(() => () => clip.close(), [clip]);
  const path = `v1/sessions/${encodeURIComponent(session)}/instances`;
  const stored = usePolled(() => client.get<{ readonly items: readonly Instance[] }>(path), POLL_MS, session);
  useLedger(session, stored.again);

  const items = stored.value?.items ?? [];
  const chosen = source?.source ?? items[0]?.source ?? "";
  useEffect(() => clip.update(items, chosen, source?.geometry ?? null), [stored.value, chosen, source?.geometry?.id]);
  useEffect(() => {
    if (source) clip.setRate(nearestRate(source.expected_rate_hz));
  }, [clip, source?.expected_rate_hz]);
  useEffect(() => {
    if (clip.clip.peek().frames > 0 && clip.shown.peek() === null) clip.seek(0);
  }, [stored.value]);

  if (stored.value === null && stored.error === null) return <p class="muted" role="status">{t("stored.loading")}</p>;
  if (stored.value === null) return <Told error={stored.error} onRetry={stored.again} />;
  if (items.length === 0) return <Empty what="stored.empty" next="stored.empty.next" />;
  return <Clip clip={clip} items={items} session={session} lossy={source?.lossy_image_compression === "01"} />;
}

/** Ask again when the ledger tells of something new. */
function useLedger(session: string, again: () => void): void {
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    void follow(client, `v1/sessions/${encodeURIComponent(session)}/events`, (event) => {
      if (event.type !== "ledger") return;
      timer ??= setTimeout(() => {
        timer = undefined;
        again();
      }, SETTLE_MS);
    }, stop.signal);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [session]);
}

interface ClipProps {
  readonly clip: StoredClip;
  readonly items: readonly Instance[];
  readonly session: string;
  readonly lossy: boolean;
}

function Clip({ clip, items, session, lossy }: ClipProps) {
  const outlines = useSignal([]);
  const shown = clip.shown.value;
  const facts = marks({
    connected: true, ended: false, lateness: "no", frame: null, lossySource: lossy, derived: shown?.derived ?? false,
  });
  return (
    <div class="pane-body">
      <div class="bar"><PictureTools stage={clip.stage} /></div>
      <Marks marks={facts} shown={false} />
      <PictureView stage={clip.stage} label={t("stored.picture", { number: shown?.number ?? "—" })} outlines={outlines.value}>
        {clip.error.value !== null && <Told error={clip.error.value} onRetry={() => clip.retry()} />}
        {clip.fetching.value && !clip.playing.value && <p class="fetching" role="status">{t("stored.fetching")}</p>}
      </PictureView>
      <ClipControls clip={clip} />
      <Files items={items} session={session} />
    </div>
  );
}
