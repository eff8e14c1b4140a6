/** What one object or table holds of a user, as JSON. */
export interface Holding {
  where: string;
  rows: unknown[];
}

/** Is told the share of the work that is done, 0 to 1. */
export type Progress = (share: number) => void;

/**
 * A place where Steamer keeps something of users. To have a further kind of data exported and
 * erased, write one, and add it where places are opened.
 */
export interface Place {
  /** For people: "interactions". */
  name: string;
  /**
   * True for what services write as they answer. It is erased last, when they no longer know the
   * user.
   */
  isServed?: boolean;
  /** All that is kept of a user. */
  find(user: string, progress: Progress): Promise<Holding[]>;
  /**
   * Removes what `find` finds. Whatever happens, what is left can be read, and another call
   * finishes the work.
   * @returns the rows removed.
   */
  erase(user: string, progress: Progress): Promise<number>;
}
