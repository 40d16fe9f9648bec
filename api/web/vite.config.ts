import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The built page is carried in the wheel as huizhen/api/page; it is never committed.
const page = fileURLToPath(new URL("../huizhen/api/page", import.meta.url));

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: page,
    emptyOutDir: true,
    target: "es2022",
    // The page's content security policy allows no data: scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
