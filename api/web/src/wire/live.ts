/** The messages of `huizhen.live.v1`, as the server sends them. */

import { FILLED, type Filled, type TileOrigin } from "../picture/origins";
import type { Counts, Geometry, Session } from "../api/types";
import { BadMessage, type Fields, fields, flag, json, milliseconds, number, text, whole } from "./read";
import { SIDE_MAX, TILES_MAX } from "./codestream";

export const SUBPROTOCOL = "huizhen.live.v1";
const HEADER_MAX = 1 << 20; // 4096 tiles of about 50 characters, four times over
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;

export type Resolution = "auto" | "full" | "half" | "quarter";
export const RESOLUTIONS: readonly Resolution[] = ["auto", "full", "half", "quarter"];

export interface FrameHeader {
  readonly source: string;
  readonly number: number;
  readonly revision: number;
  readonly exact: boolean;
  readonly key: boolean;
  readonly geometry: number;
  /** UTC milliseconds, server's clock. */
  readonly capturedMs: number;
  readonly discard: 0 | 1 | 2;
  readonly columns: number;
  readonly rows: number;
  readonly tile: number;
  readonly origins: readonly TileOrigin[];
  readonly dropped: number;
  /** Tiles that are blanked for this viewer. */
  readonly masked: number;
  /** Whether its pixels came as lossy video. */
  readonly video: boolean;
}

export interface Frame {
  readonly header: FrameHeader;
  readonly bytes: ArrayBuffer;
  /** Where the codestream begins in `bytes`. */
  readonly offset: number;
}

/** Parse a binary message: length of the header, header, codestream; throws BadMessage. */
export function readFrame(bytes: ArrayBuffer): Frame {
  if (bytes.byteLength < 4) throw new BadMessage("a frame of less than 4 bytes");
  const length = new DataView(bytes).getUint32(0, true);
  if (length > HEADER_MAX || 4 + length > bytes.byteLength) throw new BadMessage(`a header of ${length} bytes does not fit`);
  const raw = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  return { header: readHeader(fields(json(raw), "frame header")), bytes, offset: 4 + length };
}

function readHeader(from: Fields, video = false): FrameHeader {
  return {
    source: text(from, "source"),
    number: whole(from, "number", 0, NUMBER_MAX),
    revision: whole(from, "revision", 0, NUMBER_MAX),
    exact: flag(from, "exact"),
    key: flag(from, "key"),
    geometry: whole(from, "geometry", 0, NUMBER_MAX),
    capturedMs: milliseconds(from, "captured_at_ns"),
    discard: whole(from, "discard", 0, 2) as 0 | 1 | 2,
    columns: whole(from, "columns", 1, SIDE_MAX),
    rows: whole(from, "rows", 1, SIDE_MAX),
    tile: whole(from, "tile", 32, SIDE_MAX),
    origins: readOrigins(from["origins"]),
    dropped: whole(from, "dropped", 0, NUMBER_MAX),
    masked: Array.isArray(from["masked"]) ? from["masked"].length : 0,
    video,
  };
}

function readOrigins(value: unknown): TileOrigin[] {
  if (!Array.isArray(value) || value.length > TILES_MAX) throw new BadMessage("origins is no list of tiles");
  return value.map((row: unknown) => {
    if (!Array.isArray(row) || row.length < 4) throw new BadMessage("an origin needs tile, state, age and error");
    const [tile, state, age, expectedError] = row as unknown[];
    if (!FILLED.includes(state as Filled)) throw new BadMessage(`tile state ${String(state)} is unknown`);
    const named = { tile, age, expectedError };
    return {
      tile: whole(named, "tile", 0, TILES_MAX - 1),
      state: state as Filled,
      age: whole(named, "age", 0, 0xffff),
      expectedError: number(named, "expectedError"),
    };
  });
}

export interface Tick {
  readonly type: "tick";
  readonly serverMs: number;
  /** Newest frame number of the source; -1 before the first. */
  readonly newest: number;
  readonly state: string;
  readonly counts: Counts;
  readonly dropped: number;
}

export type Told =
  | { readonly type: "joined"; readonly session: Session; readonly source: string; readonly serverMs: number }
  | { readonly type: "geometry"; readonly geometry: Geometry }
  | Tick
  | { readonly type: "end"; readonly reason: string }
  | { readonly type: "frame"; readonly rtpTime: number; readonly header: FrameHeader }
  | { readonly type: "error"; readonly title: string; readonly detail: string; readonly code: number };

/** Parse a text message; null for one this page does not know (a newer server may say more); throws BadMessage. */
export function readTold(raw: string): Told | null {
  const from = fields(json(raw), "message");
  switch (text(from, "type")) {
    case "joined":
      return {
        type: "joined", source: text(from, "source"), serverMs: milliseconds(from, "server_time_ns"),
        session: fields(from["session"], "session") as unknown as Session,
      };
    case "geometry":
      return { type: "geometry", geometry: fields(from["geometry"], "geometry") as unknown as Geometry };
    case "tick":
      return readTick(from);
    case "end":
      return { type: "end", reason: optional(from, "reason") };
    case "frame": // of video: what the picture is that is shown at this RTP time
      return { type: "frame", rtpTime: whole(from, "rtp_time", 0, 2 ** 32 - 1), header: readHeader(from, true) };
    case "error": // `code`: of video, which has no close code of its own
      return {
        type: "error", title: optional(from, "title"), detail: optional(from, "detail"),
        code: typeof from["code"] === "number" ? from["code"] : 0,
      };
    default:
      return null;
  }
}

function readTick(from: Fields): Tick {
  const newest = from["newest"];
  return {
    type: "tick",
    serverMs: milliseconds(from, "server_time_ns"),
    newest: typeof newest === "number" ? newest : -1,
    state: text(from, "state"),
    counts: fields(from["counts"], "counts") as unknown as Counts,
    dropped: whole(from, "dropped", 0, NUMBER_MAX),
  };
}

function optional(from: Fields, name: string): string {
  return typeof from[name] === "string" ? text(from, name) : "";
}
