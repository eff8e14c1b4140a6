import { Tokenizer } from "@huggingface/tokenizers";

/** A text as the graph reads it. */
export interface Encoded {
  ids: number[];
  truncated: boolean;
}

/** What an encoder must know beside the tokenizer's own files. */
export interface Cut {
  /** Most tokens that the model reads, special ones among them. */
  maxTokens: number;
  /** Which end of a long text is passed over. */
  side: "left" | "right";
}

export interface Encoder {
  encode(text: string): Encoded;
  /** The largest id of the vocabulary. */
  largestId: number;
  padId: number;
}

/** @throws Error with a reason for people when the tokenizer is none that is supported. */
export function createEncoder(files: { tokenizer: Uint8Array; config: Uint8Array }, cut: Cut): Encoder {
  const tokenizer = opened(files);
  const { before, after } = specialTokens(tokenizer);
  // Where the library lowers case, it makes ς of a word's last Σ. The tokenizer that models learn
  // with makes σ of each.
  const prepared = lowersCase(files.tokenizer) ? (text: string) => text.replaceAll("Σ", "σ") : String;
  // The library passes over what tokenizer.json says of truncation.
  const shortened = (ids: number[]) => {
    const [head, tail] =
      cut.side === "right" ? [cut.maxTokens - after, after] : [before, cut.maxTokens - before];
    return [...ids.slice(0, head), ...ids.slice(ids.length - tail)];
  };
  return {
    encode(text) {
      const { ids } = tokenizer.encode(prepared(text));
      const truncated = ids.length > cut.maxTokens;
      return { ids: truncated ? shortened(ids) : ids, truncated };
    },
    largestId: [...tokenizer.get_vocab().values()].reduce((largest, id) => Math.max(largest, id), 0),
    padId: padIdOf(tokenizer, files.config),
  };
}

function opened({ tokenizer, config }: { tokenizer: Uint8Array; config: Uint8Array }): Tokenizer {
  try {
    return new Tokenizer(parsed(tokenizer), parsed(config));
  } catch (cause) {
    const why = `tokenizer.json cannot be used: ${(cause as Error).message}`;
    throw new Error(why, { cause });
  }
}

const parsed = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString("utf8")) as object;

function lowersCase(tokenizer: Uint8Array): boolean {
  const { normalizer } = parsed(tokenizer) as { normalizer?: unknown };
  return /"lowercase":true|"type":"Lowercase"/.test(JSON.stringify(normalizer) ?? "");
}

/** How many special tokens stand before and after the tokens of a text. */
function specialTokens(tokenizer: Tokenizer): { before: number; after: number } {
  const { ids: bare }: { ids: number[] } = tokenizer.encode("a", { add_special_tokens: false });
  const { ids }: { ids: number[] } = tokenizer.encode("a");
  const starts = Array.from({ length: ids.length - bare.length + 1 }, (_, k) => k);
  const before = starts.find((start) => bare.every((id, k) => ids[start + k] === id));
  if (before === undefined || bare.length === 0)
    throw new Error("tokenizer.json adds special tokens in a way that is not supported");
  return { before, after: ids.length - before - bare.length };
}

function padIdOf(tokenizer: Tokenizer, config: Uint8Array): number {
  const { pad_token: pad } = parsed(config) as { pad_token?: string | { content: string } | null };
  const token = typeof pad === "object" ? pad?.content : pad;
  return (token === undefined ? undefined : tokenizer.token_to_id(token)) ?? 0;
}
