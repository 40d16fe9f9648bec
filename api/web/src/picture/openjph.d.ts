declare module "@cornerstonejs/codec-openjph" {
  import type { Codec } from "./codec";
  const create: (options: {
    locateFile?: (name: string) => string;
    wasmBinary?: Uint8Array;
    print?: (text: string) => void;
    printErr?: (text: string) => void;
  }) => Promise<Codec>;
  export default create;
}

declare module "@cornerstonejs/codec-openjph/wasm?url" {
  const url: string;
  export default url;
}
