/** Items of a model: ids, and by their order how often each was viewed and bought. */
export interface Counted {
  ids: readonly string[];
  views: ArrayLike<number>;
  purchases: ArrayLike<number>;
}

/** Twins that a warning shows. */
const SHOWN = 3;

/**
 * A warning about items that were bought and that nobody has viewed. Where a shop names an item in
 * one way when it is viewed and in another when it is bought, the two have no neighbour in common.
 */
export function unviewedWarnings({ ids, views, purchases }: Counted): string[] {
  const viewed = ids.filter((_, k) => views[k]! > 0);
  const bought = ids.filter((_, k) => purchases[k]! > 0);
  const unviewed = ids.filter((_, k) => purchases[k]! > 0 && views[k] === 0);
  if (viewed.length === 0 || unviewed.length === 0) return [];
  const twinOf = twins(viewed);
  const pairs = unviewed.flatMap((id) => {
    const twin = twinOf(id);
    return twin === undefined ? [] : [`${JSON.stringify(id)} of ${JSON.stringify(twin)}`];
  });
  const count = (number: number) => number.toLocaleString("en");
  const what = `${count(unviewed.length)} of ${count(bought.length)} items that were bought were never viewed`;
  if (pairs.length === 0) return [what];
  const shown = pairs.slice(0, SHOWN).join(", ");
  const more = pairs.length > SHOWN ? ` and ${count(pairs.length - SHOWN)} more` : "";
  return [
    `${what}; the likely twins: ${shown}${more}. Do views and purchases name items in two ways? --item-alias joins them`,
  ];
}

/** Finds the viewed item that an id is likely to mean: but for case, blanks, zeros, a variant. */
function twins(viewed: readonly string[]): (id: string) => string | undefined {
  const byText = new Map<string, string>();
  for (const id of viewed.toReversed()) for (const text of shortened(plain(id))) byText.set(text, id);
  // The text itself goes before what is left of another.
  for (const id of viewed.toReversed()) byText.set(plain(id), id);
  return (id) => {
    for (const text of shortened(plain(id))) if (byText.has(text)) return byText.get(text);
    return undefined;
  };
}

const plain = (id: string) =>
  id
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{Z}\s]/gu, "")
    .replace(/^0+(?=.)/, "");

/** A text, and what is left without its last parts: mug-0-blue, mug-0. A rest has a digit. */
function shortened(text: string): string[] {
  const texts = [text];
  for (let at = lastMark(text); at > 0; at = lastMark(text.slice(0, at))) {
    const rest = text.slice(0, at);
    if (/\d/.test(rest)) texts.push(rest);
  }
  return texts;
}

const lastMark = (text: string) => Math.max(...[..."-_./:|#"].map((mark) => text.lastIndexOf(mark)));
