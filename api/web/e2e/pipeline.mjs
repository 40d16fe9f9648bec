// The page on the whole pipeline: `tests/e2e/test_page.py` starts this.

import { readFileSync } from "node:fs";

import { launch } from "./browser.mjs";
import { run, World } from "./step.mjs";
import * as meeting from "./steps/meeting.mjs";
import * as pipeline from "./steps/pipeline.mjs";

const ORDER = [
  "theLinkOfUpLeadsToTheRunningExam", "exactFramesAreTheSourceBitForBit", "filledFramesAreMarkedAndCounted",
  "storedFramesAreTheSourceBitForBit", "aConsultationGoesThroughKafka",
  "aClinicAsksAndAnExpertElsewhereClaims", "threeMeetAndLookInStep", "theyPointDrawAndTalk",
  "theExpertLeadsAndTheConsultationEnds", "theExamEndsWithEveryFrameStored",
];
const [where, pictures] = process.argv.slice(2);
const info = JSON.parse(readFileSync(where, "utf8"));
const browser = await launch();
const world = new World(browser, info, pictures);
Object.assign(world, { truth: info.truth, session: info.session, station: info.station, links: info.links, keep: true });
const failed = await run(world, ORDER.map((name) => [name, pipeline[name] ?? meeting[name]]));
await browser.close();
process.exit(failed > 0 ? 1 : 0);
