/** The WebGL2 painter: an integer texture holds the samples, only changed tiles are uploaded, the window is a uniform. */

import type { Painter, Tone } from "./painter";
import { type Picture, type PictureFormat, sameFormat } from "./samples";
import { fragment, link } from "./shaders";
import { linear, rangeOf } from "./window";

interface Storage {
  readonly internal: number;
  readonly format: number;
  readonly type: number;
}

function storageOf(gl: WebGL2RenderingContext, picture: PictureFormat): Storage {
  const colour = picture.components === 3;
  const format = colour ? gl.RGB_INTEGER : gl.RED_INTEGER;
  if (picture.signed) return { internal: colour ? gl.RGB16I : gl.R16I, format, type: gl.SHORT };
  if (picture.bits > 8) return { internal: colour ? gl.RGB16UI : gl.R16UI, format, type: gl.UNSIGNED_SHORT };
  return { internal: colour ? gl.RGB8UI : gl.R8UI, format, type: gl.UNSIGNED_BYTE };
}

export class WebglPainter implements Painter {
  readonly kind = "webgl2";
  private format: PictureFormat | null = null;
  private program: WebGLProgram | null = null;
  private texture: WebGLTexture | null = null;
  private readonly lost: (event: Event) => void;
  private readonly restored: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    onLost: () => void,
  ) {
    this.lost = (event) => event.preventDefault(); // asks the browser to restore it
    this.restored = () => {
      this.format = null;
      onLost();
    };
    canvas.addEventListener("webglcontextlost", this.lost);
    canvas.addEventListener("webglcontextrestored", this.restored);
  }

  fits(columns: number, rows: number): boolean {
    return Math.max(columns, rows) <= Number(this.gl.getParameter(this.gl.MAX_TEXTURE_SIZE));
  }

  paint(picture: Picture, tone: Tone): boolean {
    const { gl } = this;
    if (gl.isContextLost()) return false;
    if (!sameFormat(this.format, picture.format)) this.resize(picture.format);
    const { format, type } = storageOf(gl, picture.format);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    for (const piece of picture.pieces) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, piece.x, piece.y, piece.columns, piece.rows, format, type, piece.samples);
    }
    this.repaint(tone);
    return !gl.isContextLost();
  }

  repaint(tone: Tone): void {
    const { gl, program, format } = this;
    if (!program || !format || gl.isContextLost()) return;
    const { level, scale } = linear(tone.window);
    gl.useProgram(program);
    gl.uniform4f(gl.getUniformLocation(program, "tone"), level, scale, rangeOf(format).high, tone.inverted ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  close(): void {
    this.canvas.removeEventListener("webglcontextlost", this.lost);
    this.canvas.removeEventListener("webglcontextrestored", this.restored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext(); // browsers hold few contexts: give it back now
  }

  private resize(format: PictureFormat): void {
    const { gl, canvas } = this;
    canvas.width = format.columns;
    canvas.height = format.rows;
    gl.viewport(0, 0, format.columns, format.rows);
    gl.deleteTexture(this.texture);
    gl.deleteProgram(this.program);
    this.program = link(gl, fragment(format.signed, format.components === 3));
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, storageOf(gl, format).internal, format.columns, format.rows);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    this.format = format;
  }
}
