import type { Figures, Hindsight } from "../contracts/hindsight.ts";
import { DID, headlineOf } from "../night/state/hindsight.ts";
import { count } from "./table.ts";

/** NDCG@10 and its standard error. */
export const ndcgText = ({ ndcg10, standardError }: Pick<Figures, "ndcg10" | "standardError">): string =>
  standardError === null ? ndcg10.toFixed(3) : `${ndcg10.toFixed(3)} ± ${standardError.toFixed(3)}`;

/** A share of impressions. */
export const clickText = (share: number) => `${(100 * share).toFixed(2)} %`;

/** How good the model was that served on a night's last day, in one line. */
export function hindsightText(hindsight: Hindsight): string {
  const { day, model, deed, users, main, mostPopular, clickThrough } = headlineOf(hindsight);
  const clicks = clickThrough === undefined ? "" : `; click-through ${clickText(clickThrough)}`;
  return `Hindsight: of what ${count(users)} users ${DID[deed]} on ${day}, model ${model} found NDCG@10 ${ndcgText(main)}, recall@10 ${main.recall10.toFixed(3)}; most popular items ${ndcgText(mostPopular)}${clicks}`;
}
