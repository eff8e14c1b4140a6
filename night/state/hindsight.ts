import { Value } from "typebox/value";
import { Hindsight, type DayTest, type Figures } from "../../contracts/hindsight.ts";
import { DEEDS, type Deed } from "../../contracts/jobs.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";

/** What a night found of the model that served on its last day; undefined: it scored none. */
export function hindsightOf({ stages }: Manifest): Hindsight | undefined {
  const found = stages.publish.metrics?.["hindsight"];
  return Value.Check(Hindsight, found) ? found : undefined;
}

/** What people did, in words. */
export const DID: Record<Deed, string> = { purchase: "bought", add_to_cart: "put into the basket" };

/** With fewer users a standard error is itself a matter of chance. */
export const ENOUGH_USERS = 30;

/** What a day is judged by: what was bought, or where too few bought what was put into baskets. */
export function deedOf(deeds: Hindsight["deeds"]): Deed {
  const enough = DEEDS.find((deed) => (deeds[deed]?.users ?? 0) >= ENOUGH_USERS);
  return enough ?? DEEDS.find((deed) => deeds[deed])!;
}

/** The one line of a hindsight: the main table, on what the day is judged by. */
export interface Headline {
  day: string;
  model: string;
  deed: Deed;
  users: number;
  main: Figures;
  mostPopular: Figures;
  /** Clicks / impressions; undefined: nobody knows of any. */
  clickThrough: number | undefined;
}

export function headlineOf({ day, model, deeds, clicks }: Hindsight): Headline {
  const deed = deedOf(deeds);
  const { users, tables, mostPopular } = deeds[deed] as DayTest;
  const clickThrough = clicks && clicks.clicks / clicks.impressions;
  return { day, model, deed, users, main: tables[MAIN_TABLE], mostPopular, clickThrough };
}

/** The headline of the latest earlier day that was judged by the same deed. */
export function headlineBefore(
  runs: readonly Manifest[],
  { day, deed }: Pick<Headline, "day" | "deed">,
): Headline | undefined {
  return runs
    .flatMap((run) => hindsightOf(run) ?? [])
    .map(headlineOf)
    .filter((earlier) => earlier.day < day && earlier.deed === deed)
    .reduce<Headline | undefined>((last, each) => (last && last.day > each.day ? last : each), undefined);
}
