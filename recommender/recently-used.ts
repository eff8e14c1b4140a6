/** A cache of so many entries: the one that has not been used for longest makes room. */
export class RecentlyUsed<V> {
  readonly #size: number;
  /** A Map keeps the order of insertion: the first entry is the oldest. */
  readonly #entries = new Map<string, V>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#move(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#move(key, value);
    if (this.#entries.size > this.#size) this.#entries.delete(this.#entries.keys().next().value!);
  }

  #move(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
