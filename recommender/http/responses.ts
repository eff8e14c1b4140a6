import type { TSchema } from "typebox";
import { HttpProblem, PROBLEM_TYPE } from "../../contracts/http/http-problem.ts";

const MEANS: Record<number, string> = {
  400: "the request is not well formed; `field` names what is at fault",
  401: "no valid key",
  403: "the key opens another shop",
  404: "there is no such thing",
  413: "the body is too long",
  422: "the Idempotency-Key came with another body before",
  429: "too many: try again after Retry-After",
  415: "the body is not JSON, or has a content-encoding",
  503: "there is no model yet, what is needed cannot be read, or there is too much to do: try again after Retry-After",
};

/** The answers of a route: what was asked for, or a problem. */
export function withProblems<T extends TSchema>(answer: T, ...statuses: number[]) {
  return { 200: { description: "what was asked for", ...answer }, ...problems(statuses) } as unknown as {
    200: T;
  };
}

export function problems(statuses: readonly number[]): object {
  const content = { [PROBLEM_TYPE]: { schema: HttpProblem } };
  return Object.fromEntries(statuses.map((status) => [status, { description: MEANS[status], content }]));
}
