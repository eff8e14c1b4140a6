import { EVENTS } from "../../contracts/interactions.ts";
import { defaultsOf, type Settings } from "../../contracts/settings/settings.ts";
import { knobsOfAll } from "../../contracts/settings/similarity.ts";

const { eventWeights: USUAL } = defaultsOf(["eventWeights"]);

/** A warning for event weights without effect: binary vectors ignore them. */
export function inertWeights(settings: Settings): string[] {
  const knobs = Object.values(knobsOfAll(settings));
  const isTuned = knobs.some(({ eventWeights }) =>
    EVENTS.some((event) => eventWeights[event] !== USUAL[event]),
  );
  if (!isTuned || knobs.some(({ vectors }) => vectors === "weighted")) return [];
  return [
    "eventWeights have no effect on binary vectors: set vectors=weighted, or weigh the query with queryWeights.",
  ];
}
