/** A stored frame as it comes: its codestream, how its values are read, and how much of it is blanked for this reader. */

import type { Geometry } from "../api/types";
import { fields, json, whole } from "../wire/read";
import { TILES_MAX } from "../wire/codestream";

export interface CodedFrame {
  readonly bytes: ArrayBuffer;
  /** Null where the server does not know it. */
  readonly geometry: Geometry | null;
  /** Tiles that are blanked. */
  readonly masked: number;
}

/** Read an answer's headers; throws BadMessage. */
export function codedFrame(bytes: ArrayBuffer, headers: Headers): CodedFrame {
  const said = headers.get("huizhen-geometry");
  const geometry = said === null ? null : (fields(json(said), "geometry") as unknown as Geometry);
  return { bytes, geometry, masked: whole({ masked: headers.get("huizhen-masked") ?? "0" }, "masked", 0, TILES_MAX) };
}
