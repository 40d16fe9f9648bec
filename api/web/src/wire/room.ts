/** The messages of `huizhen.room.v1`, as the server sends them. Everything in them was written by other people. */

import { BadMessage, type Fields, fields, flag, json, milliseconds, number, text, whole } from "./read";

export const ROOM_SUBPROTOCOL = "huizhen.room.v1";
export const KINDS = ["arrow", "freehand", "ellipse", "text", "length"] as const;
export type Kind = (typeof KINDS)[number];
export type Layout = "both" | "live" | "stored";
export type PaneName = "live" | "stored";
export type Point = readonly [number, number];
export const PANES_MAX = 2; // viewports side by side in the stored pane
const LISTED_MAX = 5_000;
const SAFE = Number.MAX_SAFE_INTEGER;

export interface Person {
  readonly institution: string;
  readonly subject: string;
}

export interface Attendee extends Person {
  readonly name: string;
  readonly mayPresent: boolean;
}

/** How a picture is looked at: zoom over "whole picture", the picture's point in the pane's centre, the window. */
export interface Look {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
  readonly center: number | null;
  readonly width: number | null;
  readonly inverted: boolean;
}

/** What stands in one viewport of the studies: an exam's source or a file, and where in it. */
export interface ShownItem {
  readonly item: string;
  /** The frame's number in its source; in a file its place from 0. */
  readonly frame: number;
  readonly playing: boolean;
  readonly rate_hz: number;
  /** Null: as it comes. Its window is in the picture's own values (Hounsfield units for CT). */
  readonly look: Look | null;
}

export interface StudyView {
  readonly panes: readonly ShownItem[];
}

export interface View {
  readonly layout: Layout;
  readonly live: { readonly source: string; readonly frozen: number | null; readonly look: Look } | null;
  readonly stored: {
    readonly source: string; readonly number: number; readonly playing: boolean; readonly rate_hz: number; readonly look: Look;
  } | null;
  /** The patient's studies, where they stand in place of the running exam's clip. */
  readonly study: StudyView | null;
}

export interface Drawing {
  readonly id: string;
  readonly kind: Kind;
  readonly source: string;
  readonly number: number;
  readonly points: readonly Point[];
  readonly text: string;
}

export interface Drawn extends Drawing {
  readonly by: Person;
}

export interface Pointer {
  readonly by: Person;
  readonly pane: PaneName;
  readonly source: string;
  readonly number: number;
  readonly x: number;
  readonly y: number;
}

export interface ChatMessage {
  readonly by: Person;
  readonly atMs: number;
  readonly sha256: string;
  readonly mediaType: string;
}

export interface Joined {
  readonly type: "joined";
  readonly session: string;
  readonly tenant: string;
  readonly reason: string;
  readonly you: Attendee;
  readonly people: readonly Attendee[];
  readonly presenter: Person | null;
  readonly term: number;
  readonly n: number;
  readonly view: View | null;
  readonly drawings: readonly Drawn[];
  readonly messages: readonly ChatMessage[];
}

export type RoomTold =
  | Joined
  | { readonly type: "people"; readonly people: readonly Attendee[] }
  | { readonly type: "presenter"; readonly term: number; readonly presenter: Person | null }
  | { readonly type: "view"; readonly term: number; readonly n: number; readonly view: View | null }
  | { readonly type: "pointers"; readonly pointers: readonly Pointer[] }
  | { readonly type: "drawn"; readonly drawing: Drawn }
  | { readonly type: "erased"; readonly id: string }
  | { readonly type: "message"; readonly message: ChatMessage }
  | { readonly type: "refused"; readonly detail: string };

/** Parse a message; null for one this page does not know or need; throws BadMessage. */
export function readRoom(raw: string): RoomTold | null {
  const from = fields(json(raw), "message");
  const type = text(from, "type");
  switch (type) {
    case "joined": return readJoined(from);
    case "people": return { type, people: list(from, "people").map(attendee) };
    case "presenter": return { type, term: term(from), presenter: personOrNull(from["presenter"]) };
    case "view": return { type, term: term(from), n: whole(from, "n", -1, SAFE), view: viewOrNull(from["view"]) };
    case "pointers": return { type, pointers: list(from, "pointers").map(pointer) };
    case "drawn": return { type, drawing: drawn(from["drawing"]) };
    case "erased": return { type, id: text(from, "id") };
    case "message": return { type, message: chatMessage(from["message"]) };
    case "refused": return { type, detail: text(from, "detail") };
    default: return null;
  }
}

function readJoined(from: Fields): Joined {
  const room = fields(from["room"], "room");
  return {
    type: "joined", session: text(from, "session"), tenant: text(from, "tenant"), reason: text(from, "reason"),
    you: attendee({ name: "", ...fields(from["you"], "you") }), people: list(from, "people").map(attendee),
    presenter: personOrNull(room["presenter"]), term: term(room), n: whole(room, "n", -1, SAFE), view: viewOrNull(room["view"]),
    drawings: list(room, "drawings").map(drawn), messages: list(room, "messages").map(chatMessage),
  };
}

function list(from: Fields, name: string): readonly unknown[] {
  const value = from[name];
  if (!Array.isArray(value) || value.length > LISTED_MAX) throw new BadMessage(`${name} is no list`);
  return value as readonly unknown[];
}

function term(from: Fields): number {
  return whole(from, "term", 0, SAFE);
}

function person(value: unknown): Person {
  const from = fields(value, "person");
  return { institution: text(from, "institution"), subject: text(from, "subject") };
}

function personOrNull(value: unknown): Person | null {
  return value === null || value === undefined ? null : person(value);
}

function attendee(value: unknown): Attendee {
  const from = fields(value, "attendee");
  return { ...person(from), name: text(from, "name"), mayPresent: flag(from, "may_present") };
}

function readLook(value: unknown): Look {
  const from = fields(value, "look");
  const level = (name: string): number | null => (typeof from[name] === "number" ? number(from, name) : null);
  return {
    zoom: number(from, "zoom"), x: number(from, "x"), y: number(from, "y"), center: level("center"), width: level("width"),
    inverted: flag(from, "inverted"),
  };
}

function viewOrNull(value: unknown): View | null {
  if (value === null || value === undefined) return null;
  const from = fields(value, "view");
  const layout = text(from, "layout");
  if (layout !== "both" && layout !== "live" && layout !== "stored") throw new BadMessage(`layout ${layout}`);
  return { layout, live: liveOrNull(from["live"]), stored: storedOrNull(from["stored"]), study: studyOrNull(from["study"]) };
}

function liveOrNull(value: unknown): View["live"] {
  if (value === null || value === undefined) return null;
  const from = fields(value, "live");
  const frozen = typeof from["frozen"] === "number" ? whole(from, "frozen", 0, SAFE) : null;
  return { source: text(from, "source"), frozen, look: readLook(from["look"]) };
}

function storedOrNull(value: unknown): View["stored"] {
  if (value === null || value === undefined) return null;
  const from = fields(value, "stored");
  return {
    source: text(from, "source"), number: whole(from, "number", 0, SAFE), playing: flag(from, "playing"),
    rate_hz: number(from, "rate_hz"), look: readLook(from["look"]),
  };
}

function studyOrNull(value: unknown): StudyView | null {
  if (value === null || value === undefined) return null;
  return { panes: list(fields(value, "study"), "panes").slice(0, PANES_MAX).map(shownItem) };
}

function shownItem(value: unknown): ShownItem {
  const from = fields(value, "pane");
  const look = from["look"];
  return {
    item: text(from, "item"), frame: whole(from, "frame", 0, SAFE), playing: flag(from, "playing"), rate_hz: number(from, "rate_hz"),
    look: look === null || look === undefined ? null : readLook(look),
  };
}

function drawn(value: unknown): Drawn {
  const from = fields(value, "drawing");
  const kind = text(from, "kind") as Kind;
  if (!KINDS.includes(kind)) throw new BadMessage(`a drawing of kind ${kind}`);
  return {
    id: text(from, "id"), kind, source: text(from, "source"), number: whole(from, "number", 0, SAFE),
    points: list(from, "points").map(point), text: text(from, "text"), by: person(from["by"]),
  };
}

function point(value: unknown): Point {
  if (!Array.isArray(value) || value.length !== 2) throw new BadMessage("a point needs x and y");
  const [x, y] = value as unknown[];
  return [number({ x }, "x"), number({ y }, "y")];
}

function pointer(value: unknown): Pointer {
  const from = fields(value, "pointer");
  const pane = text(from, "pane");
  if (pane !== "live" && pane !== "stored") throw new BadMessage(`pane ${pane}`);
  return {
    by: person(from["by"]), pane, source: text(from, "source"), number: whole(from, "number", 0, SAFE),
    x: number(from, "x"), y: number(from, "y"),
  };
}

function chatMessage(value: unknown): ChatMessage {
  const from = fields(value, "message");
  return {
    by: person(from["by"]), atMs: milliseconds(from, "at_ns"), sha256: text(from, "sha256"), mediaType: text(from, "media_type"),
  };
}
