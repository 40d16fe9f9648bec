// Every state of the page on exams that are played into the real API: `tests/e2e/test_page_states.py` starts this.

import { readFileSync } from "node:fs";

import { launch } from "./browser.mjs";
import { run, World } from "./step.mjs";
import * as consult from "./steps/consult.mjs";
import * as live from "./steps/live.mjs";
import * as marks from "./steps/marks.mjs";
import * as people from "./steps/people.mjs";
import * as reports from "./steps/reports.mjs";
import * as room from "./steps/room.mjs";
import * as signing from "./steps/signing.mjs";
import * as stored from "./steps/stored.mjs";
import * as studies from "./steps/studies.mjs";
import * as video from "./steps/video.mjs";

const [where, pictures, only = ""] = process.argv.slice(2);
const browser = await launch();
const steps = [signing, live, stored, marks, video, consult, people, room, reports, studies].flatMap((one) => Object.entries(one));
const chosen = steps.filter(([name]) => name.includes(only));
const failed = await run(new World(browser, JSON.parse(readFileSync(where, "utf8")), pictures), chosen);
await browser.close();
process.exit(failed > 0 ? 1 : 0);
