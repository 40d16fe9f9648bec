import { describe, expect, it } from "vitest";

import { folded, isLed, leads, nameOf, type Room, tintOf } from "../../src/room/room";
import { BadMessage } from "../../src/wire/read";
import { readRoom, type RoomTold } from "../../src/wire/room";

const ann = { institution: "clinic", subject: "ann" };
const bob = { institution: "hospital", subject: "bob" };
const look = { zoom: 1, x: 320, y: 240, center: null, width: null, inverted: false };
const view = (number: number) => ({ layout: "both", live: null, stored: { source: "probe", number, playing: false, rate_hz: 30, look } });
const drawing = { id: "d-1", kind: "arrow", source: "probe", number: 7, points: [[1, 2], [3, 4]], text: "", by: bob, at_ns: "5" };
const message = { by: bob, at_ns: "1000000", sha256: "ab", media_type: "text/plain", size_bytes: 3 };
const joined = {
  type: "joined", consult: "c-1", session: "exam-1", tenant: "clinic", state: "SCHEDULED", reason: "septum?",
  you: { ...ann, may_present: true }, people: [{ ...ann, name: "Ann", may_present: true }, { ...bob, name: "", may_present: true }],
  room: { presenter: ann, term: 1, n: 3, view: view(9), drawings: [drawing], messages: [message] }, server_time_ns: "1",
};

function hear(...messages: object[]): Room {
  const told = messages.map((one) => readRoom(JSON.stringify(one)));
  return told.reduce<Room | null>((room, one) => folded(room, one as RoomTold), null)!;
}

describe("the room", () => {
  it("is what the server told when one came in", () => {
    const room = hear(joined);
    expect([room.session, room.term, room.n, room.view?.stored?.number]).toEqual(["exam-1", 1, 3, 9]);
    expect(room.drawings).toMatchObject([{ id: "d-1", by: bob, points: [[1, 2], [3, 4]] }]);
    expect(room.messages).toEqual([{ by: bob, atMs: 1, sha256: "ab", mediaType: "text/plain" }]);
    expect([leads(room), isLed(room), nameOf(room, ann), nameOf(room, bob)]).toEqual([true, true, "Ann", "bob"]);
  });

  it("never goes back to an older view, and begins anew with the next who presents", () => {
    const told = (term: number, n: number, number: number) => ({ type: "view", term, n, view: view(number) });
    expect(hear(joined, told(1, 3, 5)).view?.stored?.number).toBe(9);
    expect(hear(joined, told(1, 4, 5)).view?.stored?.number).toBe(5);
    const handed = hear(joined, { type: "presenter", term: 2, presenter: bob }, told(1, 99, 1), told(2, 0, 2));
    expect([handed.presenter, handed.view?.stored?.number, leads(handed)]).toEqual([bob, 2, false]);
    expect(hear(joined, { type: "presenter", term: 1, presenter: bob }).presenter).toEqual(ann);
  });

  it("is led by nobody where the presenter is gone", () => {
    expect(isLed(hear(joined, { type: "people", people: [{ ...bob, name: "", may_present: true }] }))).toBe(false);
  });

  it("takes drawings and messages in, and drawings out", () => {
    const room = hear(joined, { type: "drawn", drawing: { ...drawing, id: "d-2" } }, { type: "erased", id: "d-1" }, { type: "message", message });
    expect([room.drawings.map((one) => one.id), room.messages.length]).toEqual([["d-2"], 2]);
  });

  it("keeps nothing before it was entered", () => {
    expect(folded(null, { type: "erased", id: "x" })).toBeNull();
  });

  it("gives each person one of few colours, always the same", () => {
    expect(tintOf(ann)).toBe(tintOf({ ...ann }));
    expect(tintOf(ann)).toBeLessThan(6);
  });
});

describe("a message of the room", () => {
  it("that this page does not know is passed over", () => {
    expect(readRoom('{"type":"tick","server_time_ns":"1"}')).toBeNull();
  });

  it.each([
    "", "[]", "{}", '{"type":"joined"}', '{"type":"people","people":7}', '{"type":"view","term":1,"n":-2,"view":null}',
    '{"type":"drawn","drawing":{"kind":"script"}}', '{"type":"pointers","pointers":[{"pane":"roof"}]}',
    JSON.stringify({ type: "drawn", drawing: { ...drawing, points: [[1]] } }),
    JSON.stringify({ type: "view", term: 1, n: 1, view: { ...view(1), layout: "evil" } }),
  ])("that is not what it should be is refused: %s", (raw) => {
    expect(() => readRoom(raw)).toThrow(BadMessage);
  });
});
