/** Cine of a stack: scrub, step, play at a chosen rate. */

import { useEffect } from "preact/hooks";

import { t } from "../catalogue/language";
import { advance, nearestRate, RATES_HZ, type Start } from "../stored/play";
import type { Stack } from "../studies/stack_io";
import type { StackView } from "../studies/viewport_io";
import type { ShownItem } from "../wire/room";
import { Next, Pause, Play, Previous } from "./icons";

interface Props {
  readonly view: StackView;
  readonly stack: Stack;
  readonly pane: ShownItem;
  readonly onChange: (values: Partial<ShownItem>) => void;
}

export function StudyCine({ view, stack, pane, onChange }: Props) {
  const frames = stack.imageIds.length;
  const position = view.position.value;
  const { playing } = pane;
  const go = (to: number): void => onChange({ frame: stack.numberAt(Math.min(frames - 1, Math.max(0, to))), playing: false });
  useEffect(() => (playing ? play(view, stack, pane.rate_hz, (frame) => onChange({ frame })) : undefined), [view, stack, playing, pane.rate_hz]);
  if (frames < 2) return null;
  const values = { number: stack.numberAt(position), at: position + 1, frames };
  return (
    <div class="clip">
      <input type="range" class="scrub" min={0} max={frames - 1} value={position} aria-label={t("studies.scrub")}
        aria-valuetext={t("stored.position", values)} onInput={(event) => go(Number(event.currentTarget.value))} />
      <div class="clip-buttons">
        <button type="button" class="square" aria-label={t("stored.previous")} title={t("stored.previous")} onClick={() => go(position - 1)}><Previous /></button>
        <button type="button" class="square main" aria-label={t(playing ? "stored.pause" : "stored.play")}
          title={t(playing ? "stored.pause" : "stored.play")} onClick={() => onChange({ playing: !playing })}>
          {playing ? <Pause /> : <Play />}
        </button>
        <button type="button" class="square" aria-label={t("stored.next")} title={t("stored.next")} onClick={() => go(position + 1)}><Next /></button>
        <label class="choice">
          <span>{t("stored.speed")}</span>
          <select value={nearestRate(pane.rate_hz)} onChange={(event) => onChange({ rate_hz: Number(event.currentTarget.value) })}>
            {RATES_HZ.map((rate) => <option key={rate} value={rate}>{rate}</option>)}
          </select>
        </label>
        <span class="clip-position" data-readout="study-frame">{t("stored.position.short", values)}</span>
      </div>
    </div>
  );
}

/** Go on frame by frame; a frame that has not come is waited for, none is skipped. Gives what stops it. */
function play(view: StackView, stack: Stack, rateHz: number, show: (frame: number) => void): () => void {
  const frames = stack.imageIds.length;
  let start: Start = { frame: view.position.peek(), atMs: performance.now() };
  let asked = start.frame;
  let request = 0;
  const tick = (): void => {
    request = requestAnimationFrame(tick);
    const position = view.position.peek();
    if (position !== asked) return;
    const next = advance(start, position, performance.now(), rateHz, frames);
    start = next.start;
    if (next.frame === position) return;
    asked = next.frame;
    view.prefetch(asked);
    show(stack.numberAt(asked));
  };
  request = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(request);
}
