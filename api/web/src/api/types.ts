/** The API's values as the page uses them. */

export interface Counts {
  readonly captured: number;
  readonly assembled: number;
  readonly exact: number;
  readonly filled: number;
  readonly incomplete: number;
  readonly rejected: number;
  readonly stored: number;
  readonly missing: number;
  readonly derived: number;
  readonly behind: number;
}

export interface Geometry {
  readonly id: number;
  readonly columns: number;
  readonly rows: number;
  readonly samples_per_pixel: number;
  readonly bits_stored: number;
  readonly pixel_representation: number;
  readonly photometric_interpretation: string;
  readonly pixel_spacing: readonly number[];
  readonly window_center: readonly number[];
  readonly window_width: readonly number[];
  readonly rescale_slope?: number;
  readonly rescale_intercept?: number;
  readonly tile: number;
  readonly levels: number;
}

export interface Source {
  readonly source: string;
  readonly kind: string;
  readonly expected_rate_hz: number;
  readonly lossy_image_compression: string;
  readonly geometry: Geometry | null;
  readonly counts: Counts;
  readonly latency_ms: { readonly p50: number | null; readonly p95: number | null } | null;
  readonly last_frame: {
    readonly number: number;
    readonly captured_at_cloud_ns: string | number;
    readonly age_ms: number;
  } | null;
  readonly alarm: string;
}

export interface Session {
  readonly session: string;
  readonly tenant: string;
  readonly state: string;
  readonly modality: string;
  readonly access_mode: string;
  readonly announced_at: string;
  readonly sources: readonly Source[];
  readonly report: {
    readonly captured: number;
    readonly stored: number;
    readonly rejected: number;
    readonly missing: number;
    readonly derived: number;
    readonly by: string;
  } | null;
}

export interface Instance {
  readonly source: string;
  readonly sop_instance_uid: string;
  readonly series_instance_uid: string;
  readonly kind: string;
  readonly first: number;
  readonly last: number;
  readonly frames: number;
  /** First and last number, and index of the first from 0, of each run of frames in it. */
  readonly runs: readonly (readonly [number, number, number])[];
  readonly href: string;
}

export interface Consult {
  readonly consult: string;
  readonly session: string;
  readonly tenant: string;
  readonly state: "SCHEDULED" | "IN PROGRESS" | "COMPLETED" | "CANCELED";
  readonly reason: string;
  readonly urgency: string;
  readonly specialty: string;
  readonly requested_at: string;
  readonly requested_by: string;
  readonly claimed_by: string | null;
  readonly claimed_by_institution: string | null;
  readonly position: number | null;
  readonly expected_wait_s: number | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}
