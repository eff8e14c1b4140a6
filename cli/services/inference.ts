import type { Settings } from "../../contracts/settings/settings.ts";
import { isMissing, makeInBackground } from "./sentiment-model.ts";
import { startService } from "./start.ts";
import { tell } from "../print.ts";

/**
 * Starts the inference service that the settings describe. Where its folder has no model, the
 * default one is made first.
 * @param config the settings file that was named
 * @returns its host:port; null: it did not start, and has said why
 */
export async function startInference(settings: Settings, config: string | undefined): Promise<string | null> {
  const { "inference.model": model } = settings;
  if (isMissing(model)) await makeInBackground(model);
  const args = ["--inference.model", model, "--inference.port", "0"];
  try {
    return await startService("the inference service", "inference", args, config);
  } catch (error) {
    tell(`\n${(error as Error).message}\nReviews are kept, and wait for it.\n`);
    return null;
  }
}
