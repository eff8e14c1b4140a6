/** A text as one word of a POSIX shell's command line: pasted, it means itself and nothing else. */
export const shellWord = (text: string): string =>
  /^[\w.,=+:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
