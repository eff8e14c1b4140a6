export type LineEnds = "lf" | "crlf" | "mixed";

const LF = 10;
const CR = 13;

/**
 * Counts the lines of a text that arrives in pieces. A line ends with LF or CRLF; a lone CR makes
 * the text "mixed".
 */
export class LineCounter {
  #lines = 0;
  #ends = 0;
  #crlf = 0;
  #carriageReturns = 0;
  /** Bytes of the unfinished line so far, and if the last of them was a CR. */
  #open = 0;
  #openCR = false;

  add(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const length = this.#open + end - start;
      const cr = end > start ? chunk[end - 1] === CR : this.#open > 0 && this.#openCR;
      this.#ends++;
      if (cr) this.#crlf++;
      if (length > (cr ? 1 : 0)) this.#lines++;
      this.#open = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#open += chunk.length - start;
      this.#openCR = chunk[chunk.length - 1] === CR;
    }
    for (let at = chunk.indexOf(CR); at >= 0; at = chunk.indexOf(CR, at + 1)) this.#carriageReturns++;
  }

  end(): { lines: number; lineEnds: LineEnds } {
    const lines = this.#lines + (this.#open > 0 ? 1 : 0);
    if (this.#carriageReturns === 0) return { lines, lineEnds: "lf" };
    const pure = this.#carriageReturns === this.#crlf && this.#crlf === this.#ends;
    return { lines, lineEnds: pure ? "crlf" : "mixed" };
  }
}
