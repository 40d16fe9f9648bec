// The page on the whole pipeline: a station with a thin link, Kafka, processors, archive, S3, API.

import { checkAxe } from "../axe.mjs";
import { open, readCanvas, waitMark } from "../browser.mjs";
import { becomes, equal, until } from "../step.mjs";

let page; // one page from sign-in to the end, as one person would have it

const count = async (name) => Number(await page.locator(`.pane-live [data-count="${name}"] dd`).innerText());
const truthOf = (world, number) => world.truth[number % world.truth.length];

export async function theLinkOfUpLeadsToTheRunningExam(world) {
  page = await open(world.browser);
  await page.goto(world.link);
  await page.getByRole("link", { name: new RegExp(world.session) }).click();
  await page.waitForSelector(".pane-live .picture-canvas[data-number]", { state: "attached", timeout: 60_000 });
  await page.getByLabel("Resolution").selectOption("full");
  await waitMark(page, "lossy");
}

export async function exactFramesAreTheSourceBitForBit(world) {
  const seen = new Set();
  await until(async () => {
    const { number, exact, sha256, discard } = await readCanvas(page);
    if (exact && discard === "0") {
      equal(sha256, truthOf(world, number), `pixels of frame ${number}`);
      seen.add(number);
    }
    return seen.size >= 10;
  }, "ten exact frames", 60_000);
  world.figures.exact_frames_compared = seen.size;
}

export async function filledFramesAreMarkedAndCounted(world) {
  const filled = await until(async () => {
    const shown = await readCanvas(page);
    return !shown.exact && shown.filled > 0 && shown;
  }, "a filled frame", 60_000);
  await waitMark(page, "filled");
  await world.picture(page, "pipeline-filled");
  await until(async () => (await count("filled")) > 0, "filled frames counted");
  world.figures.filled_tiles_of_a_frame = filled.filled;
  await checkAxe(page, "the pipeline");
}

export async function storedFramesAreTheSourceBitForBit(world) {
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached", timeout: 60_000 });
  for (const step of [0, 1, 1]) {
    const before = (await readCanvas(page, ".pane-stored")).number;
    if (step) await page.getByLabel("One frame on").click();
    await until(async () => {
      const { number, sha256 } = await readCanvas(page, ".pane-stored");
      equal(sha256, truthOf(world, number), `stored pixels of frame ${number}`);
      return step === 0 || number > before;
    }, `a stored frame, ${step} on`);
  }
  await page.getByRole("button", { name: "Play" }).click();
  const before = (await readCanvas(page, ".pane-stored")).number;
  await until(async () => (await readCanvas(page, ".pane-stored")).number > before + 5, "playing");
  await page.getByRole("button", { name: "Pause" }).click();
  await world.picture(page, "pipeline-live-and-stored");
}

export async function aConsultationGoesThroughKafka() {
  await page.getByText("Request a consultation").click();
  await page.getByLabel("Reason").fill("Wall motion of the septum?");
  await page.getByRole("button", { name: "Send the request" }).click();
  await page.getByText("Position 1").waitFor();
  await page.getByRole("button", { name: "Claim" }).click();
  await page.getByText("Claimed by you").waitFor();
  await page.getByRole("button", { name: "Finish" }).click();
  await page.locator('.consult[data-state="COMPLETED"]').waitFor();
}

export async function theExamEndsWithEveryFrameStored(world) {
  process.kill(world.station, "SIGTERM");
  await page.locator('.pane-live [data-mark="ended"]').waitFor({ timeout: 90_000 });
  await until(async () => (await count("stored")) === (await count("captured")), "every captured frame is stored");
  const captured = await count("captured");
  await becomes(async () => [await count("stored"), await count("rejected")], [captured, 0], "stored and rejected of what was captured");
  world.figures.captured = captured;
  await world.picture(page, "pipeline-ended");
  equal(page.complaints, [], "console");
}
