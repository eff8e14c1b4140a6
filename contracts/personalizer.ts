/**
 * The messages of contracts/proto/personalizer.proto as the loader of grpc-js makes them, with
 * every field set. Enums are their names.
 */

export const PERSONALIZER = "steamer.personalizer.v1.Personalizer";

/** With FAILED_PRECONDITION the trailing metadata has the name of the model that was asked. */
export const MODEL_METADATA = "steamer-model";

/** Bytes of a message. */
export const MAX_MESSAGE_BYTES = 1 << 20;
/** Entries of `history`, and of `exclude`. */
export const MAX_ENTRIES = 1000;
/** What one entry may count: a million already drowns all else. */
export const MAX_COUNT = 1_000_000;

export interface UserRequest {
  shop: string;
  user: string;
  scope: string;
  n: number;
  exclude: string[];
  history: HistoryOfRequest[];
}

export interface HistoryOfRequest {
  item: string;
  /** A number: an event that this version does not know. */
  event: "EVENT_UNSPECIFIED" | "VIEW_ITEM" | "ADD_TO_CART" | "PURCHASE" | number;
  count: number;
}

export type PopularRequest = Pick<UserRequest, "shop" | "scope" | "n" | "exclude">;

export interface Recommendations {
  model: string;
  results: Recommendation[];
}

export interface Recommendation {
  item: string;
  score: number;
  because: string[];
}

export interface Pair {
  shop: string;
  user: string;
  item: string;
}

export interface Prediction {
  user: string;
  item: string;
  score?: number;
}
