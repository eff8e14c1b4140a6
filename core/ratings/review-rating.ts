/**
 * A review as a number from -1 to 1: one star is -1, three are 0, five are 1. A text that says the
 * opposite of the stars makes it 0: people mistake the order of stars, and models mistake texts.
 * @param sentiment from 0, as negative as can be, to 1; null: the stars stand alone
 * @param contradiction how close to its end a sentiment must be, to speak against the stars
 */
export function ratingOf(stars: number, sentiment: number | null, contradiction: number): number {
  const isDenied =
    sentiment !== null &&
    ((stars >= 4 && sentiment < contradiction) || (stars <= 2 && sentiment > 1 - contradiction));
  return isDenied ? 0 : (stars - 3) / 2;
}

/** An item's few reviews weigh less: so many neutral ones are added to them. */
export const NEUTRAL_REVIEWS = 5;
