import type { ReviewAnswer, ReviewRequest, ReviewsAnswer } from "../../../contracts/http/reviews.ts";
import type { Server } from "../../../recommender/server.ts";

type Address = Pick<Server, "url">;

export const REVIEW: ReviewRequest = { user: "ann", item: "toys-0001", stars: 4, text: "a good <b>tent</b>" };

/** Sends a review. */
export async function post(
  { url }: Address,
  change: Partial<Record<keyof ReviewRequest, unknown>> = {},
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/reviews`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...REVIEW, ...change }),
  });
  return { response, answer: (await response.json()) as ReviewAnswer & { field?: string; detail?: string } };
}

export async function get<T>({ url }: Address, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { headers });
  const text = await response.text();
  return { response, answer: (text === "" ? null : JSON.parse(text)) as T };
}

export const page = async (server: Address, item: string, query = "") =>
  get<ReviewsAnswer>(server, `/items/${encodeURIComponent(item)}/reviews${query}`);
