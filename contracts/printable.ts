/** What a terminal obeys (C0, DEL, C1), and what turns the order of letters around. */
const CONTROLS = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

/**
 * A text that may hold strangers' words, for a terminal or a log: what would be obeyed is shown, as
 * `\x1b` or `\u202e`. Line ends and tabs stay.
 */
export const printable = (text: string): string =>
  text.replace(CONTROLS, (control) => (control === "\n" || control === "\t" ? control : escaped(control)));

/** The same, for a place of one line. */
export const printableLine = (text: string): string => text.replace(CONTROLS, escaped);

/** JSON that is safe on a terminal, too: JSON itself escapes only what is below the blank. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(CONTROLS, (control) =>
    control === "\n" ? control : `\\u${hex(control, 4)}`,
  );

function escaped(control: string): string {
  return control < "\u0100" ? `\\x${hex(control, 2)}` : `\\u${hex(control, 4)}`;
}

const hex = (control: string, digits: number) => control.charCodeAt(0).toString(16).padStart(digits, "0");
