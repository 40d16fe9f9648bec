// A consultation's room: a clinic, an expert of another institution, a trainee.

import { checkAxe } from "../axe.mjs";
import { open, PHONE, readCanvas } from "../browser.mjs";
import { check, equal, until } from "../step.mjs";

const HOSTILE = '<img src=x onerror="document.title=1"><svg onload="document.title=2"> 二尖瓣?';

async function person(world, subject, role, { institution = "clinic", where = "", ...options } = {}) {
  const page = await open(world.browser, options);
  const code = await world.pull("code", { subject, roles: role, institution });
  await page.goto(`${world.page}#signin=${code}`);
  await page.waitForSelector(".places");
  if (where) await page.goto(`${world.page}${where}`);
  return page;
}

/** A request on us-1, claimed by nobody yet; gives the clinic's page in the room and the room's address. */
async function opened(world, options) {
  const clinic = await person(world, "dr-wang", "requester", { where: "#/exams/us-1", ...options });
  const token = await clinic.evaluate(() => JSON.parse(sessionStorage.getItem("huizhen.token")).accessToken);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${world.page}v1/consults`, {
    method: "POST", headers, body: JSON.stringify({ session: "us-1", reason: "Wall motion?" }),
  });
  const { consult } = await answer.json();
  const end = () => fetch(`${world.page}v1/consults/${consult}/cancel`, { method: "POST", headers, body: "{}" });
  await clinic.goto(`${world.page}#/rooms/${consult}`);
  await ready(clinic);
  return { clinic, consult, end };
}

async function ready(page) {
  for (const pane of [".pane-live", ".pane-stored"]) {
    await page.waitForSelector(`${pane} .picture-canvas[data-number]`, { state: "attached", timeout: 30_000 });
  }
}

async function invited(world, clinic, subject, role, options = {}) {
  await clinic.getByRole("button", { name: role === "expert" ? "Invite an expert" : "Invite a guest" }).click();
  const link = await until(() => clinic.locator("[data-invite]").inputValue().catch(() => ""), "the link");
  const page = await person(world, subject, role, { institution: "hospital", ...options });
  await page.goto(link);
  await ready(page);
  check(!page.url().includes(link.split("/").pop()), "the secret left the address");
  return { page, link };
}

function centre(page, pane) {
  return page.locator(`${pane} .picture`).boundingBox().then((box) => [box.x + box.width / 2, box.y + box.height / 2]);
}

async function drag(page, pane, dx, dy) {
  const [x, y] = await centre(page, pane);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx / 2, y + dy / 2, { steps: 4 });
  await page.mouse.move(x + dx, y + dy, { steps: 4 });
  await page.mouse.up();
}

const storedNumber = async (page) => (await readCanvas(page, ".pane-stored")).number;

export async function twoInstitutionsMeetInOneRoom(world) {
  const { clinic, end } = await opened(world);
  const { page: expert, link } = await invited(world, clinic, "dr-li", "expert");
  await clinic.locator('[data-person="dr-li"]').waitFor();
  await expert.getByText("You follow dr-wang").waitFor();
  await clinic.getByText("Everybody sees your view").waitFor();

  // in step: the presenter scrubs and zooms, the other's panes follow
  await clinic.getByLabel("Frame in the clip").fill("7");
  await until(async () => (await storedNumber(expert)) === 7, "the stored frame, in step");
  const before = (await expert.locator(".pane-stored .picture-canvas").boundingBox()).width;
  await clinic.locator(".pane-stored .picture").focus();
  await clinic.keyboard.press("+");
  await clinic.keyboard.press("+");
  await until(async () => (await expert.locator(".pane-stored .picture-canvas").boundingBox()).width > before * 1.4, "the zoom, in step");
  await clinic.locator(".pane-live").getByRole("button", { name: "Hold" }).click();
  const held = Number(await clinic.locator(".pane-live .picture-canvas").getAttribute("data-number"));
  await until(async () => (await readCanvas(expert)).number === (await readCanvas(clinic)).number, `frame ${held}, held for both`);
  await expert.locator('.pane-live [data-mark="frozen"]').waitFor();

  // pointing and drawing, by name, on the held frame
  await drag(expert, ".pane-live", 30, 10);
  await clinic.locator('.pane-live [data-pointer="dr-li"]').waitFor();
  await expert.locator('[data-tool="arrow"]').click();
  await drag(expert, ".pane-live", 60, -40);
  const arrow = clinic.locator('.pane-live [data-kind="arrow"]');
  await arrow.waitFor();
  check((await arrow.innerText().catch(() => arrow.textContent())).includes("dr-li"), "whose arrow it is");
  await expert.locator('[data-tool="text"]').click();
  const [x, y] = await centre(expert, ".pane-live");
  await expert.mouse.click(x - 60, y + 30);
  await expert.keyboard.type(HOSTILE);
  await expert.keyboard.press("Enter");
  await clinic.locator('.pane-live [data-kind="text"]').waitFor();
  await expert.locator('[data-tool="look"]').click();

  // chat: hostile text is text
  await expert.getByLabel("Message; no patient name").fill(HOSTILE);
  await expert.keyboard.press("Enter");
  await until(async () => (await clinic.locator(".said").innerText().catch(() => "")) === HOSTILE, "the message, inert");
  equal(await clinic.locator(".said *, .drawing text *").count(), 0, "elements made from what others wrote");
  await checkAxe(clinic, "the room of who presents");
  await checkAxe(expert, "the room of who follows");
  await world.picture(clinic, "room-presenter");
  await world.picture(expert, "room-follower");

  // alone and back
  await expert.locator(".pane-stored .picture").focus();
  await expert.keyboard.press("0");
  await expert.getByText("You look around alone").waitFor();
  await clinic.getByLabel("Frame in the clip").fill("11");
  await until(async () => (await storedNumber(clinic)) === 11, "the presenter went on");
  equal(await storedNumber(expert), 7, "who looks around alone stays");
  await expert.keyboard.press("f");
  await until(async () => (await storedNumber(expert)) === 11, "back in step");

  // hand-over, and a second use of the link
  await clinic.getByRole("button", { name: "Hand over to dr-li" }).click();
  await expert.getByText("Everybody sees your view").waitFor();
  await expert.getByLabel("Frame in the clip").fill("3");
  await until(async () => (await storedNumber(clinic)) === 3, "the clinic follows the expert");
  const late = await person(world, "dr-late", "expert", { institution: "hospital" });
  await late.goto(link);
  await late.getByText("nobody has let you in").waitFor();
  await late.goto(`${world.page}#/rooms/c-none`);
  await late.reload();
  await late.getByText("nobody has let you in").waitFor();

  await expert.getByRole("link", { name: "Leave" }).click();
  await clinic.locator('[data-person="dr-li"]').waitFor({ state: "detached" });
  await clinic.getByText("Nobody leads").waitFor();
  await clinic.getByRole("button", { name: "Take the lead" }).click();
  await clinic.getByText("Everybody sees your view").waitFor();
  equal(expert.complaints, [], "console"); // from the end on a guest is refused what is still asked for
  await expert.context().close();
  await end();
  await clinic.getByText("This consultation has ended").waitFor();
  equal(clinic.complaints, [], "console");
  check((await clinic.title()).includes("Huizhen"), "the title is untouched");
}
