/** How a frame's geometry is said in the words of Cornerstone3D's metadata modules, and its samples in its values. */

import type { Geometry } from "../api/types";
import type { Picture, Samples } from "../picture/samples";

export interface Described {
  readonly geometry: Geometry | null;
  readonly modality: string;
  readonly columns: number;
  readonly rows: number;
  readonly components: number;
  readonly bits: number;
  readonly signed: boolean;
}

/** Spacing of rows and of columns, mm; null where the frame has none. */
export function spacingOf(geometry: Geometry | null): readonly [number, number] | null {
  const [rows, columns] = geometry?.pixel_spacing ?? [];
  return rows && columns && rows > 0 && columns > 0 ? [rows, columns] : null;
}

/** A metadata module of a frame, or undefined where there is none. */
export function moduleOf(type: string, of: Described): unknown {
  const { geometry, modality, columns, rows, components, bits, signed } = of;
  const spacing = spacingOf(geometry);
  switch (type) {
    case "imagePlaneModule":
      return {
        rows, columns, rowPixelSpacing: spacing?.[0] ?? null, columnPixelSpacing: spacing?.[1] ?? null, rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0], imageOrientationPatient: [1, 0, 0, 0, 1, 0], imagePositionPatient: [0, 0, 0],
        frameOfReferenceUID: `huizhen:${columns}x${rows}`,
      };
    case "imagePixelModule":
      return {
        bitsAllocated: bits > 8 ? 16 : 8, bitsStored: bits, highBit: bits - 1, samplesPerPixel: components,
        pixelRepresentation: signed ? 1 : 0,
        photometricInterpretation: components === 3 ? "RGB" : (geometry?.photometric_interpretation ?? "MONOCHROME2"),
      };
    case "generalSeriesModule": return { modality };
    case "calibrationModule": return regionsOf(geometry);
    default: return undefined;
  }
}

function regionsOf(geometry: Geometry | null): unknown {
  const regions = geometry?.ultrasound_regions ?? [];
  if (regions.length === 0) return undefined;
  return {
    sequenceOfUltrasoundRegions: regions.map((one) => ({
      regionDataType: one.region_data_type, regionSpatialFormat: one.region_spatial_format, regionFlags: one.region_flags,
      regionLocationMinX0: one.x0, regionLocationMinY0: one.y0, regionLocationMaxX1: one.x1, regionLocationMaxY1: one.y1,
      physicalUnitsXDirection: one.physical_units_x, physicalUnitsYDirection: one.physical_units_y,
      physicalDeltaX: one.physical_delta_x, physicalDeltaY: one.physical_delta_y,
    })),
  };
}

/** Put a picture's pieces together: row by row, components interleaved. */
export function whole({ format, pieces }: Picture): Samples {
  const { columns, rows, components } = format;
  const length = columns * rows * components;
  const out: Samples = format.signed ? new Int16Array(length) : format.bits > 8 ? new Uint16Array(length) : new Uint8Array(length);
  for (const piece of pieces) {
    const width = piece.columns * components;
    for (let row = 0; row < piece.rows; row++) {
      out.set(piece.samples.subarray(row * width, (row + 1) * width), ((piece.y + row) * columns + piece.x) * components);
    }
  }
  return out;
}

/** Samples in the values that the window counts in: rescaled where the geometry says so. */
export function rescaled(samples: Samples, geometry: Geometry | null): Samples | Float32Array<ArrayBuffer> {
  const slope = geometry?.rescale_slope ?? 1;
  const intercept = geometry?.rescale_intercept ?? 0;
  return slope === 1 && intercept === 0 ? samples : Float32Array.from(samples, (value) => value * slope + intercept);
}
