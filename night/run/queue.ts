import type { StageName } from "../../contracts/manifest.ts";

/** A look at a run. The function of the run's current stage takes it. */
export interface Look {
  shop: string;
  run: string;
  stage: StageName;
  attempt: number;
  /**
   * The manifest's `look` at the time of the request. An earlier look is late, and does nothing.
   */
  look: number;
}

/** A queue that delivers each look at least once. */
export interface Queue {
  /**
   * Asks for a look after a delay. A queue may merge equal requests into one delivery, which saves
   * work.
   */
  enqueue(look: Look, delaySeconds: number): Promise<void>;
}
