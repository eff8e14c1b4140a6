import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Reviews } from "../../day/reviews/review-store.ts";
import { bucketOf } from "../storage/choose.ts";

/** Reviews, for who reads or erases some and then goes. */
export interface StoredReviews {
  reviews: Reviews;
  /** Absent: there is nothing to close. */
  close?(): Promise<void>;
}

/**
 * The reviews of the data folder, or in Datastore where `data` is a bucket; null for a folder in
 * which nobody has ever written one.
 */
export async function openStoredReviews(settings: Settings): Promise<StoredReviews | null> {
  const { data } = settings;
  if (bucketOf(data) !== undefined) {
    const { openCloudReviews } = await import("../gcp/reviews/store.ts");
    return { reviews: (await openCloudReviews(settings, { failed: () => {} })).reviews };
  }
  if (!existsSync(join(data, paths.reviews))) return null;
  const { openReviewStore } = await import("../local/reviews/store.ts");
  return openReviewStore(data, { atOnce: 0, leaseMs: 0, failed: () => {} });
}
