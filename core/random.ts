/**
 * A small seeded generator of random numbers: sfc32 by Chris Doty-Humphrey (PractRand). Reseeding
 * is cheap, so every customer and every visit has a stream of its own. A change to one never shifts
 * another.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  constructor(a = 0, b = 0, c = 0) {
    this.reseed(a, b, c);
  }

  /** Starts the stream named by three 32-bit integers. */
  reseed(a: number, b: number, c: number): this {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = 1;
    for (let round = 0; round < 12; round++) this.next();
    return this;
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A number around 0 with standard deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** A number of repetitions, `mean` on average: each repetition has the same chance. */
  geometric(mean: number): number {
    return Math.floor(Math.log(1 - this.next()) / Math.log(mean / (mean + 1)));
  }

  /** The index of a bin, drawn by the bins' running totals. */
  pick(totals: Float64Array): number {
    const target = this.next() * totals[totals.length - 1];
    let low = 0;
    let high = totals.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (totals[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The ranks 1 to `count` in a random order. */
  ranks(count: number): number[] {
    const ranks = Array.from({ length: count }, (_, k) => k + 1);
    for (let k = count - 1; k > 0; k--) {
      const other = this.below(k + 1);
      [ranks[k], ranks[other]] = [ranks[other], ranks[k]];
    }
    return ranks;
  }
}

/** Running totals of weights, for `pick`. */
export function runningTotals(weights: ArrayLike<number>): Float64Array {
  let total = 0;
  return Float64Array.from(weights, (weight) => (total += weight));
}
