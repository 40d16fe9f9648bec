/** The DICOM files of a session, each to be downloaded with the bearer token. */

import { useSignal } from "@preact/signals";

import { client, token } from "../account_io";
import { may } from "../api/rights";
import type { Instance } from "../api/types";
import { named, t } from "../catalogue/language";
import { Told } from "./told";

const LISTED_MAX = 200; // an hour of ultrasound has a thousand; the newest are listed

interface Props {
  readonly items: readonly Instance[];
  readonly session: string;
}

export function Files({ items, session }: Props) {
  const busy = useSignal("");
  const error = useSignal<unknown>(null);

  const allowed = may(token.value?.roles ?? [], "file");

  async function download(one: Instance): Promise<void> {
    busy.value = one.sop_instance_uid;
    error.value = null;
    try {
      save(await client.download(one.href), `${session}-${one.source}-${one.first}.dcm`);
    } catch (reason) {
      error.value = reason;
    }
    busy.value = "";
  }

  return (
    <details class="files">
      <summary>{t("stored.files", { count: items.length })}</summary>
      {error.value !== null && <Told error={error.value} />}
      <ul>
        {items.slice(-LISTED_MAX).reverse().map((one) => (
          <li key={`${one.sop_instance_uid}/${one.first}`}>
            <span>{t("stored.file", { kind: named("stored.kind", one.kind), first: one.first, last: one.last })}</span>
            {allowed && (
              <button type="button" disabled={busy.value !== ""} onClick={() => void download(one)}
                aria-label={t("stored.download.label", { first: one.first, last: one.last })}>
                {t(busy.value === one.sop_instance_uid ? "stored.downloading" : "stored.download")}
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
