import { Value } from "typebox/value";
import { events } from "../../contracts/settings/events.ts";
import { answersToKeep, keptAnswers } from "../../contracts/settings/query.ts";
import { shapingNames } from "../../contracts/settings/schema.ts";
import { similarity } from "../../contracts/settings/similarity.ts";
import { defaultsOf, SHAPING_SETTINGS, type Settings } from "../../contracts/settings/settings.ts";

/**
 * The fingerprint of a model's input. An interrupted run is finished only by one with the same
 * fingerprint.
 */
export function fingerprintOf(
  settings: Settings,
  sources: Record<string, unknown> & { lastDay: string },
): Record<string, unknown> {
  const shaping = SHAPING_SETTINGS.filter((name) => settings[name] !== undefined);
  const values = Object.fromEntries(shaping.map((name) => [name, settings[name]]));
  return { ...values, ...answersToKeep(settings), ...sources };
}

/** Compares a fingerprint with one from a manifest, which is kept as JSON. */
export const isSameFingerprint = (kept: unknown, own: Record<string, unknown>): boolean =>
  Value.Equal(kept, JSON.parse(JSON.stringify(own)));

/** The settings of a run. Settings that shape its model have their values from the run's start. */
export function settingsOfRun(settings: Settings, fingerprint: Record<string, unknown>): Settings {
  const entries = Object.entries(settings).filter(([name]) => !HAS_NO_DEFAULT.has(name));
  const pinned = SHAPING_SETTINGS.filter((name) => fingerprint[name] !== undefined);
  return {
    ...Object.fromEntries(entries),
    ...Object.fromEntries(pinned.map((name) => [name, fingerprint[name]])),
    ...keptAnswers(fingerprint),
  } as Settings;
}

const DEFAULTS = defaultsOf(SHAPING_SETTINGS);

/** A setting without a default may have been unset at the run's start. Then it stays unset. */
const HAS_NO_DEFAULT = new Set(
  shapingNames({ ...events, ...similarity }).filter((name) => !(name in DEFAULTS)),
);
