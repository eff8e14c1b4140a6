import { describe, expect, it } from "vitest";
import { asking, ifThere, statusOf, unlessThere } from "../../../adapters/gcp/failures.ts";
import { Problem } from "../../../contracts/problem.ts";

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const ask = (failure: unknown) => asking("Looking", "ask somebody", () => Promise.reject(failure));

describe("a failure of Google's clients", () => {
  it.each([
    ["gRPC: busy", { code: 14 }],
    ["gRPC: too many requests", { code: 8 }],
    ["gRPC: too late", { code: 4 }],
    ["gRPC: aborted", { code: 10 }],
    ["gRPC: internal", { code: 13 }],
    ["gRPC: unknown", { code: 2 }],
    ["HTTP: too many requests", { code: 429 }],
    ["HTTP: down", { code: 503 }],
    ["BigQuery: too many requests under 403", { code: 403, errors: [{ reason: "rateLimitExceeded" }] }],
    ["network", { code: "ECONNRESET" }],
    ["not Google's at all", {}],
  ])("that may pass is thrown as it is (%s)", async (_, fields) => {
    const failure = error("no", fields);
    await expect(ask(failure)).rejects.toBe(failure);
  });

  it.each([
    [{ code: 7, details: "no right" }, "Looking: no right (PERMISSION_DENIED)\n  Next: ask somebody"],
    [
      { code: 403, errors: [{ reason: "accessDenied", message: "no right." }] },
      "no right (PERMISSION_DENIED)",
    ],
    [{ code: 404 }, "Looking: no (NOT_FOUND)"],
    [{ code: 400 }, "(INVALID_ARGUMENT)"],
    [{ code: 403, errors: [{ reason: "quotaExceeded", message: "Quota exceeded" }] }, "ask for a higher one"],
    [{ code: 16 }, "gcloud auth application-default login"],
    [{ code: 7, details: "API has not been used in project toys before or it is disabled" }, "infra/deploy"],
  ])("that stays is a problem with a next step (%j)", async (fields, expected) => {
    const problem = await ask(error("no", fields)).catch((failure: unknown) => failure);
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).message).toContain(expected);
  });

  it("without credentials says how to sign in", async () => {
    await expect(ask(error("Could not load the default credentials."))).rejects.toThrow(/Next: sign in/);
  });

  it("that is a problem already stays what it is", async () => {
    const problem = new Problem({ doing: "a", why: "b", next: "c" });
    expect(statusOf(problem)).toBeUndefined();
    await expect(ask(problem)).rejects.toBe(problem);
  });
});

it("What is not there is null, and what is there already need not be made", async () => {
  expect(await ifThere(() => Promise.reject(error("gone", { code: 5 })))).toBeNull();
  expect(await ifThere(() => Promise.resolve(1))).toBe(1);
  await expect(ifThere(() => Promise.reject(error("no", { code: 7 })))).rejects.toThrow("no");
  await unlessThere(() => Promise.reject(error("there", { code: 409 })));
  await expect(unlessThere(() => Promise.reject(error("no", { code: 7 })))).rejects.toThrow("no");
});
