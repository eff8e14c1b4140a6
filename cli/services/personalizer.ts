import type { Settings } from "../../contracts/settings/settings.ts";
import { startService } from "./start.ts";

/**
 * Starts a Personalizer for these shops.
 * @param config the settings file that was named
 * @returns its host:port
 * @throws Problem when it ends before it listens.
 */
export function startPersonalizer(settings: Settings, config: string | undefined): Promise<string> {
  const { data, shop, shops, "als.blend": blend } = settings;
  const several = shops.length > 0 ? ["--shops", shops.join(",")] : [];
  const shared = ["--data", data, "--shop", shop, ...several, "--als.blend", `${blend}`];
  return startService("the Personalizer", "personalizer", [...shared, "--personalizer.port", "0"], config);
}
