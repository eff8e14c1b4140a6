/** What is known of an item's availability. */
export const UNKNOWN = 0;
export const IN_STOCK = 1;
export const SOLD_OUT = 2;

/**
 * Availability and prices of a model's items. They may be newer than the model: each is one look
 * into an array.
 */
export interface Stock {
  /** UNKNOWN, IN_STOCK or SOLD_OUT for each row. */
  availability: Uint8Array;
  /** Items whose availability is unknown. */
  unknown: number;
  /** Items that are known to be sold out. */
  soldOut: number;
  /** NaN for an unknown price. */
  priceOf(row: number): number;
}

/** A stock of which nothing is known. */
export const unknownStock = (items: number): Stock => ({
  availability: new Uint8Array(items),
  unknown: items,
  soldOut: 0,
  priceOf: () => NaN,
});

/** True or false where it is known, null where it is not. */
export const isAvailable = ({ availability }: Pick<Stock, "availability">, row: number): boolean | null =>
  availability[row] === UNKNOWN ? null : availability[row] === IN_STOCK;

/** Changes what is known of a row. */
export function setAvailability(stock: Stock, row: number, available: boolean | null): void {
  const next = available === null ? UNKNOWN : available ? IN_STOCK : SOLD_OUT;
  const before = stock.availability[row];
  stock.unknown += Number(next === UNKNOWN) - Number(before === UNKNOWN);
  stock.soldOut += Number(next === SOLD_OUT) - Number(before === SOLD_OUT);
  stock.availability[row] = next;
}
