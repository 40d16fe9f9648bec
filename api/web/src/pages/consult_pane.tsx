/** The consultation of an exam: its place in the queue, or the form that asks for one. */

import { useSignal } from "@preact/signals";

import { token } from "../account_io";
import { may } from "../api/rights";
import { named, t } from "../catalogue/language";
import { ConsultCard } from "./consult_card";
import { request, useConsults } from "./consults";
import { Told } from "./told";

const URGENCIES = ["ROUTINE", "STAT", "HIGH", "MEDIUM", "LOW"] as const;
const SPECIALTIES = ["ultrasound", "cardiology", "radiology", "obstetrics", "vascular"] as const;
const REASON_MAX = 500;

export function ConsultPane({ session }: { readonly session: string }) {
  const consults = useConsults();
  const mine = (consults.value ?? []).filter((one) => one.session === session);
  const open = mine.filter((one) => one.state === "SCHEDULED" || one.state === "IN PROGRESS");
  const asks = may(token.value?.roles ?? [], "request");
  return (
    <div class="pane-body consult-pane">
      {consults.error !== null && <Told error={consults.error} onRetry={consults.again} />}
      {mine.length === 0 && <p class="muted">{t("consult.none")} {!asks && t("consult.not_yours")}</p>}
      {mine.length > 0 && (
        <ul class="consults">
          {mine.map((one) => <ConsultCard key={one.consult} consult={one} onChanged={consults.again} brief />)}
        </ul>
      )}
      {asks && open.length === 0 && consults.value !== null && <RequestForm session={session} onSent={consults.again} />}
    </div>
  );
}

function RequestForm({ session, onSent }: { readonly session: string; readonly onSent: () => void }) {
  const busy = useSignal(false);
  const error = useSignal<unknown>(null);
  const key = useSignal(crypto.randomUUID());

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const said = new FormData(form);
    const text = (name: string): string => String(said.get(name) ?? "").trim();
    busy.value = true;
    error.value = null;
    try {
      await request({ session, reason: text("reason"), urgency: text("urgency"), specialty: text("specialty") }, key.peek());
      form.reset();
      key.value = crypto.randomUUID();
      onSent();
    } catch (reason) {
      error.value = reason;
    }
    busy.value = false;
  }

  return (
    <details class="ask">
    <summary class="button">{t("consult.request")}</summary>
    <form class="request" onSubmit={(event) => void send(event)}>
      <label for="reason">{t("consult.reason")}</label>
      <textarea id="reason" name="reason" rows={2} maxLength={REASON_MAX} required aria-describedby="reason-hint" />
      <p id="reason-hint" class="muted">{t("consult.reason.hint")}</p>
      <div class="request-row">
        <label class="choice">
          <span>{t("consult.urgency")}</span>
          <select name="urgency">
            {URGENCIES.map((one) => <option key={one} value={one}>{named("urgency", one)}</option>)}
          </select>
        </label>
        <label class="choice">
          <span>{t("consult.specialty")}</span>
          <select name="specialty">
            {SPECIALTIES.map((one) => <option key={one} value={one}>{named("specialty", one)}</option>)}
          </select>
        </label>
        <button type="submit" class="main" disabled={busy.value}>{t(busy.value ? "consult.sending" : "consult.send")}</button>
      </div>
      {error.value !== null && <Told error={error.value} />}
    </form>
    </details>
  );
}
