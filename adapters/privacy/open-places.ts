import { formatOf, isBuyerRows, isUserFactorRows, paths, runOfRejects } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Place } from "../../night/privacy/place.ts";
import { userFilesPlace } from "../../night/privacy/user-files.ts";
import type { Objects } from "../../night/state/objects.ts";
import { bucketOf } from "../storage/choose.ts";
import { openLists } from "./open-lists.ts";
import { personalListsPlace } from "./personal-lists.ts";
import { rejectedRows } from "./rejected-rows.ts";
import { openReviews, reviewsPlace } from "./reviews.ts";
import { rowFilesPlace } from "./row-files.ts";
import { factorRows, interactionLines, interactionRows, reviewRows } from "./row-formats.ts";
import { withRowsOf } from "./select-files.ts";

/** All places where Steamer keeps something of a shop's users. */
export interface Places {
  places: Place[];
  close(): Promise<void>;
}

export async function openPlaces(settings: Settings, objects: Objects): Promise<Places> {
  const { shop, data } = settings;
  // A folder's files are looked through where they lie; those of a bucket come here one by one.
  const select = bucketOf(data) === undefined ? withRowsOf(data) : undefined;
  const lists = await openLists(settings);
  const written = await openReviews(settings);
  const places = [
    rowFilesPlace({
      name: "interactions",
      objects,
      prefix: paths.interactions(shop),
      formatOf: (path) => (formatOf(path) === "parquet" ? interactionRows : interactionLines),
      select,
    }),
    rowFilesPlace({
      name: "ratings of reviews",
      objects,
      prefix: paths.reviewRows(shop),
      formatOf: () => reviewRows,
      select,
    }),
    rowFilesPlace({
      name: "rejected rows",
      objects,
      prefix: paths.runs(shop),
      formatOf: (path) => (runOfRejects(path) === undefined ? undefined : rejectedRows),
    }),
    rowFilesPlace({
      name: "factors",
      objects,
      prefix: paths.models(shop),
      formatOf: (path) => (isUserFactorRows(path) && formatOf(path) === "parquet" ? factorRows : undefined),
      select,
    }),
    rowFilesPlace({
      name: "interactions of buyers",
      objects,
      prefix: paths.models(shop),
      formatOf: (path) => (isBuyerRows(path) && formatOf(path) === "parquet" ? interactionRows : undefined),
      select,
    }),
    userFilesPlace(objects, shop),
    ...(written ? [reviewsPlace(written.reviews, shop)] : []),
    ...(lists ? [personalListsPlace(lists.lists, shop)] : []),
  ];
  const close = async () => void (await Promise.all([lists?.close?.(), written?.close?.()]));
  return { places, close };
}
