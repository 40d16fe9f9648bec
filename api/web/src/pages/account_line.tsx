/** The ledger of an exam in one sentence: "captured 18,000, stored 17,998 exact, 2 rejected: frame size changed". */

import type { Account } from "../api/types";
import { language, named, t } from "../catalogue/language";

const WITH_REASONS = ["rejected", "missing"] as const;

/** Write the sentence in the page's language. */
export function sentence(account: Account): string {
  const say = (value: number): string => value.toLocaleString(language.value === "zh" ? "zh-CN" : "en-GB");
  const pieces = [
    t("account.captured", { frames: say(account.captured) }),
    t("account.stored", { frames: say(account.stored) }),
  ];
  for (const outcome of WITH_REASONS) {
    const frames = account[outcome];
    if (frames === 0) continue;
    const reasons = Object.keys(account[`${outcome}_reasons`]).sort().map((reason) => named("reason", reason));
    const text = t(`account.${outcome}`, { frames: say(frames) });
    pieces.push(reasons.length > 0 ? t("account.because", { text, reasons: reasons.join(t("account.and")) }) : text);
  }
  if (account.derived > 0) pieces.push(t("account.derived", { frames: say(account.derived) }));
  return pieces.join(t("account.and"));
}

export function AccountLine({ account }: { readonly account: Account | null }) {
  if (account === null) return null;
  return (
    <p class="muted account" data-final={account.is_final} aria-label={t("account.title")}>
      {sentence(account)}
      {!account.is_final && ` ${t("account.so_far")}`}
    </p>
  );
}
