/** In step: the presenter's panes are shown to the others, whose panes follow until they look around by themselves. */

import { computed, effect, type Signal, signal } from "@preact/signals";

import type { LivePicture } from "../live/live_io";
import type { StoredClip } from "../stored/clip_io";
import type { Layout, View } from "../wire/room";
import { isLed, leads } from "./room";
import type { PatientStudies } from "../studies/studies_io";
import type { RoomClient } from "./room_io";

export class Step {
  readonly layout: Signal<Layout> = signal("both");
  /** Whether this person looks around alone. */
  readonly alone = signal(false);
  readonly leads = computed(() => {
    const room = this.client.room.value;
    return room !== null && leads(room);
  });
  readonly follows = computed(() => {
    const room = this.client.room.value;
    return room !== null && !leads(room) && isLed(room) && !this.alone.value;
  });
  private readonly ends: (() => void)[];

  constructor(
    private readonly client: RoomClient,
    private readonly live: LivePicture,
    private readonly clip: StoredClip,
    private readonly studies: PatientStudies,
  ) {
    this.ends = [effect(() => this.lead()), effect(() => this.follow())];
  }

  /** Look around alone, or come back to where the presenter is. */
  toggle(): void {
    if (!this.leads.peek()) this.alone.value = !this.alone.peek();
  }

  close(): void {
    for (const end of this.ends) end();
  }

  private lead(): void {
    if (!this.leads.value) return;
    this.alone.value = false;
    this.client.show(this.seen());
  }

  private seen(): View {
    const { live, clip } = this;
    const shown = clip.shown.value;
    return {
      layout: this.layout.value,
      live: live.source.value === "" ? null
        : { source: live.source.value, frozen: live.frozen.value, look: live.stage.look.value },
      stored: shown === null ? null : {
        source: clip.source.value, number: shown.number, playing: clip.playing.value, rate_hz: clip.rateHz.value,
        look: clip.stage.look.value,
      },
      study: this.studies.said.value,
    };
  }

  private follow(): void {
    const view = this.client.room.value?.view;
    const grown = this.clip.clip.value.frames; // a frame that was not stored yet is looked for again
    if (!view || !this.follows.value) return;
    this.layout.value = view.layout;
    const { live, clip } = this;
    if (view.live) {
      if (live.source.peek() !== view.live.source) live.chooseSource(view.live.source);
      live.freeze(view.live.frozen);
      live.stage.follow(view.live.look);
    }
    this.studies.follow(view.study);
    if (view.stored && view.study === null && grown > 0) {
      clip.show(view.stored.number);
      clip.stage.follow(view.stored.look);
    }
  }
}
