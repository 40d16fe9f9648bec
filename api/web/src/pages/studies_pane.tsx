/** The patient's studies in the stored pane: exams and files, one or two beside each other; reports as text. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { token } from "../account_io";
import { may } from "../api/rights";
import { clock, t } from "../catalogue/language";
import type { ExamItem, FileItem } from "../studies/items";
import type { PatientStudies } from "../studies/studies_io";
import { StoredTabs } from "./stored_tabs";
import { Empty, Told } from "./told";
import { Upload } from "./upload";

type Viewer = typeof import("./study_viewer").StudyViewer;

export function StudiesPane({ studies }: { readonly studies: PatientStudies }) {
  const viewer = useSignal<Viewer | null>(null);
  const failed = useSignal<unknown>(null);
  const load = (): void => {
    failed.value = null;
    import("./study_viewer").then((found) => (viewer.value = found.StudyViewer), (error: unknown) => (failed.value = error));
  };
  useEffect(load, []);
  const Shown = viewer.value;
  return (
    <div class="pane-body studies">
      <div class="bar">
        <h2 id="stored-title">{t("stored.title")}</h2>
        <StoredTabs studies={studies} />
      </div>
      <div class="study-choosing">
        <Choosing studies={studies} />
        {may(token.value?.roles ?? [], "file") && <Upload studies={studies} />}
        {studies.filesError.value !== null && <Told error={studies.filesError.value} onRetry={() => void studies.loadFiles()} />}
      </div>
      {failed.value !== null && <Told error={failed.value} onRetry={load} />}
      {Shown === null && failed.value === null && <p class="muted" role="status">{t("studies.loading")}</p>}
      {Shown !== null && <Shown studies={studies} />}
    </div>
  );
}

/** Which study stands in the active viewport. */
function Choosing({ studies }: { readonly studies: PatientStudies }) {
  const items = studies.items.value;
  const exams = items.filter((one): one is ExamItem => one.of === "exam");
  const files = items.filter((one): one is FileItem => one.of === "file");
  const error = studies.error.value;
  const active = studies.active.value;
  const chosen = studies.panes.value[active]?.item ?? "";
  if (error !== null) return <Told error={error} onRetry={() => void studies.load()} />;
  if (studies.exams.value === null) return <p class="muted" role="status">{t("studies.looking")}</p>;
  if (items.length === 0) return <Empty what="studies.none" next="studies.none.next" />;
  return (
    <label class="choice study-choice">
      <span>{t("studies.choose")}</span>
      <select value={chosen} onChange={(event) => studies.choose(event.currentTarget.value)}>
        <option value="" disabled>{t("studies.choose.none")}</option>
        <Group label={t("studies.this")} items={exams.filter((one) => one.isThis)} />
        <Group label={t("studies.earlier")} items={exams.filter((one) => !one.isThis)} />
        {files.length > 0 && (
          <optgroup label={t("studies.files")}>
            {files.map((one) => <option key={one.id} value={one.id}>{fileName(one)}</option>)}
          </optgroup>
        )}
      </select>
    </label>
  );
}

function Group({ label, items }: { readonly label: string; readonly items: readonly ExamItem[] }) {
  if (items.length === 0) return null;
  return (
    <optgroup label={label}>
      {items.map((one) => (
        <option key={one.id} value={one.id}>
          {t("studies.exam", { at: clock(one.begunAt), modality: one.modality, source: one.source, frames: one.frames })}
        </option>
      ))}
    </optgroup>
  );
}

function fileName({ kind, title, modality, date, frames, sha256 }: FileItem): string {
  const name = title || modality || sha256.slice(0, 8);
  return t(`studies.file.${kind}`, { name, date, frames });
}
