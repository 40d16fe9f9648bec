/** Draws pictures on a canvas whose pixels are the picture's own: one canvas pixel per sample, scaled by CSS alone. */

import { PlainPainter } from "./painter_plain";
import { WebglPainter } from "./painter_webgl";
import type { Picture } from "./samples";
import type { Window } from "./window";

export interface Tone {
  readonly window: Window;
  readonly inverted: boolean;
}

export interface Painter {
  readonly kind: "webgl2" | "2d";
  /** Apply the pieces and draw; grey through `tone`, 8-bit colour bit for bit. False: nothing was drawn. */
  paint(picture: Picture, tone: Tone): boolean;
  /** Draw the retained picture again. */
  repaint(tone: Tone): void;
  /** Say whether a picture of this size can be drawn. */
  fits(columns: number, rows: number): boolean;
  close(): void;
}

/** WebGL2 where there is one, a plain canvas else. `onLost` tells that the picture is gone and must come whole again. */
export function makePainter(canvas: HTMLCanvasElement, onLost: () => void, plain = false): Painter {
  if (!plain) {
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      // pixels can be read back after the frame is shown: snapshots and tests
      preserveDrawingBuffer: true,
    });
    if (gl) return new WebglPainter(canvas, gl, onLost);
  }
  return new PlainPainter(canvas);
}
