// What a viewer must be told of a picture: blanked, not masked, derived; and which of several sources it is.

import { checkAxe } from "../axe.mjs";
import { open, readCanvas, readGrey, waitMark } from "../browser.mjs";
import { check, equal, until } from "../step.mjs";

const WIDTH = 640;

async function exam(world, session, ...roles) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", ...roles));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/${session}`);
  await page.waitForSelector(".pane-live .picture-canvas[data-number]", { state: "attached" });
  return page;
}

function marksOf(page, pane) {
  return page.locator(`${pane} [data-mark]`).evaluateAll((all) => all.map((one) => one.dataset.mark));
}

/** The tile over the profile's region is black, its neighbour is the exam's own. */
async function isBlanked(world, page, pane) {
  const { number, samples: shown } = await readGrey(page, pane);
  const raw = Buffer.from(await world.pull("pixels", { session: "us-3", number }), "base64");
  const differs = (x, y) => shown[y * WIDTH + x] - raw[3 * (y * WIDTH + x)];
  for (let y = 0; y < 128; y += 9) {
    for (let x = 0; x < 256; x += 9) check(shown[y * WIDTH + x] === 0, `${pane}, frame ${number}: ${x},${y} is not blank`);
    for (let x = 256; x < WIDTH; x += 9) equal(differs(x, y), 0, `${pane}, frame ${number}: ${x},${y}`);
  }
}

export async function aTraineeSeesCoveredRegionsBlankAndIsTold(world) {
  const page = await exam(world, "us-3", "trainee");
  await page.getByLabel("Resolution").selectOption("full");
  await until(async () => (await readCanvas(page)).discard === "0", "the full size");
  await waitMark(page, "masked");
  await isBlanked(world, page, ".pane-live");
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached", timeout: 20_000 });
  await waitMark(page, "masked", { pane: ".pane-stored" });
  await isBlanked(world, page, ".pane-stored");
  equal(await page.getByText("Exact, as captured").count(), 0, "a blanked picture called exact");
  await page.locator('.pane-live [data-mark="masked"]').click();
  await page.getByText("blanked for your role").first().waitFor();
  await checkAxe(page, "a trainee's picture");
  await world.picture(page, "masked");
  equal(page.complaints, [], "console");
}

export async function aDerivedFrameIsToldFromAnAcquiredOne(world) {
  const number = await world.pull("derive", { session: "us-3" });
  const page = await exam(world, "us-3", "expert");
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached" });
  check(!(await marksOf(page, ".pane-stored")).includes("derived"), "an acquired frame called derived");
  const scrub = page.getByLabel("Frame in the clip");
  await scrub.fill(String(number));
  await waitMark(page, "derived", { pane: ".pane-stored" });
  equal((await readCanvas(page, ".pane-stored")).number, number, "the derived frame");
  await page.locator('.pane-stored [data-mark="derived"]').click();
  await page.getByText("estimated pixels").waitFor();
  await checkAxe(page, "a derived frame");
  await world.picture(page, "derived");
  await page.getByLabel("One frame back").click();
  await waitMark(page, "derived", { shown: false, pane: ".pane-stored" });
}

export async function sourcesOfOneSessionAreSwitched(world) {
  const page = await exam(world, "us-3", "expert");
  check(!(await marksOf(page, ".pane-live")).includes("unmasked"), "a masked source called unmasked");
  await page.getByLabel("Resolution").selectOption("full");
  await page.getByLabel("Source").selectOption("camera");
  await until(async () => (await readCanvas(page)).columns === 320, "the camera's picture");
  for (const pane of [".pane-live", ".pane-stored"]) {
    await waitMark(page, "unmasked", { pane, timeout: 30_000 });
    await page.waitForSelector(`${pane} .picture-canvas[data-number]`, { state: "attached", timeout: 30_000 });
    await until(async () => {
      const { number, columns, sha256 } = await readCanvas(page, pane);
      return columns === 320 && sha256 === (await world.pull("truth", { session: "us-3/camera", number }));
    }, `${pane}: the camera's pixels`, 30_000);
  }
  await page.locator('.pane-live [data-mark="unmasked"]').click();
  await page.getByText("may name the patient").waitFor();
  await checkAxe(page, "a source that is not masked");
  await world.picture(page, "unmasked");
  await page.getByLabel("Source").selectOption("probe");
  await waitMark(page, "unmasked", { shown: false, timeout: 30_000 });
  await until(async () => {
    const { number, columns, discard, sha256 } = await readCanvas(page);
    return columns === WIDTH && discard === "0" && sha256 === (await world.pull("truth", { session: "us-3", number }));
  }, "the probe's pixels again", 30_000);
  equal(page.complaints, [], "console");
}

export async function storedFramesKeepTheWindowTheyWereCapturedWith(world) {
  await world.pull("reshape", { session: "xa-1" });
  const page = await exam(world, "xa-1", "expert");
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached" });
  const shownAt = async (center, width) => (await page.locator(".pane-stored .window-value").innerText()) === `Center ${center}, width ${width}`;
  await until(() => shownAt(2400, 2600), "the window of the first geometry, though a newer one is live");
  await until(async () => {
    await page.getByRole("button", { name: "Newest" }).click();
    return (await readCanvas(page, ".pane-stored")).columns === 768;
  }, "a stored frame of the new size", 30_000);
  await until(() => shownAt(1800, 1000), "the window of the new geometry");
  await page.getByLabel("Frame in the clip").fill("0");
  await until(() => shownAt(2400, 2600), "the window of the first geometry again");
}
