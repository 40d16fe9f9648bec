/** The state of an exam: a sign and a word. */

import { named } from "../catalogue/language";
import { Check, Clock, Dot, Ring, Warning } from "./icons";

const SIGNS: ReadonlyMap<string, () => preact.JSX.Element> = new Map([
  ["announced", Ring], ["live", Dot], ["draining", Clock], ["sealed", Check], ["sealed_by_timeout", Check], ["failed", Warning],
]);

export function isRunning(state: string): boolean {
  return state === "announced" || state === "live" || state === "draining";
}

export function StateChip({ state }: { readonly state: string }) {
  const Sign = SIGNS.get(state) ?? Ring;
  return <span class={`chip chip-${state}`}><Sign /> {named("state", state)}</span>;
}
