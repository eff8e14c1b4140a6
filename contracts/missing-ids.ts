/**
 * What programs write where they have no id, by what it stands for. Case does not count, nor do
 * blanks around it.
 */
export const MISSING_ID_WORDS = {
  /** Neither a user nor an item is called so. */
  both: [
    ..."na n/a #n/a #n/d n.a. null (null) [null] <null> #null! nil <nil> nan <na> none (none) \\n".split(" "),
    ..."undefined (undefined) [undefined] unknown (unknown) missing (missing) empty (empty) (blank)".split(
      " ",
    ),
    ..."not_set unset (other) #ref! #value! #name? tbd - -- --- – — . ? \"\" '' -1 {} [] void".split(" "),
    "not set",
    "(not set)",
    "[not set]",
    "not available",
    "(not available)",
    "(data not available)",
    "(not provided)",
    "[object object]",
    // The nil UUID, in the ways that UUIDs are written.
    "00000000-0000-0000-0000-000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    "00000000000000000000000000000000",
  ],
  user: [
    ..."0 0.0 false nobody anonymous (anonymous) anonymous_user anonym anon guest (guest) guest_user".split(
      " ",
    ),
    ..."guestuser not_logged_in logged_out".split(" "),
    "anonymous user",
    "guest user",
    "not logged in",
    // MD5, SHA-1 and SHA-256 of an empty text: a hashed address of nobody.
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ],
  item: [] as string[],
} as const;

/** What a word stands for; `id`: it is an id like any other. */
export const WORD_MEANINGS = ["user", "item", "both", "id"] as const;
export type WordMeaning = (typeof WORD_MEANINGS)[number];

/** Placeholders that nobody has filled in: `{{user_id}}`, `${id}`, `%%ID%%`, `<%= id %>`. */
const TEMPLATES = [String.raw`\{\{.*\}\}`, String.raw`\$\{.*\}`, "%%.+%%", "<%.*%>", String.raw`\[\[.*\]\]`];

/** Blanks of all kinds: Unicode's separators and controls, and what has no width. */
const BLANKS = String.raw`[\pZ\p{Cc}\x{AD}\x{180E}\x{200B}-\x{200F}\x{2060}\x{FEFF}]*`;

/**
 * A regular expression for texts that are no id of a user, or of an item: words, templates, blanks.
 * It is meant for the whole of a text. Its syntax is RE2's, which DuckDB and BigQuery have in
 * common.
 * @param own the shop's own words, and what they mean: they win
 */
export function missingIdPattern(column: "user" | "item", own: Record<string, WordMeaning>): string {
  const lower = Object.entries(own).map(([word, means]) => [word.trim().toLowerCase(), means] as const);
  const meanings = new Map(lower);
  const known = [...MISSING_ID_WORDS.both, ...MISSING_ID_WORDS[column]].filter((word) => !meanings.has(word));
  const added = lower.filter(([, means]) => means === column || means === "both").map(([word]) => word);
  const words = [...known, ...added].filter((word) => word !== "").map(escaped);
  return `(?is)${BLANKS}(?:${[...words, ...TEMPLATES].join("|")})?${BLANKS}`;
}

const escaped = (word: string) => word.replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
