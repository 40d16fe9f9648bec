/** The patient's studies in a room: what there is, and what stands in the viewports. The heavy viewer only draws it. */

import { computed, signal } from "@preact/signals";

import type { Client } from "../api/client_io";
import type { Files, Studies } from "../api/types";
import { PANES_MAX, type Look, type ShownItem, type StudyView } from "../wire/room";
import { examItems, fileItems, type Item, rateOf } from "./items";

export const NOTHING: ShownItem = { item: "", frame: 0, playing: false, rate_hz: 15, look: null };

export class PatientStudies {
  /** Whether they stand in the stored pane, in place of the running exam's clip. */
  readonly open = signal(false);
  readonly exams = signal<Studies | null>(null);
  readonly files = signal<Files | null>(null);
  readonly error = signal<unknown>(null);
  readonly filesError = signal<unknown>(null);
  readonly panes = signal<readonly ShownItem[]>([NOTHING]);
  readonly active = signal(0);
  readonly items = computed<readonly Item[]>(() => [...examItems(this.exams.value), ...fileItems(this.files.value)]);
  /** What the presenter tells the others of it. */
  readonly said = computed<StudyView | null>(() => {
    const panes = this.panes.value.filter((one) => one.item !== "");
    return this.open.value && panes.length > 0 ? { panes } : null;
  });

  constructor(
    private readonly api: Client,
    readonly consult: string,
  ) {}

  get path(): string {
    return `v1/consults/${encodeURIComponent(this.consult)}`;
  }

  /** Ask what there is. */
  async load(): Promise<void> {
    await Promise.all([this.loadExams(), this.loadFiles()]);
  }

  private async loadExams(): Promise<void> {
    try {
      this.exams.value = await this.api.get<Studies>(`${this.path}/studies`);
      this.error.value = null;
    } catch (error) {
      this.error.value = error;
    }
  }

  async loadFiles(): Promise<void> {
    try {
      this.files.value = await this.api.get<Files>(`${this.path}/files`);
      this.filesError.value = null;
    } catch (error) {
      this.filesError.value = error;
    }
  }

  show(open: boolean): void {
    this.open.value = open;
    if (open) void this.load();
  }

  itemOf(pane: ShownItem): Item | null {
    return this.items.value.find((one) => one.id === pane.item) ?? null;
  }

  /** Put an item into the active viewport. */
  choose(id: string): void {
    const item = this.items.peek().find((one) => one.id === id);
    this.change(this.active.peek(), { item: id, frame: 0, playing: false, look: null, rate_hz: item ? rateOf(item) : NOTHING.rate_hz });
  }

  change(index: number, values: Partial<ShownItem>): void {
    this.panes.value = this.panes.peek().map((one, at) => (at === index ? { ...one, ...values } : one));
  }

  look(index: number, look: Look): void {
    this.change(index, { look });
  }

  /** One viewport, or two side by side. */
  split(count: number): void {
    const now = this.panes.peek();
    const wanted = Math.min(PANES_MAX, Math.max(1, count));
    this.panes.value = wanted <= now.length ? now.slice(0, wanted) : [...now, NOTHING];
    this.active.value = Math.min(this.active.peek(), wanted - 1);
  }

  /** See what the presenter sees. */
  follow(study: StudyView | null): void {
    if (study === null) {
      this.open.value = false;
      return;
    }
    if (!this.open.peek()) this.show(true);
    // who follows does not play by itself: each frame comes from the presenter
    this.panes.value = study.panes.map((one) => ({ ...one, playing: false }));
    this.active.value = Math.min(this.active.peek(), study.panes.length - 1);
    const known = new Set(this.items.peek().map((one) => one.id));
    if (this.files.peek() !== null && study.panes.some((one) => one.item.startsWith("file:") && !known.has(one.item))) void this.loadFiles();
  }
}
