// axe-core on the page as it stands: WCAG 2.2 A and AA.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Throw with every violation in words. */
export async function checkAxe(page, where) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(SOURCE);
  const found = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }), TAGS);
  const said = found.violations.map((one) => `${one.id}: ${one.help} — ${one.nodes.map((node) => node.target).slice(0, 3).join(" | ")}`);
  if (said.length > 0) throw new Error(`axe, ${where}:\n${said.join("\n")}`);
}
