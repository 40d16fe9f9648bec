/** The bar of a room: whose view this is, the tools everybody has, and the way out. */

import type { Signal } from "@preact/signals";

import type { Session } from "../api/types";
import { t } from "../catalogue/language";
import type { LinkState } from "../live/link";
import type { LivePicture } from "../live/live_io";
import { isLed, nameOf, type Room } from "../room/room";
import type { RoomClient } from "../room/room_io";
import type { Step } from "../room/step_io";
import { href } from "../route";
import type { Layout } from "../wire/room";
import { KINDS } from "../wire/room";
import { claims, finish } from "./consults";
import type { RoomTool } from "./drawing_layer";
import { StateChip } from "./state_chip";

const PARTS = ["live", "stored", "people"] as const;
export type RoomPart = (typeof PARTS)[number];
const LAYOUTS: readonly Layout[] = ["both", "live", "stored"];

interface Props {
  readonly client: RoomClient;
  readonly room: Room;
  readonly consult: string;
  readonly step: Step;
  readonly part: Signal<RoomPart>;
  readonly tool: Signal<RoomTool>;
  readonly link: LinkState;
  readonly live: LivePicture;
  readonly exam: Session | null;
}

export function RoomBar(props: Props) {
  const { client, room, step, part, live, link, exam } = props;
  const state = live.state.value || exam?.state;
  return (
    <header class="room-bar">
      <div class="room-head">
        <h1>{t("room.title")} <span class="exam-id">{room.session}</span></h1>
        {state && <StateChip state={state} />}
        {link !== "live" && <span class="hint-strong" role="status">{t(`link.${link}`)}</span>}
        <Leading client={client} room={room} step={step} />
        <Leave client={client} room={room} consult={props.consult} />
      </div>
      <div class="room-tools">
        <Tools tool={props.tool} />
        <div class="layouts" role="group" aria-label={t("room.layout")}>
          {LAYOUTS.map((one) => (
            <button type="button" key={one} aria-pressed={step.layout.value === one} onClick={() => {
              if (step.follows.peek()) step.alone.value = true;
              step.layout.value = one;
            }}>{t(`room.layout.${one}`)}</button>
          ))}
        </div>
      </div>
      <div class="parts" role="group" aria-label={t("exam.panes")}>
        {PARTS.map((one) => (
          <button type="button" key={one} aria-pressed={part.value === one} onClick={() => (part.value = one)}>
            {t(`room.part.${one}`)}
          </button>
        ))}
      </div>
      {client.refused.value !== "" && <p class="room-refused" role="alert">{t("room.refused", { detail: client.refused.value })}</p>}
    </header>
  );
}

/** Whose view this is, and the one button to come back to it. */
function Leading({ client, room, step }: Pick<Props, "client" | "room" | "step">) {
  if (step.leads.value) return <p class="leading" role="status" data-leading="you">{t("room.leading.you")}</p>;
  if (!isLed(room)) {
    return (
      <p class="leading" role="status" data-leading="nobody">
        {t("room.leading.nobody")}{" "}
        {room.you.mayPresent && <button type="button" onClick={() => client.present(room.you)}>{t("room.lead")}</button>}
      </p>
    );
  }
  const name = room.presenter ? nameOf(room, room.presenter) : "";
  const alone = step.alone.value;
  return (
    <p class="leading" role="status" data-leading={alone ? "alone" : "follow"}>
      {t(alone ? "room.alone" : "room.following", { name })}{" "}
      <button type="button" class={alone ? "main" : ""} aria-keyshortcuts="f" onClick={() => step.toggle()}>
        {t(alone ? "room.back" : "room.around")}
      </button>
    </p>
  );
}

function Tools({ tool }: { readonly tool: Signal<RoomTool> }) {
  const all: readonly RoomTool[] = ["look", "point", ...KINDS];
  return (
    <div class="draw-tools" role="group" aria-label={t("room.tools")}>
      {all.map((one) => (
        <button type="button" key={one} data-tool={one} aria-pressed={tool.value === one} title={t(`room.tool.${one}.title`)}
          onClick={() => (tool.value = one)}>{t(`room.tool.${one}`)}</button>
      ))}
    </div>
  );
}

function Leave({ client, room, consult }: Pick<Props, "client" | "room" | "consult">) {
  const mine = claims.value[consult] !== undefined;
  return (
    <div class="room-leave">
      {mine && (
        <button type="button" onClick={() => void finish(consult).catch((error: unknown) => (client.refused.value = String(error)))}>
          {t("queue.finish")}
        </button>
      )}
      <a class="button" href={href({ page: "exam", session: room.session })}>{t("room.leave")}</a>
    </div>
  );
}
