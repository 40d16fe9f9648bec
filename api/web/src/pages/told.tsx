/** Empty and error states: what is the matter, and what to do next. */

import { troubleOf } from "../api/problem";
import { t } from "../catalogue/language";
import type { Key } from "../catalogue/en";
import { Warning } from "./icons";

export function Told({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const trouble = troubleOf(error);
  return (
    <div class="told" role="alert">
      <p class="told-what"><Warning /> {t(`trouble.${trouble}`)}</p>
      <p>{t(`trouble.${trouble}.next`)}</p>
      {onRetry && <button type="button" onClick={onRetry}>{t("trouble.retry")}</button>}
    </div>
  );
}

export function Empty({ what, next }: { readonly what: Key; readonly next?: Key }) {
  return (
    <div class="empty">
      <p class="empty-what">{t(what)}</p>
      {next && <p class="muted">{t(next)}</p>}
    </div>
  );
}
