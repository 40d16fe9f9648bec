/** A PDF drawn on canvases by pdf.js, without scripts of its own; its words beside them for who listens to the page. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { client } from "../account_io";
import { t } from "../catalogue/language";
import type { Pdf, PdfPage } from "../studies/pdf_io";
import { Told } from "./told";

export function PdfView({ path }: { readonly path: string }) {
  const pdf = useSignal<Pdf | null>(null);
  const page = useSignal<PdfPage | null>(null);
  const number = useSignal(1);
  const error = useSignal<unknown>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let closed = false;
    const opened = Promise.all([import("../studies/pdf_io"), client.download(path)]).then(([{ openPdf }, file]) => openPdf(file));
    opened.then((found) => closed || (pdf.value = found), (reason: unknown) => closed || (error.value = reason));
    return () => {
      closed = true;
      opened.then((found) => found.close(), () => undefined);
    };
  }, [path]);
  const found = pdf.value;
  useEffect(() => {
    const element = box.current;
    if (!found || !element) return;
    found.page(number.value, element.clientWidth).then((drawn) => {
      element.replaceChildren(drawn.canvas);
      page.value = drawn;
    }, (reason: unknown) => (error.value = reason));
  }, [found, number.value]);

  if (error.value !== null) return <Told error={error.value} />;
  const pages = found?.pages ?? 0;
  return (
    <div class="pdf">
      {found === null && <p class="muted" role="status">{t("studies.report.loading")}</p>}
      {pages > 1 && (
        <div class="clip-buttons">
          <button type="button" disabled={number.value <= 1} onClick={() => (number.value -= 1)}>{t("studies.pdf.back")}</button>
          <span>{t("studies.pdf.page", { number: number.value, pages })}</span>
          <button type="button" disabled={number.value >= pages} onClick={() => (number.value += 1)}>{t("studies.pdf.on")}</button>
        </div>
      )}
      <div class="pdf-page" ref={box} aria-hidden="true" data-page={page.value?.number} />
      <p class="unseen">{page.value?.text}</p>
    </div>
  );
}
