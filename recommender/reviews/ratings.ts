import type { Rating } from "../../contracts/http/rating.ts";
import type { EncodedIds } from "../../core/model/row-ids.ts";
import { murmur3 } from "../../core/text/hash.ts";
import type { RatingChanges } from "../../day/reviews/review-store.ts";

/** Ratings as answers are written from them. */
export interface WrittenRatings {
  /** The rating of a row's item, as JSON. */
  find(ids: Pick<EncodedIds, "idOf" | "idHashOf">, row: number): Uint8Array | undefined;
}

/** Longest JSON of a rating, in bytes. */
export const LONGEST_RATING = 100;

/** The ratings of all items of a shop that have one, in memory: answers never wait for a store. */
export class Ratings implements WrittenRatings {
  readonly #byItem = new Map<string, { rating: Rating; text: Uint8Array }>();
  /** Hashes of the items: a model has them at hand, and not the texts. */
  readonly #hashes = new Set<number>();
  #until: string | undefined;
  #version = "";

  /** Stands for all that it has: equal texts, equal ratings. */
  get version(): string {
    return this.#version;
  }

  get size(): number {
    return this.#byItem.size;
  }

  of(item: string): Rating | undefined {
    return this.#byItem.get(item)?.rating;
  }

  find(ids: Pick<EncodedIds, "idOf" | "idHashOf">, row: number): Uint8Array | undefined {
    return this.#hashes.has(ids.idHashOf(row)) ? this.#byItem.get(ids.idOf(row))?.text : undefined;
  }

  /** Takes over what has changed. */
  async refresh(read: (since: string | undefined) => Promise<RatingChanges>): Promise<void> {
    const { changes, until } = await read(this.#until);
    for (const [item, rating] of changes) {
      if (rating) {
        this.#byItem.set(item, { rating, text: Buffer.from(JSON.stringify(rating)) });
        this.#hashes.add(murmur3(item));
      } else this.#byItem.delete(item);
    }
    if (changes.length > 0) this.#version = until;
    this.#until = until;
  }
}
