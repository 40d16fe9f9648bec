// Lossy video stands in where the socket does not do, and goes where it does again.

import { checkAxe } from "../axe.mjs";
import { open, readCanvas, waitMark } from "../browser.mjs";
import { check, equal, until } from "../step.mjs";

const PANE = ".pane-live";

async function watch(world, session, ...roles) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", ...roles));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/${session}`);
  await page.waitForSelector(`${PANE} .picture-canvas[data-number]`, { state: "attached" });
  return page;
}

const isVideo = (page) => page.locator(`${PANE} .picture-canvas`).getAttribute("data-video");

/** The picture runs, and is video or is not. */
async function runs(page, video) {
  await until(async () => (await isVideo(page)) === String(video), video ? "video" : "true pixels", 60_000);
  const { number } = await readCanvas(page);
  await until(async () => (await readCanvas(page)).number > number + 5 && (await isVideo(page)) === String(video), "frames that follow", 60_000);
}

export async function blockedSocketsFallBackToVideoThatSaysItIsLossy(world) {
  const page = await watch(world, "us-1", "expert");
  await runs(page, false);
  await world.pull("block", { sockets: true });
  await waitMark(page, "video", { timeout: 60_000 });
  await runs(page, true);
  await world.picture(page, "video");
  await checkAxe(page, "video");
  await world.pull("block");
  await waitMark(page, "video", { shown: false, timeout: 60_000 });
  await runs(page, false);
}
