import { Type, type Static } from "typebox";

/** The body of every error answer: RFC 9457, `application/problem+json`. */
export const HttpProblem = Type.Object({
  type: Type.String({ description: "about:blank: the title says it" }),
  title: Type.String({ description: "the status in words" }),
  status: Type.Integer(),
  detail: Type.String({ description: "what is wrong, and what would be right" }),
  field: Type.Optional(Type.String({ description: "of a 400: the part of the request that is at fault" })),
});
export type HttpProblem = Static<typeof HttpProblem>;

export const PROBLEM_TYPE = "application/problem+json";
