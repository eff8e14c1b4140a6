import { jobFiles } from "../contracts/layout.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Deployment } from "./deployment.ts";
import { hasReviews } from "./serving.ts";

/** Seconds after which Google Cloud ends a call of the function `score-review`. */
export const SCORING_SECONDS = 300;
/** Of them for what is no call of the inference service: pauses between them, and Datastore. */
const OTHER_SECONDS = 60;
/** A text that has failed is tried after a plain one. */
const TEXTS = 2;

/** Where the language models of a deployment are. */
const modelsIn = ({ data }: Pick<Settings, "data">) => `${data}/${jobFiles.languageModels}`;

/** The folder of the inference service's model: the file's, or the place for a first one. */
export const languageModel = ({ given, steamer }: Pick<Deployment, "given" | "steamer">): string =>
  given["inference.model"] ?? `${modelsIn(steamer)}sentiment`;

/** What does not fit in the settings about reviews; null if all does. */
export function faultOfReviews(
  deployment: Pick<Deployment, "given" | "steamer" | "deploy">,
): { why: string; next: string } | null {
  if (!hasReviews(deployment)) return null;
  return faultOfModel(languageModel(deployment), modelsIn(deployment.steamer)) ?? faultOfTimes(deployment);
}

function faultOfModel(model: string, models: string) {
  if (model.startsWith(models) && model !== models) return null;
  const next = `in a deployment it is ${models}<folder>: the service may read nothing else; leave it out for ${models}sentiment`;
  return { why: `steamer.inference.model is ${model}`, next };
}

/** A review that takes longer than the function may would never be scored. */
function faultOfTimes({ steamer }: Pick<Deployment, "steamer">) {
  const { "reviews.callMs": callMs, "reviews.retries": retries } = steamer;
  const seconds = Math.ceil((TEXTS * (1 + retries) * callMs) / 1000);
  const most = SCORING_SECONDS - OTHER_SECONDS;
  if (seconds <= most) return null;
  const why = `with steamer.reviews.callMs ${callMs} and steamer.reviews.retries ${retries} the calls for one review may take ${seconds} s, and the function that makes them has ${most} s`;
  return { why, next: "lower them: a review whose call fails is tried again later anyway" };
}
