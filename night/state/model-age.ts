import type { Settings } from "../../contracts/settings/settings.ts";
import { addDays, localTime } from "../run/day.ts";
import type { Objects } from "./objects.ts";
import { readPointer } from "./pointer.ts";

const HOUR_MS = 3600 * 1000;

/**
 * Age of the serving model, in hours. It counts from the end of the model's last day, by the shop's
 * clock. Null without a model.
 */
export async function modelAgeHours(
  objects: Objects,
  { shop, timeZone }: Pick<Settings, "shop" | "timeZone">,
  now: Date,
): Promise<number | null> {
  const pointer = await readPointer(objects, shop);
  if (!pointer) return null;
  const { day, time } = localTime(now, timeZone);
  const local = Date.parse(`${day}T${time}:00Z`);
  const end = Date.parse(`${addDays(pointer.value.lastDay, 1)}T00:00:00Z`);
  return Math.max(0, Math.round((10 * (local - end)) / HOUR_MS) / 10);
}
