/** A picture in its pane: the canvas, the outlines over it, zoom and window by hand. */

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { type Outline, tileAt } from "../picture/origins";
import { drawOutlines } from "../picture/overlay_io";
import type { Stage } from "../picture/stage_io";
import { place } from "../picture/view";
import { listen } from "./gestures";

const BLOCKS_FROM = 4; // device pixels per picture pixel from which pixels are shown as squares, not smoothed

interface Props {
  readonly stage: Stage;
  readonly label: string;
  readonly outlines: readonly Outline[];
  readonly tip?: { value: Outline | null };
  readonly children?: ComponentChildren;
  readonly busy?: ReadonlySignal<boolean>;
}

export function PictureView({ stage, label, outlines, tip, children }: Props) {
  const pane = useRef<HTMLDivElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const latest = useRef(outlines);
  latest.current = outlines;

  useEffect(() => {
    const box = pane.current;
    if (!box) return undefined;
    box.prepend(stage.canvas);
    const sizes = new ResizeObserver(([entry]) => entry && stage.setPane(entry.contentRect));
    sizes.observe(box);
    const stop = listen(box, stage, (x, y) => {
      if (tip) tip.value = tileUnder(stage, latest.current, x, y);
    });
    return () => {
      stop();
      sizes.disconnect();
    };
  }, [stage]);

  const at = place(stage.view.value, stage.pane.value, stage.full.value);
  useEffect(() => {
    const { canvas } = stage;
    const { width, height } = stage.full.value;
    canvas.style.transform = `translate(${at.left}px, ${at.top}px)`;
    canvas.style.width = `${width * at.scale}px`;
    canvas.style.height = `${height * at.scale}px`;
    canvas.classList.toggle("blocks", at.scale * devicePixelRatio >= BLOCKS_FROM);
    if (overlay.current) drawOutlines(overlay.current, outlines, at, stage.pane.value);
  });

  const pans = stage.view.value.zoom > 1 || (stage.isGrey.value && stage.tool.value === "window");
  return (
    <div class={`picture${pans ? " picture-held" : ""}`} ref={pane} tabIndex={0} role="group" aria-label={label}>
      <canvas class="picture-overlay" ref={overlay} aria-hidden="true" />
      {children}
    </div>
  );
}

function tileUnder(stage: Stage, outlines: readonly Outline[], x: number, y: number): Outline | null {
  const at = place(stage.view.peek(), stage.pane.peek(), stage.full.peek());
  return tileAt(outlines, (x - at.left) / at.scale, (y - at.top) / at.scale);
}
