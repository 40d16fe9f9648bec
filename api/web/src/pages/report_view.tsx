/** A report beside the pictures. */

import { t } from "../catalogue/language";
import type { Item } from "../studies/items";
import type { PatientStudies } from "../studies/studies_io";

export function ReportView({ item }: { readonly studies: PatientStudies; readonly item: Item }) {
  return <p class="muted">{t("studies.loading")} {item.id}</p>;
}
