/** The frames of an item as a stack: Cornerstone's imageIds, and which frame stands where. */

import { wadouri } from "@cornerstonejs/dicom-image-loader";

import type { Client } from "../api/client_io";
import type { Instance, Page } from "../api/types";
import { runsOf, type StoredRun } from "../stored/runs";
import { positionOf, spotAt, timeline } from "../stored/timeline";
import { imageIdOf } from "./frames_io";
import type { ExamItem, FileItem, Item } from "./items";

const PAGE = 200;
const PAGES_MAX = 50; // 10,000 instances: hours of ultrasound

export interface Stack {
  readonly item: Item;
  readonly imageIds: readonly string[];
  /** The number of the frame at a place of the stack. */
  numberAt(position: number): number;
  /** The place of a frame number, or of the nearest one before it. */
  positionOf(number: number): number;
  derivedAt(position: number): boolean;
}

/** Open an item's frames; `path`: of its consultation. */
export function openStack(api: Client, path: string, item: Item): Promise<Stack> {
  return item.of === "exam" ? examStack(api, path, item) : fileStack(api, path, item);
}

async function examStack(api: Client, path: string, item: ExamItem): Promise<Stack> {
  const at = `${path}/studies/${encodeURIComponent(item.session)}/instances`;
  const clip = timeline(await runs(api, at), item.source);
  const imageIds = Array.from({ length: clip.frames }, (_, position) => {
    const spot = spotAt(clip, position);
    return imageIdOf(item.modality, `${at}/${spot?.uid ?? ""}/frames/${spot?.frame ?? 0}`);
  });
  return {
    item, imageIds, numberAt: (position) => spotAt(clip, position)?.number ?? 0, positionOf: (number) => positionOf(clip, number),
    derivedAt: (position) => spotAt(clip, position)?.derived ?? false,
  };
}

async function runs(api: Client, path: string): Promise<readonly StoredRun[]> {
  let found: readonly StoredRun[] = [];
  let cursor: string | null = "";
  for (let page = 0; cursor !== null && page < PAGES_MAX; page++) {
    const { items, next_cursor }: Page<Instance> = await api.get<Page<Instance>>(
      `${path}?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}`,
    );
    found = [...found, ...runsOf(items)];
    cursor = next_cursor;
  }
  return found;
}

const opened = new Map<string, string>(); // files this page has already: their base imageId by digest

async function fileStack(api: Client, path: string, item: FileItem): Promise<Stack> {
  let base = opened.get(item.sha256);
  if (base === undefined) {
    base = wadouri.fileManager.add(await api.download(`${path}/files/${item.sha256}`));
    opened.set(item.sha256, base);
  }
  const first = base;
  const imageIds = Array.from({ length: Math.max(1, item.frames) }, (_, at) => (item.frames > 1 ? `${first}?frame=${at + 1}` : first));
  const within = (at: number): number => Math.min(imageIds.length - 1, Math.max(0, at));
  return { item, imageIds, numberAt: (position) => position, positionOf: within, derivedAt: () => false };
}
