// The stored clip beside the live picture.

import { readFileSync } from "node:fs";

import { checkAxe } from "../axe.mjs";
import { open, readCanvas } from "../browser.mjs";
import { check, equal, until } from "../step.mjs";

async function openStored(world, session, ...roles) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", ...roles));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/${session}`);
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached" });
  return page;
}

async function isExact(world, page, session) {
  const { number, sha256 } = await readCanvas(page, ".pane-stored");
  equal(sha256, await world.pull("truth", { session, number }), `stored pixels of frame ${number}`);
  return number;
}

export async function storedFramesAreExactWhileScrubbed(world) {
  const page = await openStored(world, "us-1", "expert");
  equal(await isExact(world, page, "us-1"), 0, "the first frame");
  await page.getByLabel("One frame on").click();
  await until(async () => (await isExact(world, page, "us-1")) === 1, "the second frame");
  const scrub = page.getByLabel("Frame in the clip");
  await scrub.focus();
  for (let i = 0; i < 40; i++) await page.keyboard.press("ArrowRight");
  await until(async () => (await isExact(world, page, "us-1")) === 41, "frame 41, in the second instance");
  await page.getByRole("button", { name: "Newest" }).click();
  await until(async () => (await isExact(world, page, "us-1")) > 41, "the newest stored frame");
  equal(page.complaints, [], "console");
}

/** The next so many frame numbers that are shown, and the time from the first to the last. */
function framesSeen(page, count) {
  return page.evaluate((wanted) => new Promise((resolve) => {
    const canvas = document.querySelector(".pane-stored .picture-canvas");
    const [numbers, atMs] = [[], []];
    const watch = new MutationObserver(() => {
      numbers.push(Number(canvas.dataset.number));
      atMs.push(performance.now());
      if (numbers.length < wanted) return;
      watch.disconnect();
      resolve({ numbers, ms: atMs.at(-1) - atMs[0] });
    });
    watch.observe(canvas, { attributes: true, attributeFilter: ["data-number"] });
  }), count);
}

export async function theClipPlaysAtTheChosenRate(world) {
  const page = await openStored(world, "us-1", "expert");
  await page.getByLabel("Frames per second").selectOption("10");
  await page.getByRole("button", { name: "Play" }).click();
  await until(async () => (await readCanvas(page, ".pane-stored")).number >= 5, "playing");
  const { numbers, ms } = await framesSeen(page, 21);
  await isExact(world, page, "us-1");
  // a busy machine plays slower and skips nothing; a first frame that was late itself makes the rest look quicker
  world.figures.clip_rate_hz_of_10 = 20_000 / ms;
  check(ms > 1_000, `20 frames of 10 a second played in ${ms} ms`);
  check(numbers.every((number, i) => i === 0 || number === numbers[i - 1] + 1), `frames were skipped: ${numbers}`);
  await checkAxe(page, "a playing clip");
  await world.picture(page, "stored");
  await page.getByRole("button", { name: "Pause" }).click();
  const stopped = (await readCanvas(page, ".pane-stored")).number;
  await page.waitForTimeout(500);
  check((await readCanvas(page, ".pane-stored")).number - stopped <= 1, "paused");
}

export async function theClipGrowsWhileTheExamRuns(world) {
  const page = await openStored(world, "us-1", "expert");
  const frames = async () => Number((await page.locator('[data-readout="stored-frame"]').innerText()).split("/")[1]);
  const before = await frames();
  await until(async () => (await frames()) >= before + 32, "another stored instance by event");
}

export async function aDicomFileIsDownloaded(world) {
  const page = await openStored(world, "us-1", "expert");
  await page.locator(".files summary").click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: /Download the DICOM file of frames 0 to 31/ }).click();
  const download = await waiting;
  check(download.suggestedFilename().endsWith(".dcm"), download.suggestedFilename());
  equal(readFileSync(await download.path()).subarray(128, 132).toString(), "DICM", "the file's prefix");
  await checkAxe(page, "files");
  await world.picture(page, "files");
}

export async function aSealedExamEndsAndItsClipStays(world) {
  const page = await openStored(world, "us-2", "expert");
  await world.pull("seal", { session: "us-2" });
  await page.locator('.pane-live [data-mark="ended"]').waitFor();
  equal(await page.locator('.pane-live [data-mark="late"], .pane-live [data-mark="disconnected"]').count(), 0, "late or disconnected");
  await page.locator(".exam-bar .chip-sealed").waitFor();
  await isExact(world, page, "us-2");
  await world.picture(page, "ended");
  await page.reload();
  await page.locator('.pane-live [data-mark="ended"], .pane-live .empty').first().waitFor();
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached" });
}
