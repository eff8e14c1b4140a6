import { existsSync } from "node:fs";
import { join } from "node:path";
import { REVIEWS_DATABASE } from "../../contracts/google-names.ts";
import { paths } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
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

/** The reviews of users; null where nobody has ever written one. */
export async function openReviews(
  settings: Settings,
): Promise<{ reviews: UserReviews; close?(): Promise<void> } | null> {
  const { data } = settings;
  if (bucketOf(data) !== undefined) return { reviews: await reviewsInDatastore(settings) };
  if (!existsSync(join(data, paths.reviews))) return null;
  const { openReviewStore } = await import("../local/reviews/store.ts");
  const { reviews, close } = openReviewStore(data, { atOnce: 0, leaseMs: 0, failed: () => {} });
  const eraseUser: typeof reviews.eraseUser = (shop, user) =>
    reviews.eraseUser(shop, user).catch((cause: Error) => {
      const next = "end what holds the file, such as a backup of it, and run this again";
      throw new Problem({ doing: `Erasing reviews of ${shop}`, why: cause.message, next, cause });
    });
  return { reviews: { ...reviews, eraseUser }, close };
}

/** Also where the settings say that there are none any more. */
async function reviewsInDatastore(settings: Settings): Promise<UserReviews> {
  const [{ openCloudReviews }, { askDatabase }] = await Promise.all([
    import("../gcp/reviews/store.ts"),
    import("./ask-database.ts"),
  ]);
  const { reviews } = await openCloudReviews(settings, { failed: () => {} });
  const ask = <T>(shop: string, call: () => Promise<T>) => askDatabase(REVIEWS_DATABASE, shop, call);
  return {
    exportUser: async (shop, user) => (await ask(shop, () => reviews.exportUser(shop, user))) ?? [],
    eraseUser: async (shop, user) => (await ask(shop, () => reviews.eraseUser(shop, user))) ?? 0,
  };
}
