/** Things that are opened once for each key, and kept. What could not be opened is opened anew. */
export class Opened<T> {
  readonly #kept = new Map<string, Promise<T>>();

  get(key: string, open: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const opened = open();
    this.#kept.set(key, opened);
    opened.catch(() => this.#kept.delete(key));
    return opened;
  }
}
