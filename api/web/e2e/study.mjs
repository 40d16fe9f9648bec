// What steps do with the patient's studies: enter a room, choose, upload, drag, measure.

import { open } from "./browser.mjs";
import { until } from "./step.mjs";

const SPACING_MM = 0.661468; // of pydicom's CT_small.dcm
const MEASURED_PX = 50;

export async function signedIn(world, subject, role, { institution = "clinic", ...options } = {}) {
  const page = await open(world.browser, options);
  page.setDefaultTimeout(120_000); // the viewer is loaded and starts its workers: on a busy machine that takes its time
  const code = await world.pull("code", { subject, roles: role, institution });
  await page.goto(`${world.page}#signin=${code}`);
  await page.waitForSelector(".places");
  return page;
}

/** A room about an exam; gives its address, the page of whoever asked for it, and what ends it. */
export async function room(world, session, options) {
  const page = await signedIn(world, "dr-wang", "requester", options);
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("huizhen.token")).accessToken);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${world.page}v1/consults`, { method: "POST", headers, body: JSON.stringify({ session }) });
  const { consult } = await answer.json();
  const address = `${world.page}#/rooms/${consult}`;
  const end = () => fetch(`${world.page}v1/consults/${consult}/cancel`, { method: "POST", headers, body: "{}" });
  await enter(page, address);
  return { page, address, end };
}

export async function enter(page, address) {
  await page.goto(address);
  await page.waitForSelector(".room");
}

export const sample = async (world, name) => Buffer.from(await world.pull("file", { name }), "base64");

export const canvas = (page, pane = 0) => page.locator(`[data-pane="${pane}"] .study-canvas[data-frame]`);
export const shown = (page, pane = 0) => canvas(page, pane).evaluate((element) => ({ ...element.dataset })).catch(() => ({}));

/** Open a study of the list whose line says these words. */
export async function choose(page, words) {
  const line = page.locator(".study-choice option").filter({ hasText: words });
  await line.first().waitFor({ state: "attached", timeout: 120_000 });
  await page.locator(".study-choice select").selectOption(await line.first().getAttribute("value"));
  await canvas(page).waitFor({ timeout: 120_000 });
}

export async function upload(page, name, buffer) {
  await page.locator('.study-choosing input[type="file"]').setInputFiles({ name, mimeType: "application/octet-stream", buffer });
}

/** Wait until the picture has its place and size. */
async function settled(page) {
  const place = async () => JSON.stringify([await canvas(page).boundingBox(), (await shown(page)).scale]);
  await until(async () => {
    const before = await place();
    await page.waitForTimeout(300);
    return before === (await place());
  }, "the picture stands still");
}

/** Drag over the picture, from and to in its pixels, counted from its middle. */
export async function dragPixels(page, [fromX, fromY], [toX, toY]) {
  await settled(page);
  const box = await canvas(page).boundingBox();
  const scale = Number((await shown(page)).scale);
  const at = (x, y) => [box.x + box.width / 2 + x * scale, box.y + box.height / 2 + y * scale];
  await page.mouse.move(...at(fromX, fromY));
  await page.mouse.down();
  await page.mouse.move(...at((fromX + toX) / 2, (fromY + toY) / 2), { steps: 4 });
  await page.mouse.move(...at(toX, toY), { steps: 4 });
  await page.mouse.up();
}

/** Measure a length whose millimetres are known. */
export async function measureLength(page) {
  await page.locator('[data-study-tool="length"]').click();
  await dragPixels(page, [-MEASURED_PX / 2, 10], [MEASURED_PX / 2, 10]);
  const wanted = MEASURED_PX * SPACING_MM;
  const said = async () => (await page.locator('[data-measure="length"] span').allInnerTexts()).join();
  const isRight = async () => {
    const [, value, unit] = /([\d.]+) (\S+)$/.exec(await said()) ?? [];
    return unit === "mm" && Math.abs(Number(value) - wanted) < 1;
  };
  await until(isRight, `a length of ${wanted.toFixed(1)} mm`).catch(async (error) => { // while it is drawn it is shorter
    throw new Error(`${error.message}; measured: ${await said()}`);
  });
}

/** Whether the canvas of Cornerstone shows anything but black. */
export function isDrawn(page, pane = 0) {
  return page.locator(`[data-pane="${pane}"] .study-canvas canvas`).first().evaluate((element) => {
    const copy = new OffscreenCanvas(element.width, element.height);
    const context = copy.getContext("2d");
    context.drawImage(element, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    let bright = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] > 40) bright += 1;
    return bright > 500;
  });
}
