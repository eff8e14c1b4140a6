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
  /** Hashes of all that it has, added up by exclusive or. */
  readonly #sums = new Int32Array(2);

  /** Stands for all that it has, in all instances: equal texts, equal ratings. */
  get version(): string {
    return this.size === 0 ? "" : [...this.#sums].map((sum) => (sum >>> 0).toString(36)).join(".");
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

  /** Takes over what has changed, part by part. After a failure it goes on where it was. */
  async refresh(read: (since: string | undefined) => Promise<RatingChanges>): Promise<void> {
    for (let isThere = true; isThere;) {
      const { changes, until, hasMore } = await read(this.#until);
      // A store may tell a change more than once.
      for (const [item, rating] of changes) this.#set(item, rating);
      this.#until = until;
      isThere = hasMore;
    }
  }

  #set(item: string, rating: Rating | null): void {
    const before = this.#byItem.get(item)?.text;
    if (before) this.#toggle(item, before);
    if (!rating) return void this.#byItem.delete(item);
    const text = Buffer.from(JSON.stringify(rating));
    this.#byItem.set(item, { rating, text });
    this.#hashes.add(murmur3(item));
    this.#toggle(item, text);
  }

  #toggle(item: string, rating: Uint8Array): void {
    const text = Buffer.from(rating).toString();
    this.#sums[0] ^= murmur3(`${item} ${text}`);
    this.#sums[1] ^= murmur3(`${text} ${item}`);
  }
}
