/** One viewport of the studies: a picture with its cine and measures, or a report. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { client } from "../account_io";
import { t } from "../catalogue/language";
import { marks } from "../picture/marks";
import type { Bench } from "../studies/bench_io";
import type { Item } from "../studies/items";
import { openStack } from "../studies/stack_io";
import type { PatientStudies } from "../studies/studies_io";
import { StackView } from "../studies/viewport_io";
import type { ShownItem } from "../wire/room";
import { Marks } from "./marks";
import { ReportView } from "./report_view";
import { StudyCine } from "./study_cine";
import { Measures } from "./study_measures";
import { Empty, Told } from "./told";

interface Props {
  readonly studies: PatientStudies;
  readonly pane: ShownItem;
  readonly index: number;
  readonly bench: Bench;
  readonly onView: (view: StackView | null) => void;
}

export function StudyPane(props: Props) {
  const { studies, pane, index } = props;
  const item = studies.itemOf(pane);
  const isActive = studies.active.value === index;
  const several = studies.panes.value.length > 1;
  const take = (): void => {
    studies.active.value = index;
  };
  return (
    <section class="study-pane" data-active={several && isActive} data-pane={index} onPointerDownCapture={take} onFocusCapture={take}
      aria-label={t("studies.viewport", { number: index + 1 })}>
      {item === null && <Empty what="studies.choose.none" next="studies.choose.next" />}
      {item !== null && item.kind !== "images" && <ReportView key={item.id} studies={studies} item={item} />}
      {item !== null && item.kind === "images" && <Pictures key={`${index}/${item.id}`} {...props} item={item} />}
    </section>
  );
}

function Pictures({ studies, pane, index, bench, onView, item }: Props & { readonly item: Item }) {
  const box = useRef<HTMLDivElement>(null);
  const shown = useSignal<StackView | null>(null);
  const error = useSignal<unknown>(null);
  const allowed = item.of === "exam" || studies.files.value?.may_open !== false;

  const open = (view: StackView): void => {
    error.value = null;
    openStack(client, studies.path, item).then(
      (stack) => {
        const now = studies.panes.peek()[index];
        return view.show(stack, now?.frame ?? 0, now?.look ?? null);
      },
      (reason: unknown) => (error.value = reason),
    );
  };
  useEffect(() => {
    const element = box.current;
    if (!element || !allowed) return undefined;
    const view = new StackView(bench, `study-${index}`, element, (done) => studies.change(index, done));
    const sizes = new ResizeObserver(() => view.resize());
    sizes.observe(element);
    shown.value = view;
    onView(view);
    open(view);
    return () => {
      sizes.disconnect();
      shown.value = null;
      onView(null);
      view.close();
    };
  }, [bench, index, allowed]);

  const view = shown.value;
  const stack = view?.stack.value ?? null;
  useEffect(() => {
    if (view && stack) void view.go(stack.positionOf(pane.frame));
  }, [view, stack, pane.frame]);
  useEffect(() => {
    if (view && stack && pane.look) view.look(pane.look);
  }, [view, stack, pane.look]);

  if (!allowed) return <Empty what="studies.not_masked" next="studies.not_masked.next" />;
  const number = stack && view ? stack.numberAt(view.position.value) : "—";
  const failed = error.value ?? view?.error.value ?? null;
  return (
    <>
      <Facts item={item} view={view} />
      <div class="study-picture" tabIndex={0} role="group" aria-label={t("studies.picture", { number })}
        onKeyDown={(event) => view && press(event, view, (position) => studies.change(index, { frame: stack?.numberAt(position) ?? 0, playing: false }))}
        onContextMenu={(event) => event.preventDefault()}>
        <div class="study-canvas" ref={box} />
        {view?.window.value && <p class="study-window">{t("tools.window.value", { center: Math.round(view.window.value.center), width: Math.round(view.window.value.width) })}</p>}
        {failed !== null && <Told error={failed} {...(view ? { onRetry: () => open(view) } : {})} />}
        {failed === null && (view?.busy.value ?? true) && <p class="fetching" role="status">{t("stored.fetching")}</p>}
      </div>
      {view && stack && <StudyCine view={view} stack={stack} pane={pane} onChange={(values) => studies.change(index, values)} />}
      {view && <Measures view={view} />}
    </>
  );
}

/** What is to be known of the pixels. */
function Facts({ item, view }: { readonly item: Item; readonly view: StackView | null }) {
  const stack = view?.stack.value ?? null;
  const facts = marks({
    connected: true, ended: false, lateness: "no", filled: null, derived: stack?.derivedAt(view?.position.value ?? 0) ?? false,
    frame: stack && { exact: true, discard: 0, masked: view?.masked.value ?? 0 },
    lossySource: item.of === "exam" && item.isLossy, unmaskedSource: false,
  });
  return (
    <>
      {facts.length > 0 && <Marks marks={facts} fine={null} />}
      {item.of === "file" && !item.namesPatient && <p class="study-warning"><strong>{t("studies.confirmed")}</strong></p>}
    </>
  );
}

function press(event: KeyboardEvent, view: StackView, go: (position: number) => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const last = (view.stack.peek()?.imageIds.length ?? 1) - 1;
  const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -last, End: last };
  const by = steps[event.key];
  if (by !== undefined) go(Math.min(last, Math.max(0, view.position.peek() + by)));
  else if (event.key === "+" || event.key === "=") view.zoom(1.25);
  else if (event.key === "-") view.zoom(0.8);
  else if (event.key === "0") view.reset();
  else if (event.key === "i" && view.isGrey.peek()) view.invert();
  else return;
  event.preventDefault();
}
