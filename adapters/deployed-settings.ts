import { paths } from "../contracts/layout.ts";
import { answering, type Deployed } from "../contracts/settings/answering.ts";
import type { Objects } from "../night/state/objects.ts";
import type { SettingsFile } from "./settings.ts";

/**
 * The settings that a shop was deployed with. Those of answers and users' lists are the ones that
 * the serving shop has now, so that their deployments may come in any order. Null: there is none.
 */
export async function deployedSettings(
  objects: Pick<Objects, "get">,
  shop: string,
): Promise<SettingsFile | null> {
  const deployed = await read(objects, shop);
  if (!deployed) return null;
  const { servedBy, ...values } = deployed;
  const path = paths.settings(shop);
  if (servedBy === undefined) return { path, values };
  const others = Object.entries((await read(objects, servedBy)) ?? {});
  return { path, values: { ...Object.fromEntries(others.filter(([name]) => name in answering)), ...values } };
}

async function read(objects: Pick<Objects, "get">, shop: string): Promise<Deployed | null> {
  const stored = await objects.get(paths.settings(shop));
  return stored && (JSON.parse(new TextDecoder().decode(stored.data)) as Deployed);
}
