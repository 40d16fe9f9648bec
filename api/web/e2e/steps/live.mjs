// The live picture: true pixels, marks, cuts.

import { checkAxe } from "../axe.mjs";
import { open, readCanvas, readGrey, waitMark } from "../browser.mjs";
import { becomes, check, equal, until } from "../step.mjs";

async function watch(world, session, options) {
  const page = await open(world.browser, options);
  await page.goto(await world.linkFor("dr-li", "requester", "expert"));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}${options?.query ?? ""}#/exams/${session}`);
  await page.waitForSelector(".pane-live .picture-canvas[data-number]", { state: "attached" });
  return page;
}

async function framesAreExact(world, page, session, frames) {
  const seen = new Set();
  await atFullSize(page);
  await until(async () => {
    const { number, discard, columns, sha256 } = await readCanvas(page);
    if (discard !== "0") return false; // one that was on its way when the full size was asked for
    equal(sha256, await world.pull("truth", { session, number }), `pixels of frame ${number}, ${columns} wide`);
    return seen.add(number).size >= frames;
  }, `${frames} different frames`, 60_000);
}

/** A busy machine gets smaller pictures by itself: ask for the true ones. */
async function atFullSize(page) {
  await page.getByLabel("Resolution").selectOption("full");
  await until(async () => (await readCanvas(page)).discard === "0", "the full size");
}

export async function livePixelsAreThoseOfTheSource(world) {
  const page = await watch(world, "us-1");
  await framesAreExact(world, page, "us-1", 12);
  equal((await readCanvas(page)).painter, "webgl2", "the painter");
  const ages = [];
  await until(async () => {
    const age = Number(await page.locator('[data-readout="age"]').getAttribute("data-ms"));
    if (age > 0 && age < 2_000) ages.push(age); // a busy machine shows older ones too
    return ages.length >= 20;
  }, "twenty ages of a moving picture", 60_000);
  world.figures.age_ms_p50 = ages.sort((a, b) => a - b)[10];
  await checkAxe(page, "live");
  await world.picture(page, "live");
  equal(page.complaints, [], "console");
}

export async function livePixelsAreExactWithoutWebgl(world) {
  const page = await watch(world, "us-1", { query: "?painter=2d" });
  equal((await readCanvas(page)).painter, "2d", "the painter");
  await framesAreExact(world, page, "us-1", 6);
}

export async function greyOfTwelveBitsIsWindowed(world) {
  const page = await watch(world, "xa-1");
  const pane = page.locator(".pane-live .picture");
  await atFullSize(page);
  await comparesWindowed(world, page, 2400, 2600);
  await pane.focus();
  for (const key of ["Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp"]) await page.keyboard.press(key);
  const windowNow = async () => (await page.locator(".pane-live .window-value").innerText()).match(/\d+/g).map(Number);
  const width = await until(async () => {
    const [center, wide] = await windowNow();
    return center < 2400 && wide > 2600 && wide;
  }, "the window after keys");
  const box = await pane.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 150, box.y + box.height / 2 + 40, { steps: 4 });
  await page.mouse.up();
  await until(async () => (await windowNow())[1] < width, "dragging left narrows");
  await world.picture(page, "window");
  await page.keyboard.press("0");
  await comparesWindowed(world, page, 2400, 2600);
  await checkAxe(page, "a grey picture");
}

/** A source changes the size of its picture in mid-stream, while tiles are filled: size, outlines and window follow. */
export async function aPictureOfAnotherSizeIsShownAtItsOwn(world) {
  const page = await watch(world, "xa-1");
  const overlay = page.locator(".pane-live .picture-overlay");
  await atFullSize(page);
  await comparesWindowed(world, page, 2400, 2600);
  await world.pull("set", { session: "xa-1", filled: true });
  await until(async () => (await page.locator('[data-mark="filled"]').innerText()) === "Filled 3/16 tiles, error ≤ 12", "16 tiles");
  await isShownAs(page, [512, 512]);
  await world.pull("reshape", { session: "xa-1" });
  await until(async () => (await page.locator('[data-mark="filled"]').innerText()) === "Filled 3/24 tiles, error ≤ 12", "24 tiles");
  await isShownAs(page, [768, 512]);
  await becomes(() => overlay.getAttribute("data-outlines"), "3", "outlines of the other size");
  await pointAtTile(page, 8, 6, 4); // tile 8 of six a row: third of the second row
  await page.getByText("Tile 8: ").waitFor();
  await comparesWindowed(world, page, 1800, 1000);
  await world.picture(page, "other-size");
  await world.pull("reshape", { session: "xa-1" });
  await isShownAs(page, [512, 512]);
  await comparesWindowed(world, page, 2400, 2600);
  equal(page.complaints, [], "console");
}

/** Wait until the picture has that many samples, and sides on the screen to match. */
async function isShownAs(page, [columns, rows]) {
  await until(async () => {
    const { size, aspect } = await page.evaluate(() => {
      const canvas = document.querySelector(".pane-live .picture-canvas");
      const { width, height } = canvas.getBoundingClientRect();
      return { size: [canvas.width, canvas.height], aspect: width / height };
    });
    return size[0] === columns && size[1] === rows && Math.abs(aspect - columns / rows) < 0.02;
  }, `a picture of ${columns} × ${rows}, not distorted`);
}

async function pointAtTile(page, tile, across, down) {
  const box = await page.locator(".pane-live .picture-canvas").boundingBox();
  const [column, row] = [tile % across, Math.floor(tile / across)];
  await page.mouse.move(box.x + (box.width * (column + 0.5)) / across, box.y + (box.height * (row + 0.5)) / down);
}

/** The window is set a little after it was asked for: wait for a picture that differs by 1 of 255 at most. */
async function comparesWindowed(world, page, center, width) {
  let worst = 0;
  await until(async () => (worst = await windowedError(world, page, center, width)) <= 1, "the windowed grey")
    .catch(() => check(false, `windowed grey differs by ${worst} of 255`));
}

async function windowedError(world, page, center, width) {
  const shown = await readGrey(page);
  const raw = Buffer.from(await world.pull("pixels", { session: "xa-1", number: shown.number }), "base64");
  const stored = new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2);
  let worst = 0;
  stored.forEach((value, i) => {
    const share = Math.min(1, Math.max(0, (value - (center - 0.5) + (width - 1) / 2) / (width - 1)));
    worst = Math.max(worst, Math.abs(Math.round(255 * share) - shown.samples[i]));
  });
  return worst;
}

export async function filledTilesAreMarkedAndOutlined(world) {
  const page = await watch(world, "us-1");
  await atFullSize(page);
  await until(async () => String(await page.locator(".pane-live [data-mark]").allInnerTexts()) === "Lossy (source)", "a true picture's only mark");
  await world.pull("set", { session: "us-1", filled: true });
  await waitMark(page, "filled");
  await until(async () => (await page.locator('[data-mark="filled"]').innerText()) === "Filled 3/20 tiles, error ≤ 12", "the words");
  const overlay = page.locator(".pane-live .picture-overlay");
  await until(async () => (await overlay.getAttribute("data-outlines")) === "3", "three outlines");
  await until(() => outlineIsDrawn(page), "an outline on the pixels of the overlay");
  const box = await page.locator(".pane-live .picture-canvas").boundingBox();
  await page.mouse.move(box.x + box.width * (2.5 / 5), box.y + box.height * (1.5 / 3.75));
  await page.getByText("Tile 7: From the received 1/4 picture, expected error 3.2 grey levels").waitFor();
  await page.locator('[data-mark="filled"]').click();
  await page.getByText("They are estimated").waitFor();
  await checkAxe(page, "filled");
  await world.picture(page, "filled");
  await page.getByLabel("Outline filled tiles").uncheck();
  await becomes(() => overlay.getAttribute("data-outlines"), "0", "outlines switched off");
  await world.pull("set", { session: "us-1", filled: false });
  await waitMark(page, "filled", { shown: false });
}

function outlineIsDrawn(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector(".pane-live .picture-overlay");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some((value, i) => i % 4 === 3 && value > 200);
  });
}

export async function smallerPicturesAreMarkedReduced(world) {
  const page = await watch(world, "us-1");
  await page.getByLabel("Resolution").selectOption("quarter");
  await waitMark(page, "reduced");
  await until(async () => (await readCanvas(page)).columns === 160, "a quarter of the width");
  await becomes(() => page.locator('[data-mark="reduced"]').innerText(), "Reduced 1/4", "the mark");
  await world.picture(page, "reduced");
  await page.getByLabel("Resolution").selectOption("full");
  await framesAreExact(world, page, "us-1", 3);
  await waitMark(page, "reduced", { shown: false });
}

/** Look at every picture of the page until a mark appears: the age then, and the highest shown without the mark. */
function noteMark(page, kind) {
  return page.evaluate((wanted) => new Promise((resolve) => {
    let unmarkedMs = 0;
    const look = () => {
      const ageMs = Number(document.querySelector('[data-readout="age"]').dataset.ms);
      if (document.querySelector(`.pane-live [data-mark="${wanted}"]`)) return resolve({ ageMs, unmarkedMs });
      unmarkedMs = Math.max(unmarkedMs, ageMs);
      return requestAnimationFrame(look);
    };
    look();
  }), kind);
}

export async function noAgeOverTwoSecondsStandsThereWithoutLate(world) {
  const page = await watch(world, "us-1");
  await waitMark(page, "late", { shown: false });
  const noted = noteMark(page, "late");
  await world.pull("set", { session: "us-1", playing: false });
  const { ageMs, unmarkedMs } = await noted;
  world.figures.late_shown_at_age_ms = ageMs;
  check(unmarkedMs <= 2_000, `an age of ${unmarkedMs} ms was shown without late`);
  await checkAxe(page, "late");
  await world.picture(page, "late");
  await world.pull("set", { session: "us-1", playing: true });
  await waitMark(page, "late", { shown: false });
}

export async function anOldPictureIsLateThoughItMoves(world) {
  const page = await watch(world, "us-1");
  await world.pull("set", { session: "us-1", behind_ms: 4_000 });
  await waitMark(page, "late");
  await world.pull("set", { session: "us-1", behind_ms: 0 });
  await waitMark(page, "late", { shown: false });
}

export async function aDeadNetworkShowsLateAndComesBackByItself(world) {
  const page = await watch(world, "us-1");
  const noted = Promise.all([noteMark(page, "late"), noteMark(page, "disconnected")]);
  const hung = world.pull("hang", { seconds: 6 });
  const [{ unmarkedMs }] = await noted;
  check(unmarkedMs <= 2_000, `an age of ${unmarkedMs} ms was shown without late`);
  await world.picture(page, "disconnected");
  await hung;
  const begunMs = performance.now();
  await waitMark(page, "disconnected", { shown: false });
  await waitMark(page, "late", { shown: false });
  world.figures.back_after_hang_ms = Math.round(performance.now() - begunMs);
}

export async function aCutComesBackAndNeverGoesBackInTime(world) {
  const page = await watch(world, "us-1");
  await page.evaluate(() => {
    const canvas = document.querySelector(".pane-live .picture-canvas");
    globalThis.numbers = [];
    new MutationObserver(() => globalThis.numbers.push(Number(canvas.dataset.number))).observe(canvas, { attributes: true, attributeFilter: ["data-number"] });
  });
  for (let cut = 0; cut < 3; cut++) {
    const before = (await readCanvas(page)).number;
    await world.pull("cut");
    await until(async () => (await readCanvas(page)).number > before + 5, "frames after a cut");
  }
  const numbers = await page.evaluate(() => globalThis.numbers);
  check(numbers.every((number, i) => i === 0 || number >= numbers[i - 1]), `went back in time: ${numbers}`);
}

export async function zoomAndPanWorkByKeyboardAndWheel(world) {
  const page = await watch(world, "us-1");
  const canvas = page.locator(".pane-live .picture-canvas");
  const whole = (await canvas.boundingBox()).width;
  await page.locator(".pane-live .picture").focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("+");
  const close = await until(async () => {
    const box = await canvas.boundingBox();
    return box.width > whole * 2.4 && box;
  }, "zoomed by keys");
  await page.keyboard.press("ArrowRight");
  await until(async () => (await canvas.boundingBox()).x < close.x, "the picture moved left");
  await page.keyboard.press("0");
  await until(async () => Math.abs((await canvas.boundingBox()).width - whole) < 1, "the whole picture again");
  await page.locator(".pane-live .picture").hover();
  await page.mouse.wheel(0, -100);
  await until(async () => (await canvas.boundingBox()).width > whole, "zoomed by wheel");
}
