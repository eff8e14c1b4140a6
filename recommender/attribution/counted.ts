import { ATTRIBUTED, type Attributed } from "../../contracts/http/attribution.ts";
import { RecentlyUsed } from "../recently-used.ts";

/** Answers whose events are remembered. One of ten results takes about 150 bytes. */
const REMEMBERED = 100_000;

/**
 * What an answer's holder can tell of it: each kind of event once for each of its items. The item
 * is its place in the answer, since other texts may have the same hash.
 */
export interface Told {
  answer: string;
  /** From 0. */
  place: number;
  event: Attributed;
}

/** The events that were counted, of the answers that were heard of last: a bit each. */
export class Counted {
  readonly #bits = new RecentlyUsed<bigint>(REMEMBERED);

  has({ answer, ...told }: Told): boolean {
    const bits = this.#bits.get(answer);
    return bits !== undefined && (bits & bitOf(told)) !== 0n;
  }

  add({ answer, ...told }: Told): void {
    this.#bits.set(answer, (this.#bits.get(answer) ?? 0n) | bitOf(told));
  }
}

const bitOf = ({ place, event }: Omit<Told, "answer">) =>
  1n << BigInt(place * ATTRIBUTED.length + ATTRIBUTED.indexOf(event));
