// Files from elsewhere and reports in the room.

import { checkAxe } from "../axe.mjs";
import { check, equal } from "../step.mjs";
import { room, sample, upload } from "../study.mjs";

export async function filesFromElsewhereAndReportsAreRead(world) {
  const { page, end } = await room(world, "us-1");
  await page.getByRole("button", { name: "Studies and reports" }).click();
  // what is no file of this patient
  await upload(page, "letter.dcm", Buffer.from("<html>"));
  await page.getByText("letter.dcm is no DICOM picture").waitFor();
  await page.getByRole("button", { name: "Do not upload" }).click();
  await upload(page, "other.dcm", await sample(world, "MR_small.dcm"));
  await page.getByText("other.dcm does not name the patient").waitFor();
  await page.getByRole("button", { name: "It is the same patient: upload" }).click();
  await page.getByText("a person said that it is theirs").waitFor();
  page.complaints = page.complaints.filter((one) => !/status of (409|415)/.test(one)); // refusals that were wanted

  // reports: structure, markup that stays words, a PDF
  await upload(page, "report.dcm", await sample(world, "hostile"));
  await page.locator(".report").getByText("Report Text").waitFor();
  await page.locator(".report").getByText("no wall motion abnormality").waitFor();
  equal(await page.locator(".report img, .report svg").count(), 0, "elements made of a report's words");
  await world.picture(page, "studies-report");
  await upload(page, "echo.dcm", await sample(world, "pdf"));
  await page.locator(".pdf-page canvas").waitFor();
  await page.getByText("Normal left ventricle").waitFor({ state: "attached" });
  await world.picture(page, "studies-pdf");
  await checkAxe(page, "a report");
  equal(page.complaints, [], "console");
  check((await page.title()).includes("Huizhen"), "the title is untouched");
  await end();
}
