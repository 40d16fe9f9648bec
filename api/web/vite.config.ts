import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The built page is carried in the wheel as huizhen/api/page; it is never committed.
const page = fileURLToPath(new URL("../huizhen/api/page", import.meta.url));

/**
 * Cornerstone3D writes the style of a measure's text as an attribute, which the page's content security policy forbids;
 * the same through the CSSOM is allowed. A version that has no such place any more fails the build, so that this goes too.
 */
function withoutStyleAttributes(): Plugin {
  let changed = 0;
  return {
    name: "without-style-attributes",
    apply: "build",
    transform(code, id) {
      if (!id.includes("@cornerstonejs/tools/")) return null;
      const made = code.replace(/(\w+)\.setAttribute\('style', (\w+)\)/g, (_, element: string, style: string) => {
        changed += 1;
        return `${element}.style.cssText = ${style}`;
      });
      return made === code ? null : { code: made, map: null };
    },
    buildEnd(error) {
      if (!error && changed === 0) this.error("no style attribute found in @cornerstonejs/tools: remove this plugin");
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [withoutStyleAttributes()],
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
