interface Timer {
  at: number;
  action: () => void;
  handle?: NodeJS.Timeout;
}

/** The stand-ins' time: the real one, which tests can advance. */
export class Clock {
  #ahead = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#ahead;
  }

  /** Calls the action at a time, or as soon as that has passed. The result cancels it. */
  at(time: number, action: () => void): () => void {
    const timer: Timer = { at: time, action };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#forget(timer);
  }

  /** Advances the time: everything due happens now. */
  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
    for (const timer of this.#timers) this.#arm(timer);
  }

  close(): void {
    for (const timer of this.#timers) this.#forget(timer);
  }

  #arm(timer: Timer): void {
    clearTimeout(timer.handle);
    // A timeout longer than 2^31 ms would fire at once.
    const wait = Math.min(Math.max(0, timer.at - this.now()), 2 ** 31 - 1);
    timer.handle = setTimeout(() => {
      if (timer.at > this.now()) return this.#arm(timer);
      this.#forget(timer);
      timer.action();
    }, wait);
  }

  #forget(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
