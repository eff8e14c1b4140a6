import { als } from "./als.ts";
import { personal } from "./personal.ts";
import { query } from "./query.ts";
import { reviewsOfRequests } from "./reviews.ts";

/** What shapes a user's list, in a Personalizer and in a night alike. */
export const shapingLists = { ...query, "als.blend": als["als.blend"] };

/**
 * The settings of answers, users' lists and reviews. A shop that another one's recommender serves
 * goes by the other one's: requests, nights and functions must agree.
 */
export const answering = { ...shapingLists, ...personal, ...reviewsOfRequests };

/** What a deployment keeps of a shop: settings of its file, and whose recommender serves it. */
export type Deployed = Record<string, unknown> & { servedBy?: string };
