/** What the stored pane of a room holds: the running exam's clip, or the patient's studies and reports. */

import { t } from "../catalogue/language";
import type { PatientStudies } from "../studies/studies_io";

export function StoredTabs({ studies }: { readonly studies: PatientStudies }) {
  const open = studies.open.value;
  return (
    <div class="stored-tabs" role="group" aria-label={t("studies.tabs")}>
      <button type="button" aria-pressed={!open} onClick={() => studies.show(false)}>{t("studies.tab.clip")}</button>
      <button type="button" aria-pressed={open} onClick={() => studies.show(true)}>{t("studies.tab.studies")}</button>
    </div>
  );
}
