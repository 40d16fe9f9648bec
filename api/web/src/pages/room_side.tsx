/** Beside the panes: who is here, what was drawn, what is said. */

import { token } from "../account_io";
import { may } from "../api/rights";
import type { Geometry } from "../api/types";
import { t } from "../catalogue/language";
import { leads, nameOf, type Room, same, tintOf } from "../room/room";
import type { RoomClient } from "../room/room_io";
import type { StoredClip } from "../stored/clip_io";
import { Chat } from "./chat";
import { wordsOf } from "./drawing_layer";
import { Inviting } from "./invite";

interface Props {
  readonly client: RoomClient;
  readonly room: Room;
  readonly consult: string;
  readonly clip: StoredClip;
  readonly geometry: Geometry | null;
}

export function RoomSide({ client, room, consult, clip, geometry }: Props) {
  return (
    <aside class="pane room-side" aria-label={t("room.side")}>
      <h2>{t("room.people", { count: room.people.length })}</h2>
      <People client={client} room={room} />
      {may(token.value?.roles ?? [], "grant") && <Inviting consult={consult} />}
      {room.reason && <p class="consult-reason room-reason">{room.reason}</p>}
      <h2>{t("room.drawings", { count: room.drawings.length })}</h2>
      <Drawings client={client} room={room} clip={clip} geometry={geometry} />
      <h2 id="chat-title">{t("room.chat")}</h2>
      <Chat room={room} consult={consult} />
    </aside>
  );
}

function People({ client, room }: Pick<Props, "client" | "room">) {
  const mayHandOver = leads(room);
  return (
    <ul class="people">
      {room.people.map((one) => {
        const presents = same(one, room.presenter);
        return (
          <li key={`${one.institution}/${one.subject}`} data-person={one.subject} data-presents={presents}>
            <span class={`dot tint-${tintOf(one)}`} aria-hidden="true" />
            <span>{nameOf(room, one)} <span class="muted">{one.institution}</span></span>
            {presents && <span class="chip">{t("room.presents")}</span>}
            {mayHandOver && !presents && one.mayPresent && (
              <button type="button" onClick={() => client.present(one)} aria-label={t("room.hand.label", { name: nameOf(room, one) })}>
                {t("room.hand")}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Drawings({ client, room, clip, geometry }: Omit<Props, "consult">) {
  if (room.drawings.length === 0) return <p class="muted">{t("room.drawings.none")}</p>;
  return (
    <ul class="drawn">
      {room.drawings.map((one) => (
        <li key={one.id}>
          <button type="button" class="quiet" onClick={() => clip.show(one.number)}>
            {t(`room.tool.${one.kind}`)} {wordsOf(one, geometry)} · {nameOf(room, one.by)} · {t("room.drawing.frame", { number: one.number })}
          </button>
          {(leads(room) || same(one.by, room.you)) && (
            <button type="button" class="square" aria-label={t("room.erase.label", { number: one.number })} onClick={() => client.erase(one.id)}>×</button>
          )}
        </li>
      ))}
    </ul>
  );
}
