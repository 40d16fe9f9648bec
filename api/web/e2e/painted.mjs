// When which frame is painted: the number is read from the canvas after each paint. `benchmarks/room.py` starts this.

import { readFileSync } from "node:fs";

import { launch, open } from "./browser.mjs";

const PANE = ".pane-live";
const { page: address, link, video: alsoVideo, session, seconds, bits, cell, top, rows } = JSON.parse(readFileSync(process.argv[2], "utf8"));

/** Runs in the page: reads the cells of the number in every animation frame, and notes when it changes. */
function note({ selector, bits, cell, top, rows }) {
  const small = new OffscreenCanvas(bits, 1).getContext("2d", { willReadFrequently: true });
  const painted = [];
  let last = -1;
  const look = () => {
    const canvas = document.querySelector(selector);
    if (canvas) {
      const scale = canvas.width / 640;
      small.drawImage(canvas, 0, (top + rows / 4) * scale, bits * cell * scale, (rows / 2) * scale, 0, 0, bits, 1);
      const data = small.getImageData(0, 0, bits, 1).data;
      let number = 0;
      for (let bit = 0; bit < bits; bit++) if (data[4 * bit + 1] > 127) number |= 1 << bit;
      if (number !== last) painted.push([number, performance.timeOrigin + performance.now()]);
      last = number;
    }
    requestAnimationFrame(look);
  };
  globalThis.painted = painted;
  look();
}

const loaded = new Set();

async function watch(browser) {
  const page = await open(browser);
  page.context().on("request", (request) => {
    const path = new URL(request.url()).pathname.slice(1);
    if (!path.startsWith("v1/")) loaded.add(path || "index.html");
  });
  await page.addInitScript(note, { selector: `${PANE} .picture-canvas`, bits, cell, top, rows });
  await page.goto(link);
  await page.waitForSelector(".exams");
  const asked = Date.now();
  await page.goto(`${address}#/exams/${session}`);
  await page.waitForSelector(`${PANE} .picture-canvas[data-number]`, { state: "attached", timeout: 60_000 });
  return { page, joinMs: Date.now() - asked };
}

async function numbers(page, wait) {
  await page.waitForTimeout(wait);
  await page.evaluate(() => globalThis.painted.splice(0));
  await page.waitForTimeout(seconds * 1000);
  return page.evaluate(() => globalThis.painted);
}

const browser = await launch();
const { page, joinMs } = await watch(browser);
await page.getByLabel("Resolution").selectOption("full");
const socket = await numbers(page, 2000);
const live = [...loaded];
let video = [];
if (alsoVideo) {
  await page.getByLabel("Resolution").selectOption("video");
  await page.waitForSelector(`${PANE} [data-mark="video"]`, { timeout: 30_000 });
  video = await numbers(page, 2000);
}
await browser.close();
console.log(JSON.stringify({ join_ms: joinMs, socket, video, loaded: live }));
