import { Type, type Static } from "typebox";
import { als } from "./als.ts";
import { catalogue } from "./catalogue.ts";
import { cloud } from "./cloud.ts";
import { events } from "./events.ts";
import { inference } from "./inference.ts";
import { model } from "./model.ts";
import { personal } from "./personal.ts";
import { personalizer } from "./personalizer.ts";
import { query } from "./query.ts";
import { reviews } from "./reviews.ts";
import { shapingNames } from "./schema.ts";
import { server } from "./server.ts";
import { shop } from "./shop.ts";
import { similarity } from "./similarity.ts";

/** The groups of settings. Each is a file here, a group of flags and a section of the reference. */
export const SETTING_GROUPS = {
  shop,
  events,
  catalogue,
  similarity,
  als,
  model,
  query,
  personal,
  reviews,
  cloud,
  server,
  personalizer,
  inference,
};
export type SettingGroup = keyof typeof SETTING_GROUPS;

/**
 * The whole configuration in one record. Every setting is a flag (`--min-support`), an environment
 * variable (`STEAMER_MIN_SUPPORT`) and a key of the settings file (`minSupport`).
 * docs/configuration.md is generated from this schema.
 */
export const Settings = Type.Object(
  {
    ...shop,
    ...events,
    ...catalogue,
    ...similarity,
    ...als,
    ...model,
    ...cloud,
    ...query,
    ...personal,
    ...reviews,
    ...server,
    ...personalizer,
    ...inference,
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;
export type SettingName = keyof Settings;
export const SETTING_NAMES = Object.keys(Settings.properties) as SettingName[];

/** The settings that shape a model or decide its publication. */
export const SHAPING_SETTINGS = Object.values(SETTING_GROUPS).flatMap(shapingNames) as SettingName[];

/** The defaults of the given settings. Settings without a default are left out. */
export const defaultsOf = <K extends SettingName>(names: readonly K[]): Pick<Settings, K> =>
  Object.fromEntries(
    names
      .map((name) => [name, (Settings.properties[name] as { default?: unknown }).default])
      .filter(([, value]) => value !== undefined),
  ) as Pick<Settings, K>;
