/** The frame of every page: name, places, language, who is signed in, and the notice that never goes away. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { phase, signOut, token } from "../account_io";
import { may } from "../api/rights";
import { language, switchLanguage, t } from "../catalogue/language";
import { href, readRoute, type Route } from "../route";
import { ExamPage } from "./exam";
import { ExamsPage } from "./exams";
import { Warning } from "./icons";
import { QueuePage } from "./queue";
import { RoomPage } from "./room";
import { SignInPage } from "./signin";

const route = signal<Route>(readRoute(location.hash));
globalThis.addEventListener("hashchange", () => (route.value = readRoute(location.hash)));

export function App() {
  const signedIn = phase.value === "signed_in";
  return (
    <div class="app">
      <a class="skip" href="#content" onClick={skip}>{t("app.skip")}</a>
      <header class="top">
        <a class="brand" href={href({ page: "exams" })}>
          <img src="./favicon.svg" alt="" width="24" height="24" />
          <span lang="zh-Hans">会诊</span> <span class="brand-latin" lang="en">Huizhen</span>
        </a>
        {signedIn && <Places />}
        <p class="notice" title={t("app.notice.long")}>
          <Warning /> {t("app.notice")}
        </p>
        <button type="button" class="quiet" lang={language.value === "zh" ? "en" : "zh-Hans"} onClick={switchLanguage}
          title={t("app.language.label")}>
          {t("app.language")}
        </button>
        {signedIn && <Account />}
      </header>
      <main id="content" tabIndex={-1}>{signedIn ? <Content /> : <SignInPage />}</main>
    </div>
  );
}

function skip(event: Event): void {
  event.preventDefault(); // the fragment is the route: only the focus moves
  document.getElementById("content")?.focus();
}

function Places() {
  const here = route.value.page;
  return (
    <nav class="places" aria-label={t("nav.label")}>
      <a href={href({ page: "exams" })} aria-current={here === "exams" || here === "exam" ? "page" : undefined}>{t("nav.exams")}</a>
      {may(token.value?.roles ?? [], "queue") && (
        <a href={href({ page: "queue" })} aria-current={here === "queue" ? "page" : undefined}>{t("nav.queue")}</a>
      )}
    </nav>
  );
}

function Account() {
  const { subject = "", institution = "" } = token.value ?? {};
  return (
    <div class="account">
      <span class="account-name" title={t("app.signed_in_as", { subject, institution })}>{subject}</span>
      <button type="button" class="quiet" onClick={() => void signOut()}>{t("app.sign_out")}</button>
    </div>
  );
}

function Content() {
  const { value } = route;
  useEffect(() => document.getElementById("content")?.scrollTo(0, 0), [value]);
  if (value.page === "exam") return <ExamPage key={value.session} session={value.session} />;
  if (value.page === "room") return <RoomPage key={value.consult} consult={value.consult} invite={value.invite} />;
  return value.page === "queue" ? <QueuePage /> : <ExamsPage />;
}
