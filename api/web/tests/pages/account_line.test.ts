import { beforeEach, describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => undefined });
vi.stubGlobal("navigator", { languages: ["en"] });
vi.stubGlobal("document", { documentElement: { lang: "" }, title: "" });
const { language } = await import("../../src/catalogue/language");
const { sentence } = await import("../../src/pages/account_line");

const ACCOUNT = {
  captured: 18_000, stored: 17_998, rejected: 2, missing: 0, derived: 0,
  rejected_reasons: { frame_size_changed: 2 }, missing_reasons: {}, sentence: "", is_final: true,
};

describe("the account of an exam", () => {
  beforeEach(() => (language.value = "en"));

  it("says what became of all frames and why", () => {
    expect(sentence(ACCOUNT)).toBe("captured 18,000, stored 17,998 exact, 2 rejected: frame size changed");
  });

  it("says it in the page's language, and a reason it does not know as it is", () => {
    language.value = "zh";
    const missing = { ...ACCOUNT, rejected: 0, missing: 3, missing_reasons: { spool_full: 1, "new_reason": 2 } };
    expect(sentence(missing)).toBe("采集 18,000 帧，精确存档 17,998 帧，缺失 3 帧（new_reason，本地日志已满）");
  });
});
