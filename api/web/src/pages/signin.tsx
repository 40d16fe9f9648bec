/** Signing in: by the link that opened the page, else by pasting it. */

import { signal } from "@preact/signals";

import { phase, signIn } from "../account_io";
import { troubleOf } from "../api/problem";
import { codeFromPaste } from "../api/token";
import { t } from "../catalogue/language";
import { Told } from "./told";

export const signInError = signal<unknown>(null);
const busy = signal(false);

async function submit(event: Event): Promise<void> {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const code = codeFromPaste(String(new FormData(form).get("code") ?? ""));
  if (!code || busy.peek()) return;
  busy.value = true;
  signInError.value = null;
  try {
    await signIn(code);
    form.reset();
  } catch (error) {
    signInError.value = error;
  }
  busy.value = false;
}

export function SignInPage() {
  if (phase.value === "starting") return <p class="center" role="status">{t("signin.busy")}</p>;
  return (
    <form class="card signin" onSubmit={(event) => void submit(event)}>
      <h1>{t("signin.title")}</h1>
      {phase.value === "expired" && <p class="hint-strong" role="status">{t("signin.expired")}</p>}
      <p>{t("signin.lead")}</p>
      <label for="code">{t("signin.code")}</label>
      <input id="code" name="code" type="password" autocomplete="off" spellcheck={false} required
        aria-describedby="where" />
      <p id="where" class="muted">{t("signin.where")}</p>
      <Refusal />
      <button type="submit" class="main" disabled={busy.value}>{t(busy.value ? "signin.busy" : "signin.submit")}</button>
    </form>
  );
}

function Refusal() {
  const error = signInError.value;
  if (error === null) return null;
  const trouble = troubleOf(error);
  if (trouble === "unreachable" || trouble === "unavailable" || trouble === "too_many") return <Told error={error} />;
  return <p class="told" role="alert">{t("signin.refused")}</p>;
}
