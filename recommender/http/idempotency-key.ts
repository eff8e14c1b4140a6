import { IDEMPOTENCY_KEY } from "../../contracts/http/reviews.ts";

/**
 * The key in the header, with or without the quotes that the draft wants; null: there is none. The
 * route's schema has checked it.
 */
export function idempotencyKey(headers: { [IDEMPOTENCY_KEY]?: string | undefined }): string | null {
  const value = headers[IDEMPOTENCY_KEY];
  return value === undefined ? null : value.replace(/^"(.*)"$/, "$1");
}
