/** What is said in a room. Words are text nodes and images are pixels: nothing in them is ever run. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { client } from "../account_io";
import { clock, t } from "../catalogue/language";
import { nameOf, type Room } from "../room/room";
import type { ChatMessage } from "../wire/room";
import { Told } from "./told";

const TEXT_MAX = 4_000;

export function Chat({ room, consult }: { readonly room: Room; readonly consult: string }) {
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [room.messages.length]);
  return (
    <div class="chat">
      <div class="messages" role="log" aria-labelledby="chat-title" tabIndex={0}><ul>
        {room.messages.length === 0 && <li class="muted">{t("room.chat.none")}</li>}
        {room.messages.map((one, index) => (
          <li key={`${one.sha256}/${one.atMs}`} ref={index === room.messages.length - 1 ? end : null}>
            <span class="said-by">{nameOf(room, one.by)} <span class="muted">{clock(new Date(one.atMs).toISOString())}</span></span>
            <Body message={one} consult={consult} />
          </li>
        ))}
      </ul></div>
      <SayForm consult={consult} />
    </div>
  );
}

function Body({ message, consult }: { readonly message: ChatMessage; readonly consult: string }) {
  const words = useSignal<string | null>(null);
  const image = useSignal("");
  const failed = useSignal(false);
  useEffect(() => {
    const path = `v1/consults/${encodeURIComponent(consult)}/messages/${message.sha256}`;
    const isText = message.mediaType === "text/plain";
    const asked = isText ? client.text(path).then((text) => (words.value = text))
      : client.download(path).then((blob) => (image.value = URL.createObjectURL(blob)));
    asked.catch(() => (failed.value = true));
    return () => {
      if (image.peek()) URL.revokeObjectURL(image.peek());
    };
  }, [message.sha256]);
  if (failed.value) return <p class="muted">{t("room.chat.gone")}</p>;
  if (image.value) return <img class="said-image" src={image.value} alt={t("room.chat.image")} />;
  return <p class="said">{words.value ?? "…"}</p>;
}

function SayForm({ consult }: { readonly consult: string }) {
  const busy = useSignal(false);
  const error = useSignal<unknown>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const path = `v1/consults/${encodeURIComponent(consult)}`;

  async function send(what: () => Promise<unknown>): Promise<void> {
    busy.value = true;
    error.value = null;
    await what().catch((reason: unknown) => (error.value = reason));
    busy.value = false;
  }
  async function say(): Promise<void> {
    const text = field.current?.value.trim() ?? "";
    if (text === "" || busy.peek()) return;
    await send(() => client.post(`${path}/messages`, { text }));
    if (error.peek() === null && field.current) field.current.value = "";
  }
  function show(event: Event): void {
    const input = event.currentTarget as HTMLInputElement;
    const file = input.files?.[0];
    if (file) void send(() => client.send(`${path}/images`, file));
    input.value = "";
  }

  return (
    <form class="say" onSubmit={(event) => {
      event.preventDefault();
      void say();
    }}>
      <textarea ref={field} rows={2} maxLength={TEXT_MAX} aria-label={t("room.chat.label")} placeholder={t("room.chat.label")}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void say();
        }} />
      <div class="say-row">
        <label class="button">
          <input class="unseen" type="file" accept="image/png,image/jpeg" onChange={show} />
          {t("room.chat.attach")}
        </label>
        <button type="submit" class="main" disabled={busy.value}>{t("room.chat.send")}</button>
      </div>
      {error.value !== null && <Told error={error.value} />}
    </form>
  );
}
