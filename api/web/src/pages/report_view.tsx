/** A report beside the pictures: a structured report as nested lists of plain text, a PDF on canvases, or a text. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { client } from "../account_io";
import type { Report, ReportItem } from "../api/types";
import { named, t } from "../catalogue/language";
import { dayOf, type Item } from "../studies/items";
import type { PatientStudies } from "../studies/studies_io";
import { PdfView } from "./pdf_view";
import { Empty, Told } from "./told";

interface Props {
  readonly studies: PatientStudies;
  readonly item: Item;
}

export function ReportView({ studies, item }: Props) {
  const report = useSignal<Report | null>(null);
  const error = useSignal<unknown>(null);
  const path = `${studies.path}/files/${item.of === "file" ? item.sha256 : ""}`;
  const allowed = studies.files.value?.may_open !== false;
  const load = (): void => {
    error.value = null;
    client.get<Report>(`${path}/report`).then((found) => (report.value = found), (reason: unknown) => (error.value = reason));
  };
  useEffect(() => {
    if (allowed) load();
  }, [path, allowed]);
  if (!allowed) return <Empty what="studies.not_masked" next="studies.not_masked.next" />;
  if (error.value !== null) return <Told error={error.value} onRetry={load} />;
  const found = report.value;
  if (found === null) return <p class="muted" role="status">{t("studies.report.loading")}</p>;
  return (
    <article class="report" tabIndex={0} aria-label={t("studies.report")}>
      {item.of === "file" && !item.namesPatient && <p class="study-warning"><strong>{t("studies.confirmed")}</strong></p>}
      {found.title && <h3>{found.title}</h3>}
      <Standing report={found} />
      {found.cut && <p class="study-warning">{t("studies.report.cut")}</p>}
      {found.kind === "sr" && <Content items={found.items ?? []} />}
      {found.kind === "text" && <p class="report-text">{found.text}</p>}
      {found.kind === "pdf" && <PdfView path={`${path}/document`} />}
    </article>
  );
}

/** How far the report is, and of when. */
function Standing({ report }: { readonly report: Report }) {
  const said = [
    report.completion && named("studies.completion", report.completion),
    report.verification && named("studies.verification", report.verification),
    dayOf(report.date ?? ""),
  ].filter(Boolean);
  return said.length > 0 ? <p class="muted">{said.join(" · ")}</p> : null;
}

/** Content items, each with what hangs on it; those without a word are passed over. */
function Content({ items }: { readonly items: readonly ReportItem[] }) {
  const shown = items.filter(hasWords);
  if (shown.length === 0) return null;
  return (
    <ul class="report-items">
      {shown.map((one, index) => (
        <li key={index} data-kind={one.kind}>
          {one.name && <span class={one.kind === "CONTAINER" ? "report-heading" : "report-name"}>{one.name}</span>}{" "}
          {one.value && <span class="report-text">{valueOf(one)}</span>}
          <Content items={one.items ?? []} />
        </li>
      ))}
    </ul>
  );
}

function hasWords(item: ReportItem): boolean {
  return Boolean(item.name || item.value) || (item.items ?? []).some(hasWords);
}

function valueOf({ kind, value, unit }: ReportItem): string {
  if (kind === "DATE") return dayOf(value ?? "") || (value ?? "");
  if (kind === "PNAME") return (value ?? "").split("=")[0]!.split("^").filter(Boolean).join(" ");
  return unit ? `${value} ${unit}` : (value ?? "");
}
