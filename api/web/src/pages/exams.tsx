/** The list of exams: running ones first, each with what a technician looks for at a glance. */

import { useState } from "preact/hooks";

import { client } from "../account_io";
import type { Page, Session, Source } from "../api/types";
import { clock, named, t } from "../catalogue/language";
import { shortAge } from "../catalogue/words";
import { href } from "../route";
import { total } from "./counts";
import { LATE_AFTER_MS } from "../picture/freshness";
import { Clock, Warning } from "./icons";
import { usePolled } from "./polled";
import { isRunning, StateChip } from "./state_chip";
import { Empty, Told } from "./told";

const POLL_MS = 2_000;
const PAGE = 50;

export function ExamsPage() {
  const [limit, setLimit] = useState(PAGE);
  const exams = usePolled(() => client.get<Page<Session>>(`v1/sessions?limit=${limit}`), POLL_MS, String(limit));
  const items = exams.value?.items ?? [];
  const running = items.filter((one) => isRunning(one.state));
  const ended = items.filter((one) => !isRunning(one.state));
  return (
    <div class="page">
      <h1>{t("exams.title")}</h1>
      {exams.error !== null && <Told error={exams.error} onRetry={exams.again} />}
      {exams.value === null && exams.error === null && <p class="muted" role="status">{t("exams.loading")}</p>}
      {exams.value !== null && (
        <>
          <h2>{t("exams.running")}</h2>
          {running.length > 0 ? <Exams items={running} /> : <Empty what="exams.empty" next="exams.empty.next" />}
          {ended.length > 0 && <h2>{t("exams.ended")}</h2>}
          {ended.length > 0 && <Exams items={ended} />}
          {exams.value.next_cursor !== null && (
            <button type="button" onClick={() => setLimit(limit + PAGE)}>{t("exams.more")}</button>
          )}
        </>
      )}
    </div>
  );
}

function Exams({ items }: { readonly items: readonly Session[] }) {
  return <ul class="exams">{items.map((one) => <Exam key={`${one.tenant}/${one.session}`} exam={one} />)}</ul>;
}

function Exam({ exam }: { readonly exam: Session }) {
  const counts = total(exam.sources);
  const alarms = exam.sources.map((one) => one.alarm).filter((alarm) => alarm !== "");
  return (
    <li class="exam-row">
      <div class="exam-row-head">
        <StateChip state={exam.state} />
        <a class="exam-link" href={href({ page: "exam", session: exam.session })}
          title={t("exams.open", { modality: exam.modality, session: exam.session })}>
          <strong>{exam.modality}</strong> {exam.session}
        </a>
        <span class="muted">{exam.tenant} · {t("exams.started")} {clock(exam.announced_at)}</span>
        {alarms.map((alarm) => (
          <span class="alarm" key={alarm}><Warning /> {t("exams.alarm", { alarm: named("alarm", alarm) })}</span>
        ))}
      </div>
      <dl class="facts">
        {exam.sources.map((one) => <SourceFacts key={one.source} source={one} running={isRunning(exam.state)} />)}
        <Fact name={t("counts.captured")} value={counts.captured} />
        <Fact name={t("counts.exact")} value={counts.exact} />
        <Fact name={t("counts.filled")} value={counts.filled} />
        <Fact name={t("counts.stored")} value={counts.stored} />
        {counts.rejected > 0 && <Fact name={t("counts.rejected")} value={counts.rejected} />}
        {counts.missing > 0 && <Fact name={t("counts.missing")} value={counts.missing} />}
      </dl>
    </li>
  );
}

function SourceFacts({ source, running }: { readonly source: Source; readonly running: boolean }) {
  const { geometry, last_frame: last } = source;
  const size = geometry ? ` ${geometry.columns}×${geometry.rows}` : "";
  const age = last ? shortAge(Math.max(0, last.age_ms)) : null;
  const late = running && last !== null && last.age_ms > LATE_AFTER_MS;
  return (
    <div class="fact fact-source">
      <dt>{named("kind", source.kind)}{size}</dt>
      <dd>
        {t("exams.rate.value", { rate: Math.round(source.expected_rate_hz) })}
        {running && " · "}
        {running && (age ? t(age.unit === "ms" ? "live.age.ms" : "live.age.s", { [age.unit]: age.value }) : t("exams.age.none"))}
        {late && <span class="hint-strong"> <Clock /> {t("mark.late")}</span>}
      </dd>
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: number }) {
  return <div class="fact"><dt>{name}</dt><dd>{value}</dd></div>;
}
