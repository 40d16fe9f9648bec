/** The viewer of studies: tools, one or two viewports, cine. Loaded when somebody opens a study. */

import { type Signal, useSignal } from "@preact/signals";

import { client } from "../account_io";
import { t } from "../catalogue/language";
import { bench, TOOLS, type ToolName } from "../studies/bench_io";
import { presetsOf } from "../studies/presets";
import type { PatientStudies } from "../studies/studies_io";
import type { StackView } from "../studies/viewport_io";
import { Minus, Plus, Whole } from "./icons";
import { StudyPane } from "./study_pane";

const ZOOM_STEP = 1.25;

export function StudyViewer({ studies }: { readonly studies: PatientStudies }) {
  const views = useSignal<readonly (StackView | null)[]>([null, null]);
  const tool = useSignal<ToolName>("scroll");
  const made = bench(client);
  const panes = studies.panes.value;
  return (
    <>
      <StudyTools studies={studies} view={views.value[studies.active.value] ?? null} tool={tool} use={(name) => made.use(name)} />
      <div class="study-panes" data-count={panes.length}>
        {panes.map((pane, index) => (
          <StudyPane key={index} studies={studies} pane={pane} index={index} bench={made}
            onView={(view) => (views.value = views.peek().map((one, at) => (at === index ? view : one)))} />
        ))}
      </div>
    </>
  );
}

interface ToolsProps {
  readonly studies: PatientStudies;
  readonly view: StackView | null;
  readonly tool: Signal<ToolName>;
  readonly use: (tool: ToolName) => void;
}

function StudyTools({ studies, view, tool, use }: ToolsProps) {
  const two = studies.panes.value.length > 1;
  return (
    <div class="study-tools">
      <div class="tools" role="group" aria-label={t("studies.tools")}>
        {TOOLS.map((one) => (
          <button type="button" key={one} data-study-tool={one} aria-pressed={tool.value === one} title={t(`studies.tool.${one}.title`)}
            onClick={() => {
              tool.value = one;
              use(one);
            }}>{t(`studies.tool.${one}`)}</button>
        ))}
      </div>
      <div class="tools">
        <button type="button" aria-pressed={two} onClick={() => studies.split(two ? 1 : 2)}>{t("studies.two")}</button>
        {view !== null && <Looking view={view} />}
      </div>
    </div>
  );
}

function Looking({ view }: { readonly view: StackView }) {
  const modality = view.stack.value?.item.modality ?? "";
  const presets = presetsOf(modality);
  return (
    <div class="tools-inner" role="group" aria-label={t("tools.label")}>
      <button type="button" class="square" aria-label={t("tools.zoom_out")} title={t("tools.zoom_out")} onClick={() => view.zoom(1 / ZOOM_STEP)}><Minus /></button>
      <button type="button" class="square" aria-label={t("tools.zoom_in")} title={t("tools.zoom_in")} onClick={() => view.zoom(ZOOM_STEP)}><Plus /></button>
      <button type="button" class="square" aria-label={t("tools.reset")} title={t("tools.reset")} onClick={() => view.reset()}><Whole /></button>
      {view.isGrey.value && (
        <>
          <button type="button" onClick={() => view.invert()}>{t("tools.invert")}</button>
          {presets.length > 0 && (
            <label class="choice">
              <select value="" aria-label={t("studies.preset")} onChange={(event) => {
                const chosen = presets.find((one) => one.name === event.currentTarget.value);
                if (chosen) view.setWindow(chosen.center, chosen.width);
                else view.reset();
              }}>
                <option value="">{t("studies.preset.own")}</option>
                {presets.map(({ name }) => <option key={name} value={name}>{t(`studies.preset.${name}`)}</option>)}
              </select>
            </label>
          )}
        </>
      )}
    </div>
  );
}
