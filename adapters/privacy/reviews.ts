import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Reviews } from "../../day/reviews/review-store.ts";
import type { Place } from "../../night/privacy/place.ts";
import { bucketOf } from "../storage/choose.ts";

type UserReviews = Pick<Reviews, "exportUser" | "eraseUser">;

/** What a user has written, with what the language model made of it. */
export function reviewsPlace(reviews: UserReviews, shop: string): Place {
  return {
    name: "reviews",
    async find(user) {
      const written = await reviews.exportUser(shop, user);
      return written.map(({ item, at, ...review }) => ({
        where: `review ${review.id}`,
        rows: [{ ...review, item, at: new Date(at).toISOString() }],
      }));
    },
    erase: (user) => reviews.eraseUser(shop, user),
  };
}

/** The reviews of a data folder; null where nobody has ever written one. */
export async function openReviews({
  data,
}: Settings): Promise<{ reviews: UserReviews; close(): Promise<void> } | null> {
  if (bucketOf(data) !== undefined || !existsSync(join(data, paths.reviews))) return null;
  const { openReviewStore } = await import("../local/reviews/store.ts");
  return openReviewStore(data, { atOnce: 0, leaseMs: 0, failed: () => {} });
}
