// The patient's studies and reports beside the live picture: exams of the archive, files from elsewhere.

import { checkAxe } from "../axe.mjs";
import { PHONE } from "../browser.mjs";
import { becomes, check, equal, until } from "../step.mjs";
import {
  canvas, choose, dragPixels, enter, isDrawn, measureLength, room, sample, shown, signedIn, upload,
} from "../study.mjs";

export async function studiesAreReadAndMeasuredBesideTheLivePicture(world) {
  const { page, address, end } = await room(world, "us-1");
  const expert = await signedIn(world, "dr-li", "expert");
  await enter(expert, address);
  await expert.getByText("You follow dr-wang").waitFor();

  // a stored clip of ours: scrolled, played, in step
  await page.getByRole("button", { name: "Studies and reports" }).click();
  await choose(page, "US · probe");
  await until(() => isDrawn(page), "the stored clip, drawn");
  await canvas(expert).waitFor({ timeout: 120_000 });
  await page.mouse.move(...Object.values(await canvas(page).boundingBox()).slice(0, 2).map((side) => side + 60));
  await page.mouse.wheel(0, 120);
  await becomes(async () => (await shown(page)).frame, "1", "the frame after a turn of the wheel");
  await becomes(async () => (await shown(expert)).frame, "1", "the frame of who follows");
  await page.locator(".study-picture").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("+");
  await becomes(async () => (await shown(page)).frame, "2", "the frame after an arrow key");
  await becomes(async () => [(await shown(expert)).frame, (await shown(expert)).zoom], ["2", "1.25"], "frame and zoom of who follows");
  await page.locator(".pane-stored").getByLabel("Frames per second").selectOption("10");
  await page.locator(".pane-stored").getByRole("button", { name: "Play" }).click();
  await until(async () => Number((await shown(page)).frame) >= 6, "the clip plays");
  await page.locator(".pane-stored").getByRole("button", { name: "Pause" }).click();

  // a picture from elsewhere beside it: window, length, region
  await page.getByRole("button", { name: "Two", exact: true }).click();
  await page.locator('[data-pane="1"]').click();
  await upload(page, "ct.dcm", await sample(world, "ct"));
  await page.locator('[data-pane="1"] .study-canvas[data-item^="file:"]').waitFor({ timeout: 120_000 });
  await until(() => isDrawn(page, 1), "the uploaded picture, drawn");
  await page.locator('[data-pane="1"]').click({ position: { x: 20, y: 8 } });
  await page.getByLabel("Window").last().selectOption("bone");
  await becomes(async () => (await shown(page, 1)).window, "400/1800", "the window of bone");
  await becomes(async () => (await shown(expert, 1)).window, "400/1800", "the window of who follows");
  await checkAxe(page, "studies side by side");
  await world.picture(page, "studies-side-by-side");
  await page.getByRole("button", { name: "Two", exact: true }).click();

  await choose(page, "Thorax");
  await until(async () => (await shown(page)).item?.startsWith("file:"), "the uploaded picture alone");
  await measureLength(page);
  await page.locator('[data-study-tool="ellipse"]').click();
  await dragPixels(page, [0, -30], [20, -10]);
  const region = page.locator('[data-measure="ellipse"] span');
  await region.waitFor();
  check(/area [\d.]+ mm², mean -?[\d.]+ HU$/.test(await region.innerText()), `a region: ${await region.innerText()}`);
  await page.locator('[data-study-tool="angle"]').click();
  await dragPixels(page, [-40, 20], [-10, 20]);
  const box = await canvas(page).boundingBox();
  const scale = Number((await shown(page)).scale);
  await page.mouse.click(box.x + box.width / 2 - 10 * scale, box.y + box.height / 2 + 50 * scale);
  await page.locator('[data-measure="angle"]').waitFor();
  await world.picture(page, "studies-measured");
  await page.getByRole("button", { name: /^Remove .* mm$/ }).first().click();
  await page.locator('[data-measure="length"]').waitFor({ state: "detached" });

  equal(page.complaints, [], "console");
  equal(expert.complaints, [], "console of who follows");
  check((await page.title()).includes("Huizhen"), "the title is untouched");
  await page.getByRole("button", { name: "This exam" }).click();
  await expert.locator(".pane-stored .picture-canvas").waitFor({ state: "attached" });
  await end();
}

export async function aTraineeSeesStudiesBlankedAndNoFiles(world) {
  const { page, address, end } = await room(world, "us-3");
  await page.getByRole("button", { name: "Studies and reports" }).click();
  await upload(page, "ct.dcm", await sample(world, "ct"));
  await page.locator('.study-canvas[data-item^="file:"]').waitFor({ timeout: 120_000 });
  const trainee = await signedIn(world, "dr-new", "trainee");
  await enter(trainee, address);
  await trainee.getByText("This file is not shown to trainees.").waitFor();
  equal(await trainee.locator('.study-choosing input[type="file"]').count(), 0, "an upload offered to a trainee");
  await choose(page, "US · probe");
  await trainee.locator('.pane-stored [data-mark="masked"]').waitFor({ timeout: 120_000 });
  await until(() => isDrawn(trainee), "the blanked clip, drawn");
  equal(await page.locator('.pane-stored [data-mark="masked"]').count(), 0, "blanked for who may see all");
  equal(trainee.complaints, [], "console");
  await end();
}

export async function studiesFitAPhoneInChinese(world) {
  const { page, end } = await room(world, "us-1", { viewport: PHONE, locale: "zh-CN", phone: true });
  await page.getByRole("button", { name: "存档", exact: true }).tap();
  await page.getByRole("button", { name: "影像与报告" }).tap();
  await choose(page, "US · probe");
  await until(() => isDrawn(page), "the clip on a phone");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= PHONE.width, `the page is ${wide} wide on ${PHONE.width}`);
  await checkAxe(page, "studies on a phone");
  await world.picture(page, "studies-phone");
  equal(page.complaints, [], "console");
  await end();
}
