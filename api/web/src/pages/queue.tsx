/** The consultation queue of everybody this person may see. */

import type { Consult } from "../api/types";
import { t } from "../catalogue/language";
import type { Key } from "../catalogue/en";
import { ConsultCard } from "./consult_card";
import { useConsults } from "./consults";
import { Empty, Told } from "./told";

const DONE_SHOWN = 10;

export function QueuePage() {
  const consults = useConsults();
  const all = consults.value ?? [];
  const waiting = all.filter((one) => one.state === "SCHEDULED").sort((a, b) => (a.position ?? 1e9) - (b.position ?? 1e9));
  const running = all.filter((one) => one.state === "IN PROGRESS");
  const done = all.filter((one) => one.state === "COMPLETED" || one.state === "CANCELED").slice(0, DONE_SHOWN);
  return (
    <div class="page">
      <h1>{t("queue.title")}</h1>
      {consults.error !== null && <Told error={consults.error} onRetry={consults.again} />}
      {consults.value === null && consults.error === null && <p class="muted" role="status">{t("queue.loading")}</p>}
      {consults.value !== null && waiting.length + running.length === 0 && <Empty what="queue.empty" next="queue.empty.next" />}
      <Group title="queue.waiting" items={waiting} onChanged={consults.again} />
      <Group title="queue.running" items={running} onChanged={consults.again} />
      <Group title="queue.done" items={done} onChanged={consults.again} />
    </div>
  );
}

interface GroupProps {
  readonly title: Key;
  readonly items: readonly Consult[];
  readonly onChanged: () => void;
}

function Group({ title, items, onChanged }: GroupProps) {
  if (items.length === 0) return null;
  return (
    <section>
      <h2>{t(title)}</h2>
      <ul class="consults">
        {items.map((one) => <ConsultCard key={one.consult} consult={one} onChanged={onChanged} />)}
      </ul>
    </section>
  );
}
