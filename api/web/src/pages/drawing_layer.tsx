/** What people point at and draw, over a picture: anchored to source, frame and pixel, never part of the pixels. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import type { Geometry } from "../api/types";
import { t } from "../catalogue/language";
import type { Stage } from "../picture/stage_io";
import { type Placement, place } from "../picture/view";
import { lengthOf } from "../room/measure";
import { nameOf, type Room, tintOf } from "../room/room";
import type { RoomClient } from "../room/room_io";
import { drawnOn, onScreen, pathOf, rounded } from "../room/shapes";
import type { Drawing, Drawn, Kind, PaneName, Point } from "../wire/room";
import { TextEntry } from "./text_entry";

export type RoomTool = "look" | "point" | Kind;
const ECHO_MS = 15_000; // a drawing on a running picture is seen this long on later frames, and says which one it is of
const KEY_STEP = 8; // CSS pixels an arrow key moves the cross

interface Props {
  readonly client: RoomClient;
  readonly stage: Stage;
  readonly pane: PaneName;
  readonly source: string;
  /** The shown frame; null where there is none. */
  readonly number: number | null;
  readonly running: boolean;
  /** Whether its pixels are lossy video, on which no length is drawn. */
  readonly lossy?: boolean;
  readonly geometry: Geometry | null;
  readonly tool: { value: RoomTool };
}

export function DrawingLayer(props: Props) {
  const { client, stage, source, number, running, geometry, tool } = props;
  const layer = useRef<SVGSVGElement>(null);
  const pen = useSignal<readonly Point[]>([]);
  const anchor = useSignal(0);
  const entry = useSignal<Point | null>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => (layer.current ? handle(layer.current, () => latest.current, pen, anchor, entry) : undefined), [stage]);
  const room = client.room.value;
  const at = place(stage.view.value, stage.pane.value, stage.full.value);
  if (!room) return null;
  const nowMs = performance.now();
  const isFresh = (one: Drawn): boolean => running && nowMs - (client.drawnMs.get(one.id) ?? -ECHO_MS) < ECHO_MS;
  const shown = room.drawings.filter((one) => one.source === source && (one.number === number || isFresh(one)));
  const pointed = client.pointers.value.filter((one) => one.source === source && one.pane === props.pane);
  const kind = tool.value;
  return (
    <>
      <svg ref={layer} class={`drawings${kind === "look" ? "" : " drawings-held"}`} data-drawings={shown.length} aria-hidden="true">
        {shown.map((one) => (
          <Shape key={one.id} drawing={one} room={room} at={at} geometry={geometry} echo={one.number !== number} />
        ))}
        {pen.value.length > 0 && kind !== "look" && kind !== "point" && (
          <g class="drawing drawing-pen"><path d={pathOf({ kind, points: pen.value }, at)} /></g>
        )}
        {pointed.map((one) => {
          const [x, y] = onScreen([one.x, one.y], at);
          return (
            <g key={`${one.by.institution}/${one.by.subject}`} class={`pointer tint-${tintOf(one.by)}`} data-pointer={one.by.subject}
              data-x={one.x} data-y={one.y} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
              <path d="M0 0v17l4.6-4 3.2 7 2.8-1.3-3.2-6.8h6z" />
              <text x="14" y="22">{nameOf(room, one.by)}</text>
            </g>
          );
        })}
      </svg>
      {entry.value && (
        <TextEntry at={onScreen(entry.value, at)} onDone={(text) => {
          if (text && entry.value) client.draw(made("text", latest.current.source, anchor.value, [entry.value], text));
          entry.value = null;
        }} />
      )}
    </>
  );
}

interface ShapeProps {
  readonly drawing: Drawn;
  readonly room: Room;
  readonly at: Placement;
  readonly geometry: Geometry | null;
  readonly echo: boolean;
}

function Shape({ drawing, room, at, geometry, echo }: ShapeProps) {
  const [x, y] = onScreen(drawing.points[drawing.points.length - 1]!, at);
  const words = wordsOf(drawing, geometry);
  const frame = echo ? t("room.drawing.frame", { number: drawing.number }) : "";
  const path = pathOf(drawing, at);
  return (
    <g class={`drawing tint-${tintOf(drawing.by)}${echo ? " drawing-echo" : ""}`} data-drawing={drawing.id} data-kind={drawing.kind}>
      {path && <path class="halo" d={path} />}
      {path && <path d={path} />}
      <text x={x + 8} y={y - 8}>{[words, nameOf(room, drawing.by), frame].filter(Boolean).join(" · ")}</text>
    </g>
  );
}

/** What a drawing says besides its shape: its text, or its length. */
export function wordsOf(drawing: Drawing, geometry: Geometry | null): string {
  const [a, b] = drawing.points;
  if (drawing.kind !== "length" || !a || !b) return drawing.text;
  const { value, unit } = lengthOf(geometry, a, b);
  return t(unit === "mm" ? "room.length.mm" : "room.length.px", { value: value.toFixed(1) });
}

function made(kind: Kind, source: string, number: number, points: readonly Point[], text = ""): Drawing {
  return { id: `d-${crypto.randomUUID()}`, kind, source, number, points: points.map(rounded), text };
}

/** Pen, finger and keys on the layer; gives what ends it. */
function handle(
  layer: SVGSVGElement, current: () => Props, pen: { value: readonly Point[] }, anchor: { value: number },
  entry: { value: Point | null },
): () => void {
  const pane = layer.parentElement!;
  const ended = new AbortController();
  const options = { signal: ended.signal, capture: true };
  let down = false;
  let cross: Point | null = null; // the keyboard's place, pane pixels

  const placed = (): Placement => {
    const { stage } = current();
    return place(stage.view.peek(), stage.pane.peek(), stage.full.peek());
  };
  const onPicture = (x: number, y: number): Point => {
    const at = placed();
    return [(x - at.left) / at.scale, (y - at.top) / at.scale];
  };
  const under = (event: PointerEvent): Point => {
    const rect = pane.getBoundingClientRect();
    return onPicture(event.clientX - rect.left, event.clientY - rect.top);
  };
  const point = ([x, y]: Point): void => {
    const { client, pane: name, source, number } = current();
    if (number !== null && source) client.point({ pane: name, source, number, x, y });
  };
  const begin = (where: Point): boolean => {
    const { tool, number } = current();
    const kind = tool.value;
    if (kind === "look" || kind === "point" || number === null) return false;
    if (kind === "length" && current().lossy) {
      current().client.refused.value = t("room.length.lossy");
      return false;
    }
    anchor.value = number;
    if (kind === "text") entry.value = where;
    else pen.value = [where];
    return true;
  };
  const move = (where: Point): void => {
    const first = pen.value[0];
    if (!first) return;
    const free = current().tool.value === "freehand";
    pen.value = free ? drawnOn(pen.value, where, placed().scale) : [first, where];
  };
  const end = (): void => {
    const { client, source, tool } = current();
    const kind = tool.value;
    if (pen.value.length > 1 && kind !== "look" && kind !== "point") client.draw(made(kind, source, anchor.value, pen.value));
    pen.value = [];
  };

  pane.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest(".text-entry")) return;
    const { tool } = current();
    if (tool.value === "look") return;
    event.stopImmediatePropagation(); // the picture neither pans nor changes its window
    pane.setPointerCapture(event.pointerId);
    down = true;
    if (tool.value === "point") point(under(event));
    else if (begin(under(event))) event.preventDefault();
  }, options);
  pane.addEventListener("pointermove", (event) => {
    const where = under(event);
    if (event.pointerType === "mouse" || current().tool.value === "point") point(where);
    if (!down) return;
    event.stopImmediatePropagation();
    move(where);
  }, options);
  for (const name of ["pointerup", "pointercancel"] as const) {
    pane.addEventListener(name, (event) => {
      if (!down) return;
      event.stopImmediatePropagation();
      down = false;
      if (name === "pointerup") end();
      else pen.value = [];
    }, options);
  }
  pane.addEventListener("keydown", (event) => {
    const { tool, stage } = current();
    if (tool.value === "look" || event.target !== pane) return;
    const size = stage.pane.peek();
    cross ??= [size.width / 2, size.height / 2];
    const step = event.shiftKey ? 1 : KEY_STEP;
    const moves: Record<string, Point> = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
    };
    const by = moves[event.key];
    if (by) {
      cross = [cross[0] + by[0], cross[1] + by[1]];
      const where = onPicture(...cross);
      point(where);
      move(where);
    } else if (event.key === "Enter" || event.key === " ") {
      if (pen.value.length > 0) end();
      else begin(onPicture(...cross));
    } else if (event.key === "Escape") {
      pen.value = [];
      entry.value = null;
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, options);
  return () => ended.abort();
}
