/** A line of text written onto the picture. */

import { useEffect, useRef } from "preact/hooks";

import { t } from "../catalogue/language";
import type { Point } from "../wire/room";

const TEXT_MAX = 200;

export function TextEntry({ at, onDone }: { readonly at: Point; readonly onDone: (text: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form class="text-entry" style={{ left: `${at[0]}px`, top: `${at[1]}px` }}
      onSubmit={(event) => {
        event.preventDefault();
        onDone(field.current?.value.trim() ?? "");
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onDone("");
      }}>
      <input ref={field} type="text" maxLength={TEXT_MAX} aria-label={t("room.text.label")} placeholder={t("room.text.label")} />
    </form>
  );
}
