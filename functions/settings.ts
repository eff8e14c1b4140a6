import { openObjects } from "../adapters/storage/choose.ts";
import { readSettings } from "../adapters/settings.ts";
import { paths } from "../contracts/layout.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";

/**
 * A run without a heartbeat for so long has died. It is longer than the delays and retries of a
 * slow queue.
 */
const LEASE_SECONDS = 900;

/**
 * The settings of a shop. Locations come from the function's environment; the rest comes from the
 * file that the operator deployed beside the shop's pointer.
 * @throws Problem when the shop has not been deployed, or its file does not fit.
 */
export async function settingsOfShop(env: NodeJS.ProcessEnv, shop: string): Promise<Settings> {
  const defaults = { shop, leaseSeconds: LEASE_SECONDS };
  const place = readSettings({ env, file: { path: "none", values: {} }, defaults });
  const path = paths.settings(shop);
  const stored = await openObjects(place).then((objects) => objects.get(path));
  if (!stored) {
    const next = "deploy it: infra/deploy <settings file>";
    throw new Problem({ doing: `Reading the settings of ${shop}`, why: "there is no such shop", next });
  }
  const values = JSON.parse(new TextDecoder().decode(stored.data)) as Record<string, unknown>;
  return readSettings({ env, file: { path, values }, defaults });
}
