/** What is stored of a session: the list once, then what the ledger's events add; the list again after a gap. */

import { signal } from "@preact/signals";

import type { Client } from "../api/client_io";
import { follow, type ServerEvent } from "../api/events_io";
import { passes, type Problem } from "../api/problem";
import type { Instance, Page } from "../api/types";
import { added, runOfEvent, runsOf, type StoredRun } from "./runs";

const PAGE = 200;
const PAGES_MAX = 50; // 10,000 instances: hours of ultrasound; a longer list is cut and says so by its last frame
const AGAIN_MS = 2_000;

export class StoredList {
  /** Null before the first answer. */
  readonly runs = signal<readonly StoredRun[] | null>(null);
  readonly error = signal<unknown>(null);
  private readonly stop = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly path: string;

  constructor(
    private readonly api: Client,
    session: string,
  ) {
    this.path = `v1/sessions/${encodeURIComponent(session)}`;
    void follow(api, `${this.path}/events`, (event) => this.hear(event), this.stop.signal);
    void this.load();
  }

  async load(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const listed = await this.list();
      const told = this.runs.peek() ?? [];
      this.runs.value = told.reduce(added, listed); // what events told while the list was on its way stays
      this.error.value = null;
    } catch (error) {
      this.error.value = error;
      if (passes(error)) this.again((error as Problem).retryAfterS * 1000);
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.stop.abort();
  }

  private async list(): Promise<readonly StoredRun[]> {
    let found: readonly StoredRun[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null && page < PAGES_MAX; page++) {
      const path: string = `${this.path}/instances?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}`;
      const { items, next_cursor }: Page<Instance> = await this.api.get<Page<Instance>>(path);
      found = [...found, ...runsOf(items)];
      cursor = next_cursor;
    }
    return found;
  }

  private again(afterMs: number): void {
    clearTimeout(this.timer);
    if (!this.stop.signal.aborted) this.timer = setTimeout(() => void this.load(), Math.max(AGAIN_MS, afterMs));
  }

  private hear(event: ServerEvent): void {
    if (event.type === "session" && this.runs.peek() !== null) this.again(0); // events were missed
    if (event.type !== "ledger") return;
    try {
      const run = runOfEvent(event.data);
      if (run) this.runs.value = added(this.runs.peek() ?? [], run);
    } catch {
      this.again(0); // an event this page cannot read: the list tells it in its own way
    }
  }
}
