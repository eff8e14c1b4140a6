import { openObjects } from "../adapters/storage/choose.ts";
import { deployedSettings } from "../adapters/deployed-settings.ts";
import { readSettings } from "../adapters/settings.ts";
import { readTuned } from "../night/state/tuned.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";

/**
 * A run without a heartbeat for so long has died. It is longer than the delays and retries of a
 * slow queue.
 */
const LEASE_SECONDS = 900;

/**
 * The settings of a shop. Locations come from the function's environment; the rest comes from the
 * files that the operator deployed beside the pointers, and from what was tuned.
 * @throws Problem when the shop has not been deployed, or its file does not fit.
 */
export async function settingsOfShop(env: NodeJS.ProcessEnv, shop: string): Promise<Settings> {
  const defaults = { shop, leaseSeconds: LEASE_SECONDS };
  const place = readSettings({ env, file: { path: "none", values: {} }, defaults });
  const objects = await openObjects(place);
  const file = await deployedSettings(objects, shop);
  if (!file) {
    const next = "deploy it: infra/deploy <settings file>";
    throw new Problem({ doing: `Reading the settings of ${shop}`, why: "there is no such shop", next });
  }
  const tuned = (await readTuned(objects, shop)).settings;
  const settings = readSettings({ env, file, defaults, tuned });
  if (settings.shop === shop) return settings;
  const next = "deploy both shops again, each with its own settings file";
  const why = `${file.path} is of ${settings.shop}`;
  throw new Problem({ doing: `Reading the settings of ${shop}`, why, next });
}
