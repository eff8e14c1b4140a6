import { MAX_TEXT_BYTES, type Text } from "../../contracts/inference.ts";
import { invalid } from "../../serving/grpc/refusals.ts";

/** @throws Refusal for a text that nothing can be said of. */
export function checkText({ text }: Text): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEXT_BYTES)
    throw invalid(`text has ${bytes} bytes; at most ${MAX_TEXT_BYTES} are classified`);
  if (text.trim() === "") throw invalid(bytes === 0 ? "text is empty" : "text has nothing but blanks");
  return text;
}
