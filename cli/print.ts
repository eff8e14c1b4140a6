import { printable, printableJson } from "../contracts/printable.ts";

/** Writes a result. Ids, names and paths in it come from anybody. */
export const print = (text: string): void => console.log(printable(text));

/** Writes a result for programs. */
export const printJson = (value: unknown): void => console.log(printableJson(value, 2));

/** Writes what is told beside results; line ends are the caller's. */
export const tell = (text: string): void => void process.stderr.write(printable(text));
