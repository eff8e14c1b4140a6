import type { Holding, Place } from "./place.ts";

/** All that Steamer keeps of a user, as one document. */
export interface UserExport {
  shop: string;
  user: string;
  at: string;
  places: Record<string, Holding[]>;
  /** What is kept elsewhere, or for moments only, in words. */
  notHere: readonly string[];
}

/** What no export has: an operator must look there as well. */
export const NOT_HERE = [
  "the shop's own sources, which Steamer reads and never changes: event files, tables of Google Analytics",
  "what a night is working with at the moment; scratch data of a cluster and of BigQuery, for a week at most",
  "on Google Cloud, tasks that wait, for a second or two, and longer while the queue steamer-personal is behind or paused: what a request said that the user did",
  "logs of requests that others write, such as a load balancer or Cloud Run: their paths name users",
  "clicks on answers (POST /events): they name no user, and cannot be told apart by user",
] as const;

/** Collects what all places hold of a user. Places that hold nothing are there, and empty. */
export async function exportUser(
  places: readonly Place[],
  { shop, user, now }: { shop: string; user: string; now: Date },
  progress: (place: string, share: number) => void = () => {},
): Promise<UserExport> {
  const found: Record<string, Holding[]> = {};
  for (const place of places)
    found[place.name] = await place.find(user, (share) => progress(place.name, share));
  return { shop, user, at: now.toISOString(), places: found, notHere: NOT_HERE };
}

/** The rows of each place. */
export const rowsIn = ({ places }: Pick<UserExport, "places">): [place: string, rows: number][] =>
  Object.entries(places).map(([place, holdings]) => [
    place,
    holdings.reduce((sum, { rows }) => sum + rows.length, 0),
  ]);
