import { Problem } from "../contracts/problem.ts";
import { ALL_SHOPS } from "../contracts/settings/server.ts";
import type { SettingName, Settings } from "../contracts/settings/settings.ts";
import { variableOf } from "../contracts/settings/variable.ts";
import type { Cloud } from "./cloud.ts";
import { recommenderName } from "./names.ts";
import { isAboutServing } from "./serving.ts";
import { findServices } from "./steps/services.ts";

/** The shops that this shop's recommender serves: itself, and others that its file names. */
export const servedShops = ({ shop, shops }: Pick<Settings, "shop" | "shops">): readonly string[] =>
  shops.length > 0 ? shops : [shop];

/** A settings file as it is written. */
interface Given {
  steamer: object;
  deploy: { servedBy?: string };
}

/** What does not fit in the settings about several shops; null if all does. */
export function faultOfShops(
  { shop, shops }: Pick<Settings, "shop" | "shops">,
  given: Given,
): { why: string; next: string } | null {
  const { servedBy } = given.deploy;
  if (shops.includes(ALL_SHOPS))
    return { why: `steamer.shops is ${ALL_SHOPS}`, next: "in a deployment name each shop" };
  if (shops.length > 0 && !shops.includes(shop))
    return {
      why: `steamer.shops leaves out ${shop}`,
      next: "name the shop itself too: it is its recommender",
    };
  if (servedBy === undefined) return null;
  if (servedBy === shop) return { why: `deploy.servedBy is ${shop} itself`, next: "leave it out" };
  const [useless] = aboutRecommender(given);
  if (useless === undefined) return null;
  const why = `${useless} is about a recommender, and this shop has none: that of ${servedBy} serves it`;
  return { why, next: `leave it out, and set it in the file of ${servedBy}` };
}

/** The settings of a file that only a service of its own would go by. */
const aboutRecommender = ({ steamer, deploy }: Given): string[] => [
  ...Object.keys(steamer)
    .filter(isAboutServing)
    .map((name) => `steamer.${name}`),
  ...Object.keys(deploy)
    .filter((name) => SERVING_ALONE.includes(name))
    .map((name) => `deploy.${name}`),
];

const SERVING_ALONE = [
  "access",
  "callers",
  "minInstances",
  "maxInstances",
  "personalizer",
  "personalizerMinInstances",
  "personalizerMaxInstances",
  "inferenceMinInstances",
  "inferenceMaxInstances",
  "inferenceMemory",
];

/** A setting of another shop's recommender as its environment has it; null: it is not there. */
export async function settingOfRecommender(
  cloud: Cloud,
  shop: string,
  name: SettingName,
): Promise<string | null> {
  const found = (await findServices(cloud)).get(recommenderName(shop));
  if (!found) return null;
  const env = found.spec?.template.spec.containers[0].env ?? [];
  return env.find((each) => each.name === variableOf(name))?.value ?? "";
}

/**
 * Looks whether the recommender of another shop serves this one, where the file says so.
 * @throws Problem when it does not: nobody would answer for the shop.
 */
export async function checkServed(cloud: Cloud): Promise<void> {
  const { steamer, deploy } = cloud;
  const { servedBy } = deploy;
  if (servedBy === undefined) return;
  const served = await settingOfRecommender(cloud, servedBy, "shops");
  if (served?.split(",").includes(steamer.shop)) return;
  throw new Problem({
    doing: `Looking for the recommender of ${steamer.shop}`,
    why: `that of ${servedBy} ${served === null ? "is not there" : "does not serve it"}`,
    next: `name ${steamer.shop} in steamer.shops of the file of ${servedBy}, and deploy that first`,
  });
}
