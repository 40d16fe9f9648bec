/** The decoding worker: streams in, changed pieces out, in order. */

import create from "@cornerstonejs/codec-openjph";
import wasmUrl from "@cornerstonejs/codec-openjph/wasm?url";

import { TileDecoder } from "./codec";
import type { Answer, Order } from "./decoder_io";

interface Port {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(message: Answer, transfer: Transferable[]): void;
}

const port = globalThis as unknown as Port;
const quiet = (): void => undefined; // OpenJPH tells its warnings about odd streams to the console; the page counts them
const ready = create({ locateFile: () => wasmUrl, print: quiet, printErr: quiet }).then((codec) => new TileDecoder(codec));

async function answer(order: Order): Promise<void> {
  const begun = performance.now();
  try {
    const decoder = await ready;
    if (order.whole) decoder.forget();
    const picture = decoder.decode(new Uint8Array(order.bytes, order.offset), order.discard);
    const transfer = picture.pieces.map((piece) => piece.samples.buffer);
    port.postMessage({ id: order.id, picture, spentMs: performance.now() - begun }, transfer);
  } catch (error) {
    port.postMessage({ id: order.id, error: String(error) }, []);
  }
}

let last = Promise.resolve();
port.onmessage = ({ data }) => {
  last = last.then(() => answer(data));
};
