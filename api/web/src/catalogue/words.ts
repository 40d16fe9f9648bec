/** Choosing a language and filling texts in. */

export type Language = "en" | "zh";
export type Values = Readonly<Record<string, string | number>>;

/** The kept choice, else the browser's first language that is ours. */
export function firstLanguage(kept: string | null, wanted: readonly string[]): Language {
  if (kept === "en" || kept === "zh") return kept;
  const known = wanted.map((one) => one.slice(0, 2)).find((one) => one === "en" || one === "zh");
  return known === "zh" ? "zh" : "en";
}

/** Put values into `{name}`; what has no value stays visible, so that it is noticed. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!).sort();
}

/** An age a person reads at a glance: milliseconds below 10 s, seconds above. */
export function shortAge(ms: number): { readonly unit: "ms" | "s"; readonly value: string } {
  return ms < 10_000 ? { unit: "ms", value: String(Math.round(ms)) } : { unit: "s", value: (ms / 1000).toFixed(1) };
}

/** Grey levels with as many digits as matter. */
export function levels(error: number): string {
  return error >= 10 ? error.toFixed(0) : error.toFixed(1);
}

/** A wait in whole minutes; 0: under one; null: nobody knows. */
export function waitOf(seconds: number | null): number | null {
  if (seconds === null || !Number.isFinite(seconds)) return null;
  return seconds < 60 ? 0 : Math.round(seconds / 60);
}
