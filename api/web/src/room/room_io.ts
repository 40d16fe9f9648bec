/** The room's socket: what others do comes in, what this person does goes out. */

import { signal } from "@preact/signals";

import type { Client } from "../api/client_io";
import { type LinkState, SHUT } from "../live/link";
import { LiveLink, openSocket } from "../live/link_io";
import { type Drawing, type Person, type Pointer, readRoom, ROOM_SUBPROTOCOL, type RoomTold, type View } from "../wire/room";
import { folded, leads, type Room, same } from "./room";

const POINTER_MS = 40; // twenty-five a second look smooth and are a third of what the server takes
const VIEW_MS = 33;
const SILENCE_MS = 10_000; // the room ticks twice a second; nobody is shown an old picture by it, so patience costs little
const POINTED_MS = 3_000; // a pointer that does not move fades
const SWEEP_MS = 500;

export interface Pointed extends Pointer {
  readonly atMs: number;
}

export class RoomClient {
  readonly link = signal<LinkState>("asking");
  readonly room = signal<Room | null>(null);
  readonly pointers = signal<readonly Pointed[]>([]);
  readonly refused = signal("");
  /** When drawings came, page time; those that stood here before are not in it. */
  readonly drawnMs = new Map<string, number>();

  private readonly socket: LiveLink<RoomTold>;
  private n = 0;
  private pointedMs = 0;
  private due: Pointer | null = null;
  private view: View | null = null;
  private viewTimer: ReturnType<typeof setTimeout> | undefined;
  private pointerTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly sweep = setInterval(() => this.forgetPointers(), SWEEP_MS);

  constructor(api: Client, consult: string) {
    const name = encodeURIComponent(consult);
    this.socket = new LiveLink({
      askTicket: async () => (await api.post<{ ticket: string }>(`v1/consults/${name}/tickets`, {})).ticket,
      open: () => openSocket(`v1/rooms/${name}`, ROOM_SUBPROTOCOL),
      join: () => ({}),
      read: readRoom,
      onState: (state) => this.turn(state),
      onTold: (told) => this.hear(told),
      silenceMs: SILENCE_MS,
      onBadMessage: () => undefined, // a newer server may say what this page does not know
    });
    void this.socket.run();
  }

  close(): void {
    clearInterval(this.sweep);
    clearTimeout(this.viewTimer);
    clearTimeout(this.pointerTimer);
    this.socket.close();
  }

  /** Point; at most so often, the newest place always last. */
  point(pointer: Omit<Pointer, "by">): void {
    const room = this.room.peek();
    if (!room) return;
    this.due = { ...pointer, by: room.you };
    this.pointerTimer ??= setTimeout(() => this.sayPointer(), Math.max(0, this.pointedMs + POINTER_MS - performance.now()));
  }

  /** Show what this person sees, who presents. */
  show(view: View): void {
    this.view = view;
    this.viewTimer ??= setTimeout(() => this.sayView(), VIEW_MS);
  }

  draw(drawing: Drawing): void {
    this.refused.value = "";
    this.socket.say({ type: "draw", drawing });
  }

  erase(id: string): void {
    this.refused.value = "";
    this.socket.say({ type: "erase", id });
  }

  present({ institution, subject }: Person): void {
    this.refused.value = "";
    this.socket.say({ type: "present", institution, subject });
  }

  private sayPointer(): void {
    this.pointerTimer = undefined;
    this.pointedMs = performance.now();
    if (!this.due) return;
    const { by: _by, ...pointer } = this.due;
    this.socket.say({ type: "pointer", pointer });
    this.due = null;
  }

  private sayView(): void {
    this.viewTimer = undefined;
    const room = this.room.peek();
    if (!room || !leads(room) || !this.view) return;
    this.n = Math.max(this.n, room.n) + 1;
    this.socket.say({ type: "view", n: this.n, view: this.view });
  }

  private turn(state: LinkState): void {
    this.link.value = state;
    if (SHUT.has(state) || state === "ended") this.pointers.value = [];
  }

  private hear(told: RoomTold): void {
    const before = this.room.peek();
    if (told.type === "pointers") return this.hearPointers(told.pointers);
    if (told.type === "refused") {
      this.refused.value = told.detail;
      return;
    }
    if (told.type === "drawn") this.drawnMs.set(told.drawing.id, performance.now());
    this.room.value = folded(before, told);
    if (this.room.peek()?.term !== before?.term) this.n = this.room.peek()?.n ?? 0;
  }

  private hearPointers(pointers: readonly Pointer[]): void {
    const atMs = performance.now();
    const others = this.pointers.peek().filter((one) => !pointers.some((moved) => same(moved.by, one.by)));
    this.pointers.value = [...others, ...pointers.map((one) => ({ ...one, atMs }))];
  }

  private forgetPointers(): void {
    const nowMs = performance.now();
    const left = this.pointers.peek().filter((one) => nowMs - one.atMs < POINTED_MS);
    if (left.length !== this.pointers.peek().length) this.pointers.value = left;
  }
}
