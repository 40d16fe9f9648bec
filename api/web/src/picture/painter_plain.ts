/** The 2D-canvas painter, for browsers without WebGL2. It keeps the samples, so that the window can change. */

import type { Painter, Tone } from "./painter";
import { type Picture, type PictureFormat, type Samples, sameFormat } from "./samples";
import { linear, rangeOf } from "./window";

export class PlainPainter implements Painter {
  readonly kind = "2d";
  private readonly context: CanvasRenderingContext2D;
  private format: PictureFormat | null = null;
  private samples: Samples = new Uint8Array(0);
  private image: ImageData | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser can draw neither WebGL2 nor a 2D canvas");
    this.context = context;
  }

  fits(): boolean {
    return true;
  }

  paint(picture: Picture, tone: Tone): boolean {
    if (!sameFormat(this.format, picture.format)) this.resize(picture.format);
    const { columns, components } = picture.format;
    for (const piece of picture.pieces) {
      const stride = piece.columns * components;
      for (let row = 0; row < piece.rows; row++) {
        const line = piece.samples.subarray(row * stride, (row + 1) * stride);
        this.samples.set(line, ((piece.y + row) * columns + piece.x) * components);
      }
    }
    this.repaint(tone);
    return true;
  }

  repaint(tone: Tone): void {
    if (!this.format || !this.image) return;
    fillImage(this.image.data, this.samples, this.format, tone);
    this.context.putImageData(this.image, 0, 0);
  }

  close(): void {
    this.image = null;
    this.format = null;
  }

  private resize(format: PictureFormat): void {
    this.format = format;
    this.canvas.width = format.columns;
    this.canvas.height = format.rows;
    this.samples = emptySamples(format);
    this.image = this.context.createImageData(format.columns, format.rows);
  }
}

function emptySamples(format: PictureFormat): Samples {
  const count = format.columns * format.rows * format.components;
  if (format.signed) return new Int16Array(count);
  return format.bits === 8 ? new Uint8Array(count) : new Uint16Array(count);
}

/** Turn samples into RGBA; colour of 8 bits goes through untouched. */
export function fillImage(rgba: Uint8ClampedArray, samples: Samples, format: PictureFormat, tone: Tone): void {
  if (format.components === 1) fillGrey(rgba, samples, tone);
  else fillColour(rgba, samples, rangeOf(format).high);
}

function fillGrey(rgba: Uint8ClampedArray, samples: Samples, tone: Tone): void {
  const { level, scale } = linear(tone.window);
  for (let i = 0, at = 0; i < samples.length; i++, at += 4) {
    const share = Math.min(1, Math.max(0, (samples[i]! - level) * scale));
    const grey = Math.round(255 * (tone.inverted ? 1 - share : share));
    rgba[at] = rgba[at + 1] = rgba[at + 2] = grey;
    rgba[at + 3] = 255;
  }
}

function fillColour(rgba: Uint8ClampedArray, samples: Samples, high: number): void {
  const scale = 255 / high;
  for (let i = 0, at = 0; i < samples.length; i += 3, at += 4) {
    rgba[at] = Math.round(samples[i]! * scale);
    rgba[at + 1] = Math.round(samples[i + 1]! * scale);
    rgba[at + 2] = Math.round(samples[i + 2]! * scale);
    rgba[at + 3] = 255;
  }
}
