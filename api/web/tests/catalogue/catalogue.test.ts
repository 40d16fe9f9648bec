import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { en, type Key } from "../../src/catalogue/en";
import { fill, firstLanguage, levels, placeholders, shortAge, waitOf } from "../../src/catalogue/words";
import { zh } from "../../src/catalogue/zh";

const SRC = new URL("../../src/", import.meta.url);
const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("catalogue"))
  .map((name) => ({ name, text: readFileSync(new URL(name, SRC), "utf8") }));
const keys = Object.keys(en) as Key[];

describe("the catalogue", () => {
  it("has every text in both languages, none empty", () => {
    expect(Object.keys(zh).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(en[key].trim(), key).not.toBe("");
      expect(zh[key].trim(), key).not.toBe("");
    }
  });

  it("fills the same values into both languages", () => {
    for (const key of keys) expect(placeholders(zh[key]), key).toEqual(placeholders(en[key]));
  });

  it("holds no text that nothing shows", () => {
    const all = sources.map((one) => one.text).join("\n");
    // keys made from data are asked for by prefix: `mark.${kind}`, named("state", …)
    const made = [...all.matchAll(/`([a-z_.]+\.)\$\{/g), ...all.matchAll(/named\("([a-z_.]+)"/g)].map((found) => found[1]!);
    const unused = keys.filter((key) => !all.includes(`"${key}"`) && !made.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });

  it("is where all Chinese stands, but for the name of the product", () => {
    const elsewhere = sources.filter(({ text }) => /[\u4e00-\u9fff]/.test(text.replaceAll("会诊", "")));
    expect(elsewhere.map((one) => one.name)).toEqual([]);
  });
});

describe("words", () => {
  it("are filled in, and a forgotten value stays visible", () => {
    expect(fill("{a} of {b}", { a: 3 })).toBe("3 of {b}");
  });

  it("begin in the kept language, else in the browser's, else in English", () => {
    expect(firstLanguage("zh", ["en"])).toBe("zh");
    expect(firstLanguage(null, ["fr", "zh-CN", "en"])).toBe("zh");
    expect(firstLanguage("xx", [])).toBe("en");
  });

  it("say ages, errors and waits as a person reads them", () => {
    expect(shortAge(84.4)).toEqual({ unit: "ms", value: "84" });
    expect(shortAge(12_340)).toEqual({ unit: "s", value: "12.3" });
    expect([levels(1.26), levels(12.6)]).toEqual(["1.3", "13"]);
    expect([waitOf(null), waitOf(20), waitOf(150)]).toEqual([null, 0, 3]);
  });
});
