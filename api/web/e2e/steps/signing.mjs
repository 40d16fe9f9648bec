// Signing in and out.

import { checkAxe } from "../axe.mjs";
import { open } from "../browser.mjs";
import { becomes, check, equal, until } from "../step.mjs";

export async function aLinkSignsInOnceAndLeavesTheAddress(world) {
  const link = await world.linkFor("dr-li", "requester", "expert");
  const page = await open(world.browser);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(link);
  await page.waitForSelector(".exams");
  await becomes(() => page.url(), `${world.page}#/`, "the address after signing in");
  check(!asked.some((url) => url.includes("signin=")), "the code was in a requested address");
  await page.reload();
  await page.waitForSelector(".exams");
  equal(page.complaints, [], "console");

  const again = await open(world.browser);
  await again.goto(link);
  await again.getByText("used already or has expired").waitFor();
  await checkAxe(again, "a refused link");
  await world.picture(again, "signin-refused");
}

export async function aPastedLinkSignsInByKeyboard(world) {
  const page = await open(world.browser);
  await page.goto(world.page);
  await page.getByLabel("Sign-in link or code").focus();
  await checkAxe(page, "the sign-in form");
  await world.picture(page, "signin");
  await page.keyboard.insertText(await world.linkFor("dr-li", "expert"));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".exams");
}

export async function aSignOutElsewhereEndsThisPage(world) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-gone", "expert"));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}#/exams/us-1`);
  await page.waitForSelector(".picture-canvas[data-number]");
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("huizhen.token")).accessToken);
  await fetch(`${world.page}v1/sign-out`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  const begunMs = performance.now();
  await page.getByText("Your sign-in has expired").waitFor();
  world.figures.signed_out_shown_ms = Math.round(performance.now() - begunMs);
  await becomes(() => page.evaluate(() => sessionStorage.getItem("huizhen.token")), null, "the token the tab keeps");
  await becomes(() => page.locator(".picture-canvas").count(), 0, "pictures left standing");
}

export async function aServerThatDoesNotAnswerIsSaidSo(world) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor("dr-li", "expert"));
  await page.waitForSelector(".exams");
  await page.route("**/v1/**", (route) => route.abort());
  await page.getByText("The server does not answer").waitFor();
  await checkAxe(page, "no answer");
  await world.picture(page, "unreachable");
  await page.unroute("**/v1/**");
  await page.getByText("The server does not answer").waitFor({ state: "detached" });
}

export async function rolesSeeOnlyWhatIsTheirs(world) {
  const trainee = await open(world.browser);
  await trainee.goto(await world.linkFor("dr-new", "trainee"));
  await trainee.waitForSelector(".exams");
  await trainee.goto(`${world.page}#/exams/us-1`);
  await trainee.waitForSelector(".pane-stored .picture-canvas[data-number]");
  equal(await trainee.locator(".pane-consult, .files button").count(), 0, "a trainee's consultations and downloads");

  const quality = await open(world.browser);
  await quality.goto(await world.linkFor("qc-1", "qc"));
  await quality.waitForSelector(".exams");
  await quality.goto(`${world.page}#/exams/us-1`);
  await until(() => quality.locator(".pane-live").getByText("Your role does not allow this").count(), "the refusal");
  await until(async () => (await quality.locator("[data-mark], .places a[href='#/queue']").count()) === 0, "no marks and no queue for who may not watch");
  await world.picture(quality, "refused");
}
