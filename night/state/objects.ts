/** A stored object, and its generation for a conditional `put`. */
export interface Stored {
  data: Uint8Array;
  generation: string;
}

/**
 * The port to object storage, through which a night reads and writes its documents. Paths use `/`,
 * without a leading one. Every put is atomic: readers see the whole old object or the whole new
 * one.
 */
export interface Objects {
  get(path: string): Promise<Stored | null>;
  /**
   * Stores an object and returns its generation. With `ifGeneration` it requires that generation to
   * be the stored one. Null requires that there is no object yet.
   * @throws GenerationConflict when somebody else was faster.
   */
  put(path: string, data: Uint8Array | string, condition?: { ifGeneration: string | null }): Promise<string>;
  /** The paths that start with the prefix, in byte order. */
  list(prefix: string): Promise<string[]>;
  /** Deletes an object. A missing object is no error. */
  delete(path: string): Promise<void>;
}

/**
 * Somebody else has changed the object since it was read. The caller reads again, and decides
 * again.
 */
export class GenerationConflict extends Error {
  constructor(path: string) {
    super(`${path} was changed by somebody else in the meantime`);
    this.name = "GenerationConflict";
  }
}
