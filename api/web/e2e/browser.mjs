// Debian's Chromium by playwright-core, and what the page's browser tests read from it.

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Start a browser with a profile of its own. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS,
  });
}

/** Open a page that notes everything a person would not see: console errors, failed requests, policy violations. */
export async function open(browser, { viewport = DESK, locale = "en-GB", phone = false } = {}) {
  const context = await browser.newContext({
    viewport, locale, deviceScaleFactor: phone ? 2 : 1, hasTouch: phone, isMobile: phone, acceptDownloads: true,
  });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await page.addInitScript(`globalThis.samplesOf = ${samplesOf}`);
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return page;
}

/** The canvas of a pane as it stands now: its frame and the SHA-256 of its pixels, read in one go in the page. */
export function readCanvas(page, pane = ".pane-live") {
  return page.evaluate(async (selector) => {
    const canvas = document.querySelector(`${selector} .picture-canvas`);
    const { number, painter, discard, exact, filled } = canvas.dataset;
    const { width: columns, height: rows } = canvas; // all of it before the first await: the next frame may come then
    const samples = globalThis.samplesOf(canvas, 3);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", samples));
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { number: Number(number), painter, discard, exact: exact === "true", filled: Number(filled), columns, rows, sha256 };
  }, pane);
}

/** The first component of every pixel, and the frame number. */
export async function readGrey(page, pane = ".pane-live") {
  const { bytes, number } = await page.evaluate((selector) => {
    const canvas = document.querySelector(`${selector} .picture-canvas`);
    const samples = globalThis.samplesOf(canvas, 1);
    let binary = "";
    for (let i = 0; i < samples.length; i += 0x8000) binary += String.fromCharCode(...samples.subarray(i, i + 0x8000));
    return { bytes: btoa(binary), number: Number(canvas.dataset.number) };
  }, pane);
  return { number, samples: Buffer.from(bytes, "base64") };
}

/** Runs in the page: the pixels of a canvas without alpha. */
function samplesOf(canvas, channels) {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const rgba = context.getImageData(0, 0, copy.width, copy.height).data;
  const samples = new Uint8Array((rgba.length / 4) * channels);
  for (let i = 0, at = 0; i < rgba.length; i += 4) for (let c = 0; c < channels; c++) samples[at++] = rgba[i + c];
  return samples;
}

/** Wait until a mark of that kind is shown (or gone); gives how long that took, ms. */
export async function waitMark(page, kind, { shown = true, timeout = 30_000, pane = ".pane-live" } = {}) {
  const begun = performance.now();
  await page.waitForSelector(`${pane} [data-mark="${kind}"]`, { state: shown ? "visible" : "detached", timeout });
  return performance.now() - begun;
}
