/** Registers the functions; the variable FUNCTION_TARGET selects an instance's function. */
import { http } from "@google-cloud/functions-framework";
import { STAGES } from "../contracts/manifest.ts";
import { handlerOf, type Endpoint } from "./handler.ts";
import { personalizeEndpoint } from "./personalize.ts";
import { pushCatalogueEndpoint } from "./push-catalogue.ts";
import { runsEndpoint } from "./runs.ts";
import { scoreReviewEndpoint } from "./score-review.ts";
import { stageEndpoint } from "./stage.ts";
import { startRunEndpoint } from "./start-run.ts";

const endpoints = [
  startRunEndpoint,
  ...STAGES.map(stageEndpoint),
  runsEndpoint,
  personalizeEndpoint,
  scoreReviewEndpoint,
  pushCatalogueEndpoint,
];
for (const endpoint of endpoints) http(endpoint.name, handlerOf(endpoint as Endpoint<never>, process.env));
