import { SIMILARITY_OPTIONS } from "../../contracts/jobs.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

/** The settings that shape a model, and whether it is published. */
const SHAPING = [
  "shop",
  "map",
  "eventNames",
  "identity",
  "days",
  "allowMissingDays",
  "rejectLimit",
  "dataset",
  "timeZone",
  "exportFormat",
  "engine",
  "stores",
  ...SIMILARITY_OPTIONS,
  "minItems",
  "minCoverage",
  "minOverlap",
] satisfies (keyof Settings)[];

/** What a model is made of: a run that died is only finished by one with the same fingerprint. */
export function fingerprintOf(
  settings: Settings,
  sources: Record<string, unknown> & { lastDay: string },
): Record<string, unknown> {
  const shaping = SHAPING.filter((name) => settings[name] !== undefined);
  return { ...Object.fromEntries(shaping.map((name) => [name, settings[name]])), ...sources };
}

/** The settings of a run: those that shape its model are as they were when it began, whatever has changed since. */
export function settingsOfRun(settings: Settings, fingerprint: Record<string, unknown>): Settings {
  const pinned = SHAPING.filter((name) => fingerprint[name] !== undefined);
  // Not set when it began is not set now either.
  const { gamma: _, ...others } = settings;
  return { ...others, ...Object.fromEntries(pinned.map((name) => [name, fingerprint[name]])) };
}
