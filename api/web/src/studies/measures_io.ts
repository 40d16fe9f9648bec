/** What was measured on a picture, in words: read from Cornerstone's annotations. */

import { annotation, AngleTool, EllipticalROITool, LengthTool, RectangleROITool } from "@cornerstonejs/tools";

export interface Measure {
  readonly id: string;
  readonly kind: "length" | "angle" | "rectangle" | "ellipse";
  /** Numbers with their units; empty while it is being drawn. */
  readonly values: readonly Value[];
}

export interface Value {
  readonly name: "length" | "angle" | "area" | "mean";
  readonly value: number;
  readonly unit: string;
}

const KINDS = {
  [LengthTool.toolName]: "length", [AngleTool.toolName]: "angle", [RectangleROITool.toolName]: "rectangle",
  [EllipticalROITool.toolName]: "ellipse",
} as const;

/** The measures on one picture. */
export function measuresOn(imageId: string): Measure[] {
  return annotation.state.getAllAnnotations().flatMap((one) => {
    const kind = KINDS[one.metadata?.toolName ?? ""];
    if (!kind || one.metadata?.referencedImageId !== imageId || !one.annotationUID) return [];
    const [stats] = Object.values((one.data["cachedStats"] ?? {}) as Record<string, Readonly<Record<string, unknown>>>);
    return [{ id: one.annotationUID, kind, values: stats ? valuesOf(stats) : [] }];
  });
}

export function removeMeasure(id: string): void {
  annotation.state.removeAnnotation(id);
}

export function valuesOf(stats: Readonly<Record<string, unknown>>): Value[] {
  const found: Value[] = [];
  const add = (name: Value["name"], unit: string): void => {
    const value = stats[name];
    if (typeof value === "number" && Number.isFinite(value)) found.push({ name, value, unit });
  };
  add("length", said(stats["unit"]));
  add("angle", "°");
  add("area", said(stats["areaUnit"]));
  add("mean", said(stats["modalityUnit"]));
  return found;
}

/** Cornerstone adds where a unit's scale comes from: `cm US Region`. */
function said(unit: unknown): string {
  return typeof unit === "string" ? unit.replace(/ (US|ECG) Region$/, "") : "";
}
