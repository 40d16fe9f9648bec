/** PDFs by pdf.js: read in a worker, drawn on a canvas. Nothing in a PDF runs: no scripts, no forms, no links. */

import { getDocument, GlobalWorkerOptions } from "pdfjs-dist";

const PAGES_MAX = 200;
const SIDE_MAX = 4_096; // canvas pixels: what phones still draw
const TEXT_MAX = 20_000;

export interface PdfPage {
  readonly number: number;
  readonly canvas: HTMLCanvasElement;
  readonly text: string;
}

export interface Pdf {
  readonly pages: number;
  page(number: number, width: number): Promise<PdfPage>;
  close(): void;
}

export async function openPdf(file: Blob): Promise<Pdf> {
  GlobalWorkerOptions.workerPort ??= new Worker(new URL("pdfjs-dist/build/pdf.worker.mjs", import.meta.url), { type: "module" });
  const task = getDocument({
    data: new Uint8Array(await file.arrayBuffer()), isEvalSupported: false, enableXfa: false, useWasm: false, stopAtErrors: false,
    verbosity: 0,
  });
  const found = await task.promise;
  return {
    pages: Math.min(PAGES_MAX, found.numPages),
    page: async (number, width) => {
      const page = await found.getPage(number);
      const whole = page.getViewport({ scale: 1 });
      const wanted = (Math.max(1, width) / whole.width) * Math.max(1, devicePixelRatio);
      const scale = Math.min(wanted, SIDE_MAX / Math.max(whole.width, whole.height));
      const viewport = page.getViewport({ scale });
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: Math.ceil(viewport.width), height: Math.ceil(viewport.height) });
      await page.render({ canvas, viewport, annotationMode: 0 }).promise;
      const { items } = await page.getTextContent();
      const text = items.map((one) => ("str" in one ? one.str + (one.hasEOL ? "\n" : "") : "")).join("");
      return { number, canvas, text: text.slice(0, TEXT_MAX) };
    },
    close: () => void task.destroy(),
  };
}
