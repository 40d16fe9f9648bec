/** The page's language: one signal, so that a switch changes every word at once. */

import { effect, signal } from "@preact/signals";

import { en, type Key } from "./en";
import { fill, firstLanguage, type Language, type Values } from "./words";
import { zh } from "./zh";

const KEPT = "huizhen.language";
const CATALOGUES: Record<Language, Record<Key, string>> = { en, zh };

export const language = signal<Language>(firstLanguage(localStorage.getItem(KEPT), navigator.languages));

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
  document.title = language.value === "zh" ? "会诊 Huizhen" : "Huizhen";
  localStorage.setItem(KEPT, language.value);
});

export function switchLanguage(): void {
  language.value = language.peek() === "zh" ? "en" : "zh";
}

/** Say a text of the catalogue in the page's language. */
export function t(key: Key, values: Values = {}): string {
  return fill(CATALOGUES[language.value][key], values);
}

/** Say a text whose key is made from data; the data itself where the catalogue does not know it. */
export function named(prefix: string, name: string): string {
  return CATALOGUES[language.value][`${prefix}.${name}` as Key] ?? name;
}

/** Say a point in time as a clock would, in this device's zone. */
export function clock(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "—";
  return at.toLocaleString(language.value === "zh" ? "zh-CN" : "en-GB", { dateStyle: "short", timeStyle: "short" });
}
