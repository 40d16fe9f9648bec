/**
 * Cornerstone3D's loader of the archive's frames.
 *
 * They come one by one by the API's own route, so that trainees get them blanked, and are decoded by the codec of the
 * live picture. An imageId is `huizhen:<modality>:<path of the frame>`.
 */

import { imageLoader, metaData, type Types } from "@cornerstonejs/core";

import type { Client } from "../api/client_io";
import { passes, type Problem } from "../api/problem";
import { Decoder } from "../picture/decoder_io";
import { valuesOf } from "../picture/values";
import { firstWindow } from "../picture/window";
import type { CodedFrame } from "../stored/coded";
import { type Described, moduleOf, rescaled, spacingOf, whole } from "./values";

const SCHEME = "huizhen";
const KNOWN_MAX = 20_000; // frames whose description is remembered: Cornerstone's own cache holds far fewer pictures
const TRIES = 6;
const REST_S = 1;

export function imageIdOf(modality: string, path: string): string {
  return `${SCHEME}:${modality}:${path}`;
}

export class FrameSource {
  private readonly described = new Map<string, Described>();
  private readonly masked = new Map<string, number>();
  private readonly decoder = new Decoder();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly api: Client) {
    imageLoader.registerImageLoader(SCHEME, (imageId: string) => {
      const abort = new AbortController();
      return { promise: this.load(imageId, abort.signal), cancelFn: () => abort.abort() };
    });
    metaData.addProvider((type: string, imageId: string) => this.moduleOf(type, imageId), 10_000);
  }

  /** Tiles of a frame that are blanked for this viewer. */
  maskedOf(imageId: string): number {
    return this.masked.get(imageId) ?? 0;
  }

  private moduleOf(type: string, imageId: unknown): unknown {
    const known = typeof imageId === "string" ? this.described.get(imageId) : undefined;
    return known && moduleOf(type, known);
  }

  private async load(imageId: string, signal: AbortSignal): Promise<Types.IImage> {
    const [, modality = "", ...path] = imageId.split(":");
    const coded = await this.fetchFrame(path.join(":"), signal);
    const picture = await this.decode(coded.bytes);
    const { columns, rows, components, bits, signed } = picture.format;
    this.remember(imageId, { geometry: coded.geometry, modality, columns, rows, components, bits, signed }, coded.masked);
    return imageOf(imageId, whole(picture), picture.format, coded);
  }

  /** One picture at a time: the worker decodes in order, and each is wanted whole. */
  private decode(bytes: ArrayBuffer): ReturnType<Decoder["decode"]> {
    const next = this.last.then(() => this.decoder.decode(bytes, 0, 0, true));
    this.last = next.catch(() => undefined);
    return next;
  }

  private async fetchFrame(path: string, signal: AbortSignal): Promise<CodedFrame> {
    for (let left = TRIES; ; left--) {
      try {
        return await this.api.frame(path, signal);
      } catch (error) {
        if (signal.aborted || left <= 1 || !passes(error)) throw error;
        const waitS = Math.max(REST_S, (error as Problem).retryAfterS);
        await new Promise((resolve) => setTimeout(resolve, 1000 * waitS));
      }
    }
  }

  private remember(imageId: string, described: Described, masked: number): void {
    this.described.set(imageId, described);
    this.masked.set(imageId, masked);
    const oldest = this.described.keys().next().value;
    if (this.described.size > KNOWN_MAX && oldest !== undefined) {
      this.described.delete(oldest);
      this.masked.delete(oldest);
    }
  }
}

type Format = Pick<Described, "columns" | "rows" | "components" | "bits" | "signed">;

function imageOf(imageId: string, samples: ReturnType<typeof whole>, format: Format, { geometry }: CodedFrame): Types.IImage {
  const isColor = format.components === 3;
  const pixels = isColor ? samples : rescaled(samples, geometry);
  const { low, high } = extremes(pixels);
  const slope = geometry?.rescale_slope ?? 1;
  const intercept = geometry?.rescale_intercept ?? 0;
  const spacing = spacingOf(geometry);
  const stored = firstWindow(format, geometry && valuesOf(geometry));
  const scaled = !isColor && pixels !== samples;
  const made = {
    imageId, color: isColor, rgba: false, numberOfComponents: format.components, rows: format.rows, columns: format.columns,
    width: format.columns, height: format.rows, rowPixelSpacing: spacing?.[0] ?? null, columnPixelSpacing: spacing?.[1] ?? null,
    slope, intercept, minPixelValue: low, maxPixelValue: high, sizeInBytes: pixels.byteLength,
    // 0…255 as they are for colour; grey by the frame's own window, in rescaled values
    windowCenter: isColor ? 128 : stored.center * slope + intercept, windowWidth: isColor ? 256 : stored.width * Math.abs(slope),
    voiLUTFunction: "LINEAR", invert: geometry?.photometric_interpretation === "MONOCHROME1", dataType: pixels.constructor.name,
    preScale: { enabled: scaled, scaled, scalingParameters: { rescaleSlope: slope, rescaleIntercept: intercept } },
    calibration: moduleOf("calibrationModule", { ...format, geometry, modality: "" }), imageFrame: {},
    getPixelData: () => pixels, getCanvas: () => canvasOf(pixels, format),
  };
  return made as unknown as Types.IImage;
}

function extremes(pixels: ArrayLike<number>): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** The colour picture on a canvas: Cornerstone's way without WebGL asks for it. */
function canvasOf(pixels: ArrayLike<number>, { columns, rows }: Format): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const image = context.createImageData(columns, rows);
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    for (let c = 0; c < 3; c++) image.data[to + c] = pixels[from + c]!;
    image.data[to + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
