// One step after another, each told by name; a failed one leaves a picture and the rest go on.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Everything a step may use: the browser, where the page is, and the strings of the exam. */
export class World {
  constructor(browser, info, pictures) {
    this.browser = browser;
    this.page = info.page;
    this.link = info.link;
    this.pulls = info.pull;
    this.pictures = pictures;
    this.figures = {};
    /** Steps go on with the pages of the step before; there are no strings to let go. */
    this.keep = false;
    mkdirSync(pictures, { recursive: true });
  }

  /** Pull a string: what the exam or the server does next. */
  async pull(act, values = {}) {
    const answer = await fetch(`${this.pulls}/${act}?${new URLSearchParams(values)}`);
    if (!answer.ok) throw new Error(`${act}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** A fresh sign-in link. */
  async linkFor(subject, ...roles) {
    return `${this.page}#signin=${await this.pull("code", { subject, roles: roles.join(",") })}`;
  }

  async picture(page, name) {
    await page.screenshot({ path: join(this.pictures, `${name}.png`) });
  }
}

export function check(holds, words) {
  if (!holds) throw new Error(words);
}

export function equal(found, wanted, words) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${words}: ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
  }
}

const PATIENCE_MS = 30_000; // what takes milliseconds here: a busy machine may stand still for seconds

/** Try until it gives something true, or throw with the last value: the page does everything a little after it was asked. */
export async function until(ask, words, timeoutMs = PATIENCE_MS) {
  const endMs = performance.now() + timeoutMs;
  let found;
  while (performance.now() < endMs) {
    found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${words}: not within ${timeoutMs} ms (last: ${JSON.stringify(found)})`);
}

/** Ask until it gives what is wanted, or throw with what it gave last. */
export async function becomes(ask, wanted, words) {
  let found;
  const isThere = async () => JSON.stringify((found = await ask())) === JSON.stringify(wanted);
  await until(isThere, words).catch(() => equal(found, wanted, words));
}

/** Run steps in order; writes one JSON line for each. */
export async function run(world, steps) {
  let failed = 0;
  for (const [name, step] of steps) {
    const begunMs = performance.now();
    let error = "";
    try {
      if (!world.keep) await world.pull("reset");
      await step(world);
    } catch (reason) {
      error = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
      failed += 1;
    }
    for (const context of world.browser.contexts()) {
      if (error) await context.pages()[0]?.screenshot({ path: join(world.pictures, `failed-${failed}.png`) }).catch(() => undefined);
      if (!world.keep) await context.close();
    }
    console.log(JSON.stringify({ step: name, ok: !error, error, ms: Math.round(performance.now() - begunMs) }));
  }
  console.log(JSON.stringify({ figures: world.figures }));
  return failed;
}
