import { REVIEWS_DATABASE } from "../../contracts/google-names.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Reviews } from "../../day/reviews/review-store.ts";
import type { Place } from "../../night/privacy/place.ts";
import { openStoredReviews } from "../reviews/open-stored.ts";
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
  const stored = await openStoredReviews(settings);
  if (!stored) return null;
  const { reviews } = stored;
  if (bucketOf(settings.data) !== undefined) return { reviews: await askingDatabase(reviews) };
  const eraseUser: typeof reviews.eraseUser = (shop, user) =>
    reviews.eraseUser(shop, user).catch((cause: Error) => {
      const next = "end what holds the file, such as a backup of it, and run this again";
      throw new Problem({ doing: `Erasing reviews of ${shop}`, why: cause.message, next, cause });
    });
  return { ...stored, reviews: { ...reviews, eraseUser } };
}

/** Also where the settings say that there are none any more. */
async function askingDatabase(reviews: UserReviews): Promise<UserReviews> {
  const { askDatabase } = await import("./ask-database.ts");
  const ask = <T>(shop: string, call: () => Promise<T>) => askDatabase(REVIEWS_DATABASE, shop, call);
  return {
    exportUser: async (shop, user) => (await ask(shop, () => reviews.exportUser(shop, user))) ?? [],
    eraseUser: async (shop, user) => (await ask(shop, () => reviews.eraseUser(shop, user))) ?? 0,
  };
}
