/** Work that names the same thing is done one after the other, other work at once. */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(names: string[], work: () => Promise<T>): Promise<T> {
    const before = names.map((name) => this.#last.get(name));
    const result = Promise.all(before).then(work);
    const done = result.catch(() => {});
    for (const name of names) this.#last.set(name, done);
    try {
      return await result;
    } finally {
      for (const name of names) if (this.#last.get(name) === done) this.#last.delete(name);
    }
  }
}
