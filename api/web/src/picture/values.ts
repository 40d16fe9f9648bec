/** What a geometry says of its sample values. */

import type { Geometry } from "../api/types";
import type { Values } from "./window";

export function valuesOf(geometry: Geometry): Values {
  return {
    photometric: geometry.photometric_interpretation,
    centers: geometry.window_center,
    widths: geometry.window_width,
    slope: geometry.rescale_slope ?? 1,
    intercept: geometry.rescale_intercept ?? 0,
  };
}
