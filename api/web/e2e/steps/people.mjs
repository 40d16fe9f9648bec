// Languages, phones, keyboards.

import { checkAxe } from "../axe.mjs";
import { open, PHONE, readCanvas } from "../browser.mjs";
import { becomes, check, equal, until } from "../step.mjs";

async function fits(page, where) {
  await until(() => page.evaluate((width) => document.documentElement.scrollWidth <= width, PHONE.width),
    `${where} is at most ${PHONE.width} px wide on a phone`);
  const small = () => page.evaluate(() => [...document.querySelectorAll("button, select, .places a, .exam-link, summary")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 32)
    .map((one) => `${one.className} ${one.textContent}`));
  await becomes(small, [], `${where}: targets under 32 px`);
  await until(async () => {
    const notice = await page.locator(".notice").boundingBox();
    return notice && notice.y >= 0 && notice.y + notice.height <= PHONE.height;
  }, `${where}: the notice is in sight`);
  await checkAxe(page, `${where} on a phone`);
}

export async function everythingFitsAPhoneInChinese(world) {
  const page = await open(world.browser, { viewport: PHONE, phone: true, locale: "zh-CN" });
  await page.goto(world.page);
  await page.getByRole("heading", { name: "登录" }).waitFor();
  await fits(page, "sign in");
  await page.goto(await world.linkFor("dr-wang", "requester"));
  await page.waitForSelector(".exams");
  await fits(page, "exams");
  await world.picture(page, "phone-exams");
  await page.locator(".exam-link").first().tap();
  await page.waitForSelector(".pane-live .picture-canvas[data-number]", { state: "attached" });
  await until(async () => (await page.locator('[data-count="captured"] dd').innerText()) !== "—", "counts");
  await fits(page, "live");
  await page.goto(`${world.page}#/exams/us-1`);
  await page.waitForSelector(".pane-live .picture-canvas[data-number]", { state: "attached" });
  await world.picture(page, "phone-live");
  await page.getByRole("button", { name: "存档" }).tap();
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "visible" });
  await fits(page, "stored");
  await world.picture(page, "phone-stored");
  await page.locator(".parts").getByRole("button", { name: "会诊" }).tap();
  await fits(page, "consultation");
  await world.picture(page, "phone-consult");
  await page.goto(`${world.page}#/queue`);
  await page.getByRole("heading", { level: 1, name: "会诊" }).waitFor();
  await fits(page, "queue");
  await becomes(() => page.locator("html").getAttribute("lang"), "zh-Hans", "the page's language");
  equal(page.complaints, [], "console");
}

export async function twoFingersZoomOnAPhone(world) {
  const page = await open(world.browser, { viewport: PHONE, phone: true });
  await page.goto(await world.linkFor("dr-wang", "requester"));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/us-1`);
  await page.waitForSelector(".pane-live .picture-canvas[data-number]", { state: "attached" });
  const canvas = page.locator(".pane-live .picture-canvas");
  const before = await canvas.boundingBox();
  const session = await page.context().newCDPSession(page);
  const [x, y] = [before.x + before.width / 2, before.y + before.height / 2];
  const touch = (type, apart) => session.send("Input.dispatchTouchEvent", {
    type, touchPoints: type === "touchEnd" ? [] : [{ x: x - apart, y, id: 0 }, { x: x + apart, y, id: 1 }],
  });
  await touch("touchStart", 30);
  for (const apart of [45, 60, 75, 90]) await touch("touchMove", apart);
  await touch("touchEnd", 0);
  await until(async () => (await canvas.boundingBox()).width > before.width * 1.8, "zoomed by two fingers");
}

export async function theLanguageSwitchesEveryWord(world) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", "requester", "expert"));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/us-1`);
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached" });
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: "实时图像" }).waitFor();
  const left = () => page.evaluate(() => {
    const texts = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
    const said = [];
    while (texts.nextNode()) if (!texts.currentNode.parentElement.closest(".consult-reason")) said.push(texts.currentNode.data);
    return said.join("\n").replaceAll("Huizhen", "").match(/[A-Za-z][a-z]{3,}/g) ?? [];
  });
  await becomes(async () => (await left()).filter((word) => !["English", "clinic"].includes(word)), [], "English words left");
  await checkAxe(page, "Chinese");
  await world.picture(page, "live-zh");
  await page.reload();
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "Live picture" }).waitFor();
}

export async function theKeyboardReachesEverything(world) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", "requester", "expert"));
  await page.waitForSelector(".exams");
  await tabTo(page, ".exam-link[href='#/exams/us-1']");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".pane-stored .picture-canvas[data-number]", { state: "attached" });
  for (const wanted of [
    ".pane-live select", ".pane-live .check input", ".pane-live .tools button", ".pane-live .mark", ".pane-live .picture",
    ".pane-stored .picture", ".scrub", ".clip-buttons .main", ".clip-buttons select", ".files summary", ".ask summary",
  ]) await tabTo(page, wanted);
  await page.keyboard.press("Enter");
  await tabTo(page, "#reason");
  await until(() => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"), "the focus is seen");
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter");
  await becomes(() => page.evaluate(() => document.activeElement.id), "content", "skipped to the content");
  check((await readCanvas(page)).number >= 0, "still watching");
}

async function tabTo(page, selector) {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} is not reached by Tab`);
}
