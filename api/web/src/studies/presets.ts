/** Windows that readers choose by name, in the values they are known by (Hounsfield units). */

export interface Preset {
  readonly name: "soft" | "lung" | "bone" | "brain" | "angio";
  readonly center: number;
  readonly width: number;
}

const CT: readonly Preset[] = [
  { name: "soft", center: 40, width: 400 },
  { name: "lung", center: -600, width: 1500 },
  { name: "bone", center: 400, width: 1800 },
  { name: "brain", center: 40, width: 80 },
  { name: "angio", center: 300, width: 600 },
];

/** The presets of a modality: those of CT count in Hounsfield units and would mean nothing elsewhere. */
export function presetsOf(modality: string): readonly Preset[] {
  return modality === "CT" ? CT : [];
}

/** Lower and upper value of a window: the standard's linear function (PS3.3 C.11.2.1.2). */
export function rangeOf(center: number, width: number): { readonly lower: number; readonly upper: number } {
  const half = (Math.max(1, width) - 1) / 2;
  return { lower: center - 0.5 - half, upper: center - 0.5 + half };
}

export function windowOf({ lower, upper }: { readonly lower: number; readonly upper: number }): { center: number; width: number } {
  return { center: (lower + upper + 1) / 2, width: Math.max(1, upper - lower + 1) };
}
