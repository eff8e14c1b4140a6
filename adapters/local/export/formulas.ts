import { literal } from "../duckdb.ts";

/**
 * What a spreadsheet may take for a formula (OWASP, CSV injection), and what stands for it in our
 * files: the same behind a quote. Numbers are none.
 */
const FORMULA = String.raw`^'*([\t\r\n]|\s*[=+\-@＝＋－＠])`;
const MARKED = FORMULA.replace("'*", "'+");
const NUMBER = String.raw`^[+\-]?[0-9.,]+$`;

const matches = (text: string, pattern: string) => `regexp_matches(${text}, ${literal(pattern)})`;

/** SQL: a text for a cell of a file that people may open in a spreadsheet. */
export const withoutFormula = (text: string): string =>
  `CASE WHEN ${matches(text, FORMULA)} AND NOT ${matches(text, NUMBER)} THEN chr(39) || ${text} ELSE ${text} END`;

/** SQL: the text of such a cell. */
export const textOfCell = (cell: string): string =>
  `CASE WHEN ${matches(cell, MARKED)} THEN substr(${cell}, 2) ELSE ${cell} END`;
