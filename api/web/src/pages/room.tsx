/** A consultation's room: the live picture beside the stored clip, in step for everybody, with what they say and draw. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { client } from "../account_io";
import type { Session } from "../api/types";
import { t } from "../catalogue/language";
import type { LinkState } from "../live/link";
import { LivePicture } from "../live/live_io";
import type { Room } from "../room/room";
import { RoomClient } from "../room/room_io";
import { Step } from "../room/step_io";
import { PatientStudies } from "../studies/studies_io";
import { href } from "../route";
import { DrawingLayer, type RoomTool } from "./drawing_layer";
import { useInvite } from "./invite";
import { LivePane } from "./live_pane";
import { usePolled } from "./polled";
import { RoomBar, type RoomPart } from "./room_bar";
import { RoomSide } from "./room_side";
import { StoredPane, useStored } from "./stored_pane";
import { StoredTabs } from "./stored_tabs";
import { StudiesPane } from "./studies_pane";
import { Empty, Told } from "./told";

const POLL_MS = 5_000;

export function RoomPage({ consult, invite }: { readonly consult: string; readonly invite: string }) {
  const invited = useInvite(consult, invite);
  if (invited.error !== null) return <Shut><Told error={invited.error} /></Shut>;
  return invited.done ? <Entered consult={consult} /> : <Shut><p class="muted" role="status">{t("room.entering")}</p></Shut>;
}

function Entered({ consult }: { readonly consult: string }) {
  const room = useMemo(() => new RoomClient(client, consult), [consult]);
  useEffect(() => () => room.close(), [room]);
  const known = room.room.value;
  const state = room.link.value;
  if (state === "ended") return <Shut><Empty what="room.ended" next="room.ended.next" /></Shut>;
  if (state === "refused" || state === "absent" || state === "signed_out") {
    return <Shut><Empty what={`trouble.${state}`} next={`trouble.${state}.next`} /></Shut>;
  }
  if (known === null) {
    const full = state === "crowded";
    return <Shut>{full ? <Empty what="room.full" next="room.full.next" /> : <p class="muted" role="status">{t("room.entering")}</p>}</Shut>;
  }
  return <Desk client={room} room={known} consult={consult} link={state} />;
}

function Shut({ children }: { readonly children: preact.ComponentChildren }) {
  return (
    <div class="page">
      <a class="back" href={href({ page: "exams" })}>{t("exam.back")}</a>
      <h1>{t("room.title")}</h1>
      {children}
    </div>
  );
}

interface DeskProps {
  readonly client: RoomClient;
  readonly room: Room;
  readonly consult: string;
  readonly link: LinkState;
}

function Desk({ client: here, room, consult, link }: DeskProps) {
  const { session } = room;
  const live = useMemo(() => new LivePicture(client, session), [session]);
  useEffect(() => () => live.close(), [live]);
  const stored = useStored(session);
  const studies = useMemo(() => new PatientStudies(client, consult), [consult]);
  const step = useMemo(() => new Step(here, live, stored.clip, studies), [here, live, stored, studies]);
  useEffect(() => () => step.close(), [step]);
  const part = useSignal<RoomPart>("live");
  const tool = useSignal<RoomTool>("look");
  const exam = usePolled(() => client.get<Session>(`v1/sessions/${encodeURIComponent(session)}`), POLL_MS, session);
  useEffect(() => listenForStep(step), [step]);
  const source = exam.value?.sources.find((one) => one.source === live.source.value) ?? exam.value?.sources[0] ?? null;

  /** Whoever follows and takes hold of a pane looks around alone. */
  const takeHold = (event: Event): void => {
    const pane = (event.target as Element).closest(".picture, .clip, .bar, .studies");
    const draws = tool.peek() !== "look" && pane?.classList.contains("picture");
    if (pane && !draws && step.follows.peek() && !(event instanceof KeyboardEvent && !HELD.has(event.key))) step.alone.value = true;
  };

  return (
    <div class="room" data-part={part.value} data-layout={step.layout.value} data-follows={step.follows.value}>
      <RoomBar client={here} room={room} consult={consult} step={step} part={part} tool={tool} link={link} live={live} exam={exam.value} />
      <div class="room-panes" onPointerDownCapture={takeHold} onWheelCapture={takeHold} onKeyDownCapture={takeHold}>
        <section class="pane pane-live" aria-labelledby="live-title">
          <LivePane live={live} over={
            <DrawingLayer client={here} stage={live.stage} pane="live" source={live.source.value}
              number={live.frame.value?.number ?? null} running={live.frozen.value === null}
              lossy={live.frame.value?.video ?? false} geometry={live.geometry.value} tool={tool} />
          } />
        </section>
        <section class="pane pane-stored" aria-labelledby="stored-title">
          {studies.open.value ? <StudiesPane studies={studies} /> : (
            <StoredPane session={session} source={source} stored={stored} tabs={<StoredTabs studies={studies} />} over={
              <DrawingLayer client={here} stage={stored.clip.stage} pane="stored" source={stored.clip.source.value}
                number={stored.clip.shown.value?.number ?? null} running={false} geometry={stored.clip.geometry.value} tool={tool} />
            } />
          )}
        </section>
      </div>
      <RoomSide client={here} room={room} consult={consult} clip={stored.clip} geometry={live.geometry.value} />
    </div>
  );
}

/** Keys that change how a picture is looked at. */
const HELD: ReadonlySet<string> = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "+", "-", "=", "0", "i"]);

/** One key to look around alone and to come back. */
function listenForStep(step: Step): () => void {
  const press = (event: KeyboardEvent): void => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select") !== null;
    if (event.key === "f" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) step.toggle();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
