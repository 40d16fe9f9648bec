/** The state of an exam: a sign and a word. */

import { named } from "../catalogue/language";
import { Check, Clock, Dot, Ring, Warning } from "./icons";

const SIGNS: Readonly<Record<string, () => preact.JSX.Element>> = {
  announced: Ring, live: Dot, draining: Clock, sealed: Check, sealed_by_timeout: Check, failed: Warning,
};

export function isRunning(state: string): boolean {
  return state === "announced" || state === "live" || state === "draining";
}

export function StateChip({ state }: { readonly state: string }) {
  const Sign = SIGNS[state] ?? Ring;
  return <span class={`chip chip-${state}`}><Sign /> {named("state", state)}</span>;
}
