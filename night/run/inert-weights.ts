import { EVENTS } from "../../contracts/interactions.ts";
import { Settings } from "../../contracts/settings/settings.ts";

/** Event weights change nothing in binary vectors: say so, rather than let somebody tune them. */
export function inertWeights({
  vectors,
  eventWeights,
}: Pick<Settings, "vectors" | "eventWeights">): string[] {
  const { default: usual } = Settings.properties.eventWeights as unknown as { default: typeof eventWeights };
  if (vectors === "weighted" || EVENTS.every((event) => eventWeights[event] === usual[event])) return [];
  return [
    "eventWeights have no effect on binary vectors: set vectors=weighted, or weigh the query with queryWeights.",
  ];
}
