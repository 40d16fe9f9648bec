/** The room as this page knows it: what is told, folded. The server decides; this only remembers. */

import type { Joined, Person, RoomTold } from "../wire/room";

export type Room = Omit<Joined, "type">;

/** Fold a message in; before the first `joined` there is no room. */
export function folded(room: Room | null, told: RoomTold): Room | null {
  if (told.type === "joined") {
    const { type: _type, ...whole } = told;
    return whole;
  }
  if (room === null) return null;
  switch (told.type) {
    case "people": return { ...room, people: told.people };
    case "presenter": return told.term > room.term ? { ...room, term: told.term, n: -1, presenter: told.presenter } : room;
    case "view": return isNewer(room, told) ? { ...room, term: told.term, n: told.n, view: told.view } : room;
    case "drawn": return { ...room, drawings: [...room.drawings.filter((one) => one.id !== told.drawing.id), told.drawing] };
    case "erased": return { ...room, drawings: room.drawings.filter((one) => one.id !== told.id) };
    case "message": return { ...room, messages: [...room.messages, told.message] };
    default: return room;
  }
}

function isNewer(room: Room, told: { readonly term: number; readonly n: number }): boolean {
  return told.term > room.term || (told.term === room.term && told.n > room.n);
}

export function same(a: Person | null, b: Person | null): boolean {
  return a !== null && b !== null && a.subject === b.subject && a.institution === b.institution;
}

export function leads(room: Room): boolean {
  return same(room.presenter, room.you);
}

/** Is the presenter in the room? Where not, another may lead. */
export function isLed(room: Room): boolean {
  return room.people.some((one) => same(one, room.presenter));
}

/** What to call somebody: the name they came with, else their id. */
export function nameOf(room: Room, person: Person): string {
  return room.people.find((one) => same(one, person))?.name || person.subject;
}

const TINTS = 6;

/** One of few colours, the same on every screen. */
export function tintOf({ institution, subject }: Person): number {
  let sum = 0;
  for (const sign of `${institution}/${subject}`) sum = (31 * sum + (sign.codePointAt(0) ?? 0)) % 9_973;
  return sum % TINTS;
}
