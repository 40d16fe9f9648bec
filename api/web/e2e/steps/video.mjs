// Lossy video stands in where the socket does not do, and goes where it does again.

import { checkAxe } from "../axe.mjs";
import { open, readCanvas, readGrey, waitMark } from "../browser.mjs";
import { check, equal, until } from "../step.mjs";

const PANE = ".pane-live";
const LONG_MS = 60_000;
const WIDTH = 640;

async function watch(world, session, ...roles) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", ...roles));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/${session}`);
  await page.waitForSelector(`${PANE} .picture-canvas[data-number]`, { state: "attached", timeout: LONG_MS });
  return page;
}

const isVideo = async (page) => (await page.locator(`${PANE} .picture-canvas`).getAttribute("data-discard")) === "video";

/** The picture runs on, and is video or is not; its mark says so. */
async function runs(page, video) {
  await waitMark(page, "video", { shown: video, timeout: LONG_MS });
  await until(async () => (await isVideo(page)) === video, video ? "video" : "true pixels", LONG_MS);
  const { number } = await readCanvas(page);
  await until(async () => (await readCanvas(page)).number > number + 3, "frames that follow", LONG_MS);
}

/** Mean difference of what is shown from a frame of the source, in grey levels of its first component. */
async function unlikeness(world, session, shown, number) {
  const raw = Buffer.from(await world.pull("pixels", { session, number }), "base64");
  let sum = 0;
  shown.samples.forEach((value, i) => (sum += Math.abs(value - raw[3 * i])));
  return sum / shown.samples.length;
}

/** A picture of the video is the frame whose number it is given, though the exam runs on. */
async function isTheFrameItSays(world, page, session) {
  await until(async () => {
    const shown = await readGrey(page);
    if (!(await isVideo(page))) return false;
    const own = await unlikeness(world, session, shown, shown.number);
    const other = await unlikeness(world, session, shown, shown.number - 6);
    check(own < 3, `frame ${shown.number} differs by ${own.toFixed(1)} of 255 from its own pixels`);
    check(own < other, `frame ${shown.number} is more like frame ${shown.number - 6}: ${own} against ${other}`);
    return true;
  }, "a picture of the video");
}

async function pixelsAreTrue(world, page, session) {
  await until(async () => {
    const { number, discard, sha256 } = await readCanvas(page);
    return discard === "0" && sha256 === (await world.pull("truth", { session, number }));
  }, "the source's own pixels", LONG_MS);
}

export async function blockedSocketsFallBackToVideoThatSaysItIsLossy(world) {
  const page = await watch(world, "us-1", "expert");
  await page.getByLabel("Resolution").selectOption("full");
  await runs(page, false);
  await world.pull("block", { sockets: true });
  await runs(page, true);
  await isTheFrameItSays(world, page, "us-1");
  equal(await page.locator('[data-mark="video"]').innerText(), "Lossy (video)", "the mark");
  equal(await page.getByText("True pixels, on time").count(), 0, "video called true");
  await world.pull("set", { session: "us-1", filled: true });
  await waitMark(page, "filled", { timeout: LONG_MS });
  await world.pull("set", { session: "us-1", filled: false });
  await world.pull("set", { session: "us-1", playing: false });
  await waitMark(page, "late", { timeout: LONG_MS });
  await world.pull("set", { session: "us-1", playing: true });
  await waitMark(page, "late", { shown: false, timeout: LONG_MS });
  await page.locator('[data-mark="video"]').click();
  await page.getByText("Do not measure on it").waitFor();
  await checkAxe(page, "video");
  await world.picture(page, "video");
  await world.pull("block");
  await runs(page, false);
  await pixelsAreTrue(world, page, "us-1");
}

export async function blockedUdpComesBackOverTheSocket(world) {
  const page = await watch(world, "us-1", "expert");
  await page.getByLabel("Resolution").selectOption("video");
  await runs(page, true);
  await world.pull("block", { udp: true });
  await runs(page, false);
  await world.pull("block");
  await runs(page, true);
  await page.getByLabel("Resolution").selectOption("full");
  await runs(page, false);
  await pixelsAreTrue(world, page, "us-1");
}

export async function aTraineesVideoIsBlankWhereTheRestIs(world) {
  await world.pull("block", { sockets: true });
  const page = await watch(world, "us-3", "trainee");
  await runs(page, true);
  await waitMark(page, "masked");
  const shown = await readGrey(page);
  check(await isVideo(page), "no video any more");
  let brightest = 0;
  let seen = 0;
  for (let y = 0; y < 480; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const value = shown.samples[y * WIDTH + x];
      if (x < 240 && y < 112) brightest = Math.max(brightest, value); // the coder's edge is softer than the tile's
      else seen = Math.max(seen, value);
    }
  }
  check(brightest <= 8, `a blanked region has a pixel of ${brightest}`);
  check(seen > 100, "the rest of the picture is dark");
}
