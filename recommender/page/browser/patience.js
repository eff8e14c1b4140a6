/** Asking again, as long as somebody looks. */

/** A view is shown once all of it is there. One that is not after so long was overtaken. */
const LONGEST_UNSEEN_MS = 20_000;

/** Pauses that double, without an end. @param {number} first @param {number} last in milliseconds */
export function* growing(first, last) {
  for (let pause = first; ; pause = Math.min(2 * pause, last)) yield pause;
}

/**
 * Goes on after each of these pauses, until the part of the page is gone.
 * @param {HTMLElement} part
 * @param {Iterable<number>} pauses in milliseconds
 */
export async function* whileShown(part, pauses) {
  let wasShown = false;
  let unseen = 0;
  for (const pause of pauses) {
    await new Promise((resolve) => void setTimeout(resolve, pause));
    wasShown ||= part.isConnected;
    unseen += pause;
    if (!part.isConnected && (wasShown || unseen > LONGEST_UNSEEN_MS)) return;
    yield;
  }
}
