/** What is stored of a patient, each thing by the name that views give it: `exam:<session>:<source>`, `file:<sha256>`. */

import type { Files, PatientFile, Studies, StudyExam } from "../api/types";

export type Kind = "images" | "sr" | "pdf" | "text";

interface Common {
  readonly id: string;
  readonly kind: Kind;
  readonly modality: string;
  readonly frames: number;
}

/** The stored frames of one source of one exam. */
export interface ExamItem extends Common {
  readonly of: "exam";
  readonly session: string;
  readonly source: string;
  readonly isThis: boolean;
  readonly begunAt: string;
  readonly rateHz: number;
  readonly isLossy: boolean;
}

/** A file from elsewhere. */
export interface FileItem extends Common {
  readonly of: "file";
  readonly sha256: string;
  readonly title: string;
  readonly date: string;
  readonly namesPatient: boolean;
}

export type Item = ExamItem | FileItem;

const FILE_RATE_HZ = 15; // where nobody says: a cine that a person can follow

export function examItems(studies: Studies | null): ExamItem[] {
  return (studies?.exams ?? []).flatMap((exam) => exam.sources.map((source) => examItem(exam, source)));
}

function examItem(exam: StudyExam, source: StudyExam["sources"][number]): ExamItem {
  return {
    of: "exam", id: `exam:${exam.session}:${source.source}`, kind: "images", modality: exam.modality, frames: source.frames,
    session: exam.session, source: source.source, isThis: exam.is_this, begunAt: exam.begun_at, rateHz: source.rate_hz,
    isLossy: source.lossy_image_compression === "01",
  };
}

export function fileItems(files: Files | null): FileItem[] {
  return (files?.files ?? []).map(fileItem);
}

function fileItem(file: PatientFile): FileItem {
  return {
    of: "file", id: `file:${file.sha256}`, kind: file.kind, modality: file.modality, frames: file.frames, sha256: file.sha256,
    title: file.title, date: dayOf(file.study_date), namesPatient: file.names_patient,
  };
}

/** A DICOM date as people write it; "" where there is none. */
export function dayOf(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : "";
}

export function rateOf(item: Item): number {
  return item.of === "exam" && item.rateHz > 0 ? item.rateHz : FILE_RATE_HZ;
}
