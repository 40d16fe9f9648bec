// The consultation queue, by two people.

import { checkAxe } from "../axe.mjs";
import { open } from "../browser.mjs";
import { check, equal } from "../step.mjs";

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script> wall motion?';

async function person(world, subject, role, where) {
  const page = await open(world.browser);
  await page.goto(await world.linkFor(subject, role));
  await page.waitForSelector(".exams");
  await page.goto(`${world.page}${where}`);
  return page;
}

export async function aConsultationIsRequestedClaimedAndFinished(world) {
  const clinic = await person(world, "dr-wang", "requester", "#/exams/us-1");
  await clinic.getByText("Request a consultation").click();
  await clinic.getByLabel("Reason").fill(HOSTILE);
  await clinic.getByLabel("Urgency").selectOption("HIGH");
  await clinic.getByLabel("Specialty").selectOption("cardiology");
  await checkAxe(clinic, "the request");
  await clinic.getByRole("button", { name: "Send the request" }).click();
  await clinic.getByText("Position 1").waitFor();
  equal(await clinic.locator(".consult-reason").innerText(), HOSTILE, "the reason, inert");
  equal(await clinic.locator(".consult-reason *").count(), 0, "elements made from the reason");
  await world.picture(clinic, "consult-requested");

  const expert = await person(world, "dr-li", "expert", "#/queue");
  await expert.getByText("Position 1").waitFor();
  await checkAxe(expert, "the queue");
  await world.picture(expert, "queue");
  await expert.getByRole("button", { name: "Claim" }).click();
  await expert.getByText("Claimed by you").waitFor();
  await clinic.locator('.consult[data-state="IN PROGRESS"]').waitFor();

  const other = await person(world, "dr-late", "expert", "#/queue");
  await other.locator('.consult[data-state="IN PROGRESS"]').waitFor();
  equal(await other.getByRole("button", { name: /Claim|Finish|Cancel/ }).count(), 0, "buttons for who did not claim");

  await expert.reload();
  await expert.getByRole("button", { name: "Finish" }).click();
  await clinic.locator('.consult[data-state="COMPLETED"]').waitFor();
  equal([clinic.complaints, expert.complaints, other.complaints], [[], [], []], "console");
  check((await clinic.title()).includes("Huizhen"), "the title is untouched");
}

export async function aRequestIsTakenBackOnlyAfterAsking(world) {
  const clinic = await person(world, "dr-wang", "requester", "#/exams/xa-1");
  await clinic.getByText("Request a consultation").click();
  await clinic.getByLabel("Reason").fill("stent?");
  await clinic.keyboard.press("Tab");
  await clinic.getByRole("button", { name: "Send the request" }).click();
  await clinic.getByRole("button", { name: "Cancel" }).click();
  await clinic.getByText("It cannot be taken back").waitFor();
  await clinic.getByRole("button", { name: "Keep it" }).click();
  await clinic.locator('.consult[data-state="SCHEDULED"]').waitFor();
  await clinic.getByRole("button", { name: "Cancel" }).click();
  await clinic.locator(".sure .danger").click();
  await clinic.locator('.consult[data-state="CANCELED"]').waitFor();
}
