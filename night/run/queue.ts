import type { StageName } from "../../contracts/manifest.ts";

/** A look at a run, to be taken by the function of its stage. */
export interface Look {
  shop: string;
  run: string;
  stage: StageName;
  attempt: number;
  /** The manifest's `look` at which it was asked for: a look for an earlier one is late, and does nothing. */
  look: number;
}

/** Delivers looks, at least once each. */
export interface Queue {
  /**
   * Asks for a look after so many seconds. The same look asked for twice is one delivery, where that can be had: it
   * only saves work.
   */
  enqueue(look: Look, delaySeconds: number): Promise<void>;
}
