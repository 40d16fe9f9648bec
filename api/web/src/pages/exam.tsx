/** One exam: live and stored side by side on a desk, one at a time on a phone; the consultation beside them. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { client, token } from "../account_io";
import { may } from "../api/rights";
import type { Session } from "../api/types";
import { t } from "../catalogue/language";
import { LivePicture } from "../live/live_io";
import { href } from "../route";
import { AccountLine } from "./account_line";
import { ConsultPane } from "./consult_pane";
import { LivePane } from "./live_pane";
import { usePolled } from "./polled";
import { StateChip } from "./state_chip";
import { StoredPane, useStored } from "./stored_pane";
import { Told } from "./told";

const PARTS = ["live", "stored", "consult"] as const;
type Part = (typeof PARTS)[number];
const POLL_MS = 5_000; // the live link tells more and sooner; this is for what stands without it

export function ExamPage({ session }: { readonly session: string }) {
  const live = useMemo(() => new LivePicture(client, session), [session]);
  useEffect(() => () => live.close(), [live]);
  const stored = useStored(session);
  const part = useSignal<Part>("live");
  const exam = usePolled(() => client.get<Session>(`v1/sessions/${encodeURIComponent(session)}`), POLL_MS, session);
  const roles = token.value?.roles ?? [];
  if (exam.value === null && exam.error !== null) {
    return (
      <div class="page">
        <a class="back" href={href({ page: "exams" })}>{t("exam.back")}</a>
        <Told error={exam.error} onRetry={exam.again} />
      </div>
    );
  }
  const source = exam.value?.sources.find((one) => one.source === live.source.value) ?? exam.value?.sources[0] ?? null;
  return (
    <div class="exam" data-part={part.value}>
      <ExamBar session={session} exam={exam.value} state={live.state.value} part={part} />
      <section class="pane pane-live" aria-labelledby="live-title">
        <LivePane live={live} />
      </section>
      <section class="pane pane-stored" aria-labelledby="stored-title">
        <StoredPane session={session} source={source} stored={stored} />
        <AccountLine account={exam.value?.account ?? null} />
      </section>
      {may(roles, "queue") && (
        <section class="pane pane-consult" aria-labelledby="consult-title">
          <h2 id="consult-title">{t("consult.title")}</h2>
          <ConsultPane session={session} />
        </section>
      )}
    </div>
  );
}

interface BarProps {
  readonly session: string;
  readonly exam: Session | null;
  readonly state: string;
  readonly part: { value: Part };
}

function ExamBar({ session, exam, state, part }: BarProps) {
  const shown = state || exam?.state;
  return (
    <div class="exam-bar">
      <a class="back" href={href({ page: "exams" })} aria-label={t("exam.back")}>←<span> {t("exam.back")}</span></a>
      <h1><strong>{exam?.modality ?? ""}</strong> <span class="exam-id">{session}</span></h1>
      {shown && <StateChip state={shown} />}
      {exam && <span class="muted exam-tenant">{exam.tenant}</span>}
      <div class="parts" role="group" aria-label={t("exam.panes")}>
        {PARTS.map((one) => (
          <button type="button" key={one} aria-pressed={part.value === one} onClick={() => (part.value = one)}>
            {t(`exam.${one}`)}
          </button>
        ))}
      </div>
    </div>
  );
}
