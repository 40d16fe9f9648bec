/** The DICOM files of a session, each to be downloaded with the bearer token. */

import { useSignal } from "@preact/signals";

import { client, token } from "../account_io";
import { may } from "../api/rights";
import { named, t } from "../catalogue/language";
import { filesOf, type StoredFile, type StoredRun } from "../stored/runs";
import { Told } from "./told";

const LISTED_MAX = 200; // an hour of ultrasound has a thousand; the newest are listed

interface Props {
  readonly runs: readonly StoredRun[];
  readonly session: string;
}

export function Files({ runs, session }: Props) {
  const busy = useSignal("");
  const error = useSignal<unknown>(null);

  const allowed = may(token.value?.roles ?? [], "file");

  const files = filesOf(runs);

  async function download(one: StoredFile): Promise<void> {
    busy.value = one.uid;
    error.value = null;
    try {
      const path = `v1/sessions/${encodeURIComponent(session)}/instances/${one.uid}`;
      save(await client.download(path), `${session}-${one.source}-${one.first}.dcm`);
    } catch (reason) {
      error.value = reason;
    }
    busy.value = "";
  }

  return (
    <details class="files">
      <summary>{t("stored.files", { count: files.length })}</summary>
      {error.value !== null && <Told error={error.value} />}
      <ul>
        {files.slice(0, LISTED_MAX).map((one) => (
          <li key={one.uid}>
            <span>{t("stored.file", { kind: named("stored.kind", one.kind), first: one.first, last: one.last })}</span>
            {allowed && (
              <button type="button" disabled={busy.value !== ""} onClick={() => void download(one)}
                aria-label={t("stored.download.label", { first: one.first, last: one.last })}>
                {t(busy.value === one.uid ? "stored.downloading" : "stored.download")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
