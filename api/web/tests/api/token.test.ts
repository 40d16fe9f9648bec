import { describe, expect, it } from "vitest";

import { Problem, readProblem, troubleOf } from "../../src/api/problem";
import { may } from "../../src/api/rights";
import { codeFromPaste, codeIn, institutionOf, isExpired, readToken, renewInMs } from "../../src/api/token";
import { href, readRoute } from "../../src/route";

const JWT = `x.${Buffer.from(JSON.stringify({ institution: "clinic" })).toString("base64url")}.y`;

describe("the token", () => {
  const token = readToken({ access_token: JWT, expires_in: 600, subject: "dr-li", roles: ["expert", 7] }, 1_000);

  it("is read with its end of life", () => {
    expect(token).toEqual({ accessToken: JWT, expiresAtMs: 601_000, subject: "dr-li", institution: "clinic", roles: ["expert"] });
    expect(isExpired(token, 600_999)).toBe(false);
    expect(isExpired(token, 601_000)).toBe(true);
  });

  it("is renewed when a quarter of its life is left, at once where less is", () => {
    expect(renewInMs(token, 600_000, 1_000)).toBe(450_000);
    expect(renewInMs(token, 600_000, 600_000)).toBe(1_000);
  });

  it("is refused where the answer has none", () => {
    expect(() => readToken({}, 0)).toThrow();
    expect(() => readToken(null, 0)).toThrow();
  });

  it("shows no institution where it cannot be read", () => {
    for (const bad of ["", "a.b", "a.!!.c", "only"]) expect(institutionOf(bad)).toBe("");
  });
});

describe("the sign-in code", () => {
  it("is found in the fragment alone", () => {
    expect(codeIn("#signin=abc.def-123_x")).toBe("abc.def-123_x");
    for (const other of ["", "#/", "#signin=", "#signin=short", "#signin=<script>", "#x#signin=abcdefgh"]) expect(codeIn(other)).toBe("");
  });

  it("may be pasted alone or as the whole link", () => {
    expect(codeFromPaste("  http://127.0.0.1:8080/#signin=abc.def \n")).toBe("abc.def");
    expect(codeFromPaste(" abc.def ")).toBe("abc.def");
  });
});

describe("troubles", () => {
  it("are told apart by status", () => {
    const kinds = [0, 401, 403, 404, 409, 429, 503, 500].map((status) => troubleOf(new Problem(status, "", "")));
    expect(kinds).toEqual(["unreachable", "signed_out", "refused", "absent", "conflict", "too_many", "unavailable", "failed"]);
    expect(troubleOf(new Error("x"))).toBe("failed");
  });

  it("are read from problem details, and from anything else without failing", () => {
    expect(readProblem(403, '{"title":"No","detail":"role"}')).toMatchObject({ status: 403, title: "No", detail: "role" });
    for (const body of ["", "<html>", "[]", "null"]) expect(readProblem(502, body)).toMatchObject({ status: 502, title: "" });
  });
});

describe("routes and rights", () => {
  it("read back what they write", () => {
    for (const route of [{ page: "exams" }, { page: "queue" }, { page: "exam", session: "s-1a" }] as const) {
      expect(readRoute(href(route))).toEqual(route);
    }
    for (const odd of ["#/exams/", "#/exams/../x", "#/exams/A", "#x"]) expect(readRoute(odd)).toEqual({ page: "exams" });
  });

  it("offer only what a role has", () => {
    expect(may(["expert"], "consult")).toBe(true);
    expect(may(["trainee", "qc"], "file")).toBe(false);
    expect(may(["nobody", "constructor"], "watch")).toBe(false);
  });
});
