/** A stored object and the generation that a conditional `put` compares with. */
export interface Stored {
  data: Uint8Array;
  generation: string;
}

/**
 * Object storage: the one port through which a night reads and writes its documents.
 * Paths use `/`, no leading one. Every put is atomic: readers see the old object or the new one, whole.
 */
export interface Objects {
  get(path: string): Promise<Stored | null>;
  /**
   * Stores an object and returns its generation. With `ifGeneration` only if that is still the stored one (null: only
   * if there is none).
   * @throws GenerationConflict when somebody else was faster.
   */
  put(path: string, data: Uint8Array | string, condition?: { ifGeneration: string | null }): Promise<string>;
  /** The paths that start with the prefix, in byte order. */
  list(prefix: string): Promise<string[]>;
  /** Deletes an object, if it exists. */
  delete(path: string): Promise<void>;
}

/** Somebody else changed the object since it was read: read again, and decide again. */
export class GenerationConflict extends Error {
  constructor(path: string) {
    super(`${path} was changed by somebody else in the meantime`);
    this.name = "GenerationConflict";
  }
}
