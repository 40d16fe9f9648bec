/** The API's values as the page names them. `schema.ts` is made from docs/openapi.json before each build and check. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Counts = Readonly<Schemas["CountsView"]>;
export type Geometry = Readonly<Schemas["GeometryView"]> & {
  readonly rescale_slope?: number;
  readonly rescale_intercept?: number;
};
export type Source = Readonly<Schemas["SourceView"]>;
export type Account = Readonly<Schemas["AccountView"]>;
export type Session = Readonly<Schemas["SessionView"]>;
export type Instance = Readonly<Schemas["InstanceView"]>;
export type Studies = Readonly<Schemas["StudiesView"]>;
export type StudyExam = Readonly<Schemas["ExamView"]>;
export type Files = Readonly<Schemas["FilesView"]>;
export type PatientFile = Readonly<Schemas["FileView"]>;
export type Report = Readonly<Schemas["Report"]>;
export type ReportItem = Readonly<Schemas["ReportItem"]>;
export type StepState = Schemas["StepState"];
export type Consult = Readonly<Omit<Schemas["ConsultView"], "state">> & { readonly state: StepState };

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}
