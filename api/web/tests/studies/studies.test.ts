import { describe, expect, it } from "vitest";

import type { Client } from "../../src/api/client_io";
import type { Files, Geometry, Studies } from "../../src/api/types";
import type { Picture } from "../../src/picture/samples";
import { dayOf, examItems, fileItems, rateOf } from "../../src/studies/items";
import { presetsOf, rangeOf, windowOf } from "../../src/studies/presets";
import { PatientStudies } from "../../src/studies/studies_io";
import { moduleOf, rescaled, spacingOf, whole } from "../../src/studies/values";

const STUDIES: Studies = {
  exams: [
    { session: "now", begun_at: "2026-11-25T10:00:00Z", modality: "US", is_this: true, sources: [{ source: "probe", kind: "probe", frames: 9, rate_hz: 30, lossy_image_compression: "01" }] },
    { session: "then", begun_at: "2025-01-01T10:00:00Z", modality: "XA", is_this: false, sources: [{ source: "angio", kind: "angiography", frames: 4, rate_hz: 0, lossy_image_compression: "00" }] },
  ],
};
const SHA = "a".repeat(64);
const FILES: Files = {
  may_open: true, left_out: 0,
  files: [{ sha256: SHA, kind: "images", modality: "CT", title: "Thorax", study_date: "20040119", frames: 1, rows: 128, columns: 128, size_bytes: 9, names_patient: false }],
};
const LOOK = { zoom: 2, x: 10, y: 20, center: 40, width: 400, inverted: false };

function client(answers: Record<string, unknown>): Client & { asked: string[] } {
  const asked: string[] = [];
  return { asked, get: async (path: string) => (asked.push(path), answers[path.split("/").at(-1)!]) } as unknown as Client & { asked: string[] };
}

describe("what is stored of a patient", () => {
  it("is named as views name it", () => {
    expect(examItems(STUDIES).map((one) => one.id)).toEqual(["exam:now:probe", "exam:then:angio"]);
    expect(fileItems(FILES).map((one) => [one.id, one.date, one.namesPatient])).toEqual([[`file:${SHA}`, "2004-01-19", false]]);
  });

  it("plays at the source's rate, else at one a person can follow", () => {
    expect(examItems(STUDIES).map(rateOf)).toEqual([30, 15]);
  });

  it("has dates only where there are any", () => {
    expect([dayOf("20040119"), dayOf(""), dayOf("2004")]).toEqual(["2004-01-19", "", ""]);
  });
});

describe("the studies of a room", () => {
  it("are told to the others while they are open and something is chosen", async () => {
    const studies = new PatientStudies(client({ studies: STUDIES, files: FILES }), "c-1");
    expect(studies.said.value).toBeNull();
    studies.show(true);
    await studies.load();
    expect(studies.said.value).toBeNull();
    studies.choose("exam:now:probe");
    studies.change(0, { frame: 4 });
    expect(studies.said.value?.panes).toEqual([{ item: "exam:now:probe", frame: 4, playing: false, rate_hz: 30, look: null }]);
    studies.show(false);
    expect(studies.said.value).toBeNull();
  });

  it("follow the presenter, who alone plays", () => {
    const studies = new PatientStudies(client({ studies: STUDIES, files: FILES }), "c-1");
    studies.follow({ panes: [{ item: "exam:now:probe", frame: 7, playing: true, rate_hz: 30, look: LOOK }] });
    expect([studies.open.value, studies.panes.value[0]]).toEqual([true, { item: "exam:now:probe", frame: 7, playing: false, rate_hz: 30, look: LOOK }]);
    studies.follow(null);
    expect(studies.open.value).toBe(false);
  });

  it("look for a file that came while they stood open", async () => {
    const api = client({ studies: STUDIES, files: { ...FILES, files: [] } });
    const studies = new PatientStudies(api, "c-1");
    studies.show(true);
    await studies.load();
    const before = api.asked.length;
    studies.follow({ panes: [{ item: `file:${SHA}`, frame: 0, playing: false, rate_hz: 15, look: null }] });
    expect(api.asked.slice(before)).toEqual(["v1/consults/c-1/files"]);
  });

  it("stand in one viewport or two", () => {
    const studies = new PatientStudies(client({}), "c-1");
    studies.split(2);
    studies.active.value = 1;
    expect(studies.panes.value).toHaveLength(2);
    studies.split(1);
    expect([studies.panes.value.length, studies.active.value]).toEqual([1, 0]);
    studies.split(9);
    expect(studies.panes.value).toHaveLength(2);
  });
});

const GEOMETRY = {
  pixel_spacing: [0.5, 0.25], photometric_interpretation: "MONOCHROME2", window_center: [], window_width: [], rescale_slope: 2,
  rescale_intercept: -1000,
  ultrasound_regions: [{ region_data_type: 1, region_spatial_format: 1, region_flags: 0, x0: 1, y0: 2, x1: 3, y1: 4, physical_units_x: 3, physical_units_y: 3, physical_delta_x: 0.01, physical_delta_y: 0.02 }],
} as unknown as Geometry;

describe("a frame in Cornerstone3D's words", () => {
  const of = { geometry: GEOMETRY, modality: "US", columns: 4, rows: 2, components: 1, bits: 12, signed: false };

  it("has its spacing, depth and regions", () => {
    expect(moduleOf("imagePlaneModule", of)).toMatchObject({ rowPixelSpacing: 0.5, columnPixelSpacing: 0.25 });
    expect(moduleOf("imagePixelModule", of)).toMatchObject({ bitsAllocated: 16, bitsStored: 12, pixelRepresentation: 0 });
    expect(moduleOf("calibrationModule", of)).toMatchObject({ sequenceOfUltrasoundRegions: [{ physicalDeltaX: 0.01, regionLocationMaxY1: 4 }] });
    expect(moduleOf("somethingElse", of)).toBeUndefined();
  });

  it("has no spacing where nobody knows one", () => {
    expect(spacingOf(null)).toBeNull();
    expect(spacingOf({ ...GEOMETRY, pixel_spacing: [0, 1] })).toBeNull();
    expect(moduleOf("imagePlaneModule", { ...of, geometry: null })).toMatchObject({ rowPixelSpacing: null });
  });

  it("is put together from its tiles", () => {
    const picture: Picture = {
      format: { columns: 3, rows: 2, components: 1, bits: 8, signed: false }, tiles: 2,
      pieces: [
        { x: 0, y: 0, columns: 2, rows: 2, samples: new Uint8Array([1, 2, 4, 5]) },
        { x: 2, y: 0, columns: 1, rows: 2, samples: new Uint8Array([3, 6]) },
      ],
    };
    expect([...whole(picture)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("is rescaled where its geometry says so, else left as it is", () => {
    const samples = new Uint16Array([0, 500]);
    expect([...rescaled(samples, GEOMETRY)]).toEqual([-1000, 0]);
    expect(rescaled(samples, null)).toBe(samples);
  });
});

describe("windows", () => {
  it("of CT have names, others none", () => {
    expect(presetsOf("CT").map((one) => one.name)).toContain("lung");
    expect(presetsOf("US")).toEqual([]);
  });

  it("reach from lower to upper as the standard says, and back", () => {
    expect(rangeOf(128, 256)).toEqual({ lower: 0, upper: 255 });
    expect(windowOf(rangeOf(-600, 1500))).toEqual({ center: -600, width: 1500 });
  });
});
