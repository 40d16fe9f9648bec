/** Upload files of the patient: DICOM or plain text. What names another patient is asked about first. */

import { useSignal } from "@preact/signals";

import { client } from "../account_io";
import { Problem } from "../api/problem";
import type { PatientFile } from "../api/types";
import { t } from "../catalogue/language";
import type { PatientStudies } from "../studies/studies_io";
import { Warning } from "./icons";
import { Told } from "./told";

/** A file and what is the matter with it. */
interface Refused {
  readonly file: File;
  readonly error: unknown;
}

export function Upload({ studies }: { readonly studies: PatientStudies }) {
  const busy = useSignal("");
  const refused = useSignal<Refused | null>(null);
  const told = useSignal("");

  async function send(files: readonly File[], query = ""): Promise<void> {
    refused.value = null;
    told.value = "";
    let last: PatientFile | null = null;
    for (const file of files) {
      busy.value = file.name;
      const body = new Blob([file], { type: file.name.toLowerCase().endsWith(".txt") ? "text/plain" : "application/dicom" });
      try {
        last = await client.send<PatientFile>(`${studies.path}/files${query}`, body);
      } catch (error) {
        refused.value = { file, error };
        break; // what comes behind it is most likely of the same patient, or as little a picture
      }
    }
    busy.value = "";
    await studies.loadFiles();
    if (last !== null) {
      studies.choose(`file:${last.sha256}`);
      told.value = t("studies.uploaded");
    }
  }
  function choose(event: Event): void {
    const input = event.currentTarget as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = "";
    if (files.length > 0 && busy.peek() === "") void send(files);
  }
  return (
    <>
      <label class="button">
        <input class="unseen" type="file" multiple accept=".dcm,.dicom,application/dicom,.txt,text/plain" onChange={choose} />
        {t("studies.upload")}
      </label>
      {busy.value !== "" && <span class="muted" role="status">{t("studies.uploading", { name: busy.value })}</span>}
      {told.value !== "" && <span class="muted" role="status">{told.value}</span>}
      {refused.value !== null && <Refusal of={refused.value} onConfirm={(file) => void send([file], "?patient=confirmed")}
        onGiveUp={() => (refused.value = null)} />}
    </>
  );
}

const REASONS = new Set([409, 413, 415, 422]);

function Refusal({ of, onConfirm, onGiveUp }: { readonly of: Refused; readonly onConfirm: (file: File) => void; readonly onGiveUp: () => void }) {
  const status = of.error instanceof Problem ? of.error.status : 0;
  if (!REASONS.has(status)) return <Told error={of.error} />;
  return (
    <div class="told" role="alert">
      <p class="told-what"><Warning /> {t(`studies.refused.${status as 409 | 413 | 415 | 422}`, { name: of.file.name })}</p>
      <p>{t(`studies.refused.${status as 409 | 413 | 415 | 422}.next`)}</p>
      {status === 409 && <button type="button" onClick={() => onConfirm(of.file)}>{t("studies.refused.confirm")}</button>}{" "}
      <button type="button" onClick={onGiveUp}>{t("studies.refused.leave")}</button>
    </div>
  );
}
