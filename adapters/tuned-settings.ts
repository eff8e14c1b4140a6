import { readTuned } from "../night/state/tuned.ts";
import { readGiven, readSettings, type Given, type SettingSources } from "./settings.ts";
import { openObjects } from "./storage/choose.ts";

/**
 * The settings of a shop, those among them that were tuned on its own data. What the operator says
 * wins.
 */
export async function tunedSettings(sources: SettingSources): Promise<Given> {
  const place = readSettings(sources);
  const { settings } = await readTuned(await openObjects(place), place.shop);
  return readGiven({ ...sources, tuned: settings });
}
