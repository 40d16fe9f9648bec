// Three people in one room on the whole pipeline: a clinic, an expert of a hospital elsewhere, a trainee of the clinic.

import { checkAxe } from "../axe.mjs";
import { open, readCanvas, waitMark } from "../browser.mjs";
import { check, equal, until } from "../step.mjs";

const HOSTILE = '<img src=x onerror="document.title=1"> 室间隔运动?';
let clinic, expert, trainee; // each has one page from here to the end
let room = "";

async function person(world, name) {
  const page = await open(world.browser);
  await page.goto(world.links[name]);
  await page.waitForSelector(".places");
  return page;
}

async function ready(page) {
  for (const pane of [".pane-live", ".pane-stored"]) {
    await page.waitForSelector(`${pane} .picture-canvas[data-number]`, { state: "attached", timeout: 60_000 });
  }
}

async function drag(page, pane, from, to) {
  const box = await page.locator(`${pane} .picture`).boundingBox();
  const at = ([x, y]) => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]), { steps: 4 });
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

const stored = (page) => readCanvas(page, ".pane-stored");

export async function aClinicAsksAndAnExpertElsewhereClaims(world) {
  clinic = await person(world, "clinic");
  await clinic.goto(`${world.page}#/exams/${world.session}`);
  await clinic.getByText("Request a consultation").click();
  await clinic.getByLabel("Reason").fill("Wall motion of the septum?");
  await clinic.getByLabel("Urgency").selectOption("HIGH");
  await clinic.getByRole("button", { name: "Send the request" }).click();
  const card = clinic.locator('.consult[data-state="SCHEDULED"]');
  await card.getByText("Position 1").waitFor({ timeout: 30_000 });
  await world.picture(clinic, "room-1-requested");
  await card.getByRole("link", { name: "Enter the room" }).click();
  await ready(clinic);
  room = clinic.url();
  await clinic.getByRole("button", { name: "Invite an expert" }).click();
  const link = await until(() => clinic.locator("[data-invite]").inputValue().catch(() => ""), "the link");

  expert = await person(world, "expert");
  await expert.goto(link);
  await ready(expert);
  await expert.goto(`${world.page}#/queue`);
  await expert.getByRole("button", { name: "Claim" }).click();
  await expert.getByText("Claimed by you").waitFor({ timeout: 30_000 });
  await world.picture(expert, "room-2-claimed");
  await expert.locator('.consult[data-state="IN PROGRESS"]').getByRole("link", { name: "Enter the room" }).click();
  await ready(expert);
}

export async function threeMeetAndLookInStep(world) {
  trainee = await person(world, "trainee");
  await trainee.goto(room);
  await ready(trainee);
  for (const page of [clinic, expert, trainee]) await page.getByText("People (3)").waitFor({ timeout: 30_000 });
  await expert.getByText("You follow clinic").waitFor();
  await clinic.getByLabel("Frame in the clip").fill("5");
  for (const page of [expert, trainee]) {
    await until(async () => (await stored(page)).number === (await stored(clinic)).number, "stored frames in step");
  }
  equal((await stored(expert)).sha256, world.truth[(await stored(expert)).number % world.truth.length], "the expert's pixels");
  await waitMark(trainee, "masked", { pane: ".pane-stored" });
  await clinic.locator(".pane-live").getByRole("button", { name: "Hold" }).click();
  for (const page of [expert, trainee]) {
    await until(async () => (await readCanvas(page)).number === (await readCanvas(clinic)).number, "the live picture, held for all");
    await waitMark(page, "frozen");
  }
  await world.picture(expert, "room-3-in-step");
  await world.picture(trainee, "room-4-trainee");
}

export async function theyPointDrawAndTalk(world) {
  await expert.locator('[data-tool="point"]').click();
  await drag(expert, ".pane-live", [0.4, 0.4], [0.5, 0.5]);
  for (const page of [clinic, trainee]) await page.locator('.pane-live [data-pointer="expert"]').waitFor();
  for (const [tool, from, to] of [["arrow", [0.3, 0.3], [0.45, 0.42]], ["ellipse", [0.42, 0.5], [0.6, 0.7]], ["length", [0.3, 0.8], [0.6, 0.8]]]) {
    await expert.locator(`[data-tool="${tool}"]`).click();
    await drag(expert, ".pane-live", from, to);
    for (const page of [clinic, trainee]) await page.locator(`.pane-live [data-kind="${tool}"]`).waitFor();
  }
  await expert.getByLabel("Message; no patient name").fill(HOSTILE);
  await expert.keyboard.press("Enter");
  for (const page of [clinic, trainee]) {
    await until(async () => (await page.locator(".said").first().innerText().catch(() => "")) === HOSTILE, "the message, inert");
    equal(await page.locator(".said *").count(), 0, "elements made from a message");
  }
  await checkAxe(trainee, "the room");
  await world.picture(clinic, "room-5-drawn");
}

export async function theExpertLeadsAndTheConsultationEnds(world) {
  equal(await trainee.getByRole("button", { name: /Hand over/ }).count(), 0, "a hand-over by who does not lead");
  equal(await clinic.getByRole("button", { name: "Hand over to trainee" }).count(), 0, "a lead for who sees less");
  await clinic.getByRole("button", { name: "Hand over to expert" }).click();
  await expert.getByText("Everybody sees your view").waitFor({ timeout: 30_000 });
  await expert.locator('[data-tool="look"]').click();
  await expert.getByLabel("Frame in the clip").fill("2");
  for (const page of [clinic, trainee]) {
    await until(async () => (await stored(page)).number === (await stored(expert)).number, "all follow the expert");
  }
  await trainee.keyboard.press("f");
  await trainee.getByText("You look around alone").waitFor();
  await world.picture(clinic, "room-6-expert-leads");
  await trainee.getByRole("link", { name: "Leave" }).click();
  await clinic.getByText("People (2)").waitFor({ timeout: 30_000 });
  equal([clinic, expert, trainee].map((page) => page.complaints), [[], [], []], "console"); // guests are refused from the end on
  await expert.getByRole("button", { name: "Finish" }).click();
  for (const page of [clinic, expert]) await page.getByText("This consultation has ended").waitFor({ timeout: 30_000 });
  check((await clinic.title()).includes("Huizhen"), "the title is untouched");
  for (const page of [clinic, expert, trainee]) await page.context().close();
}
