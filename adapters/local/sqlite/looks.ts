/**
 * Looks at something at once, and again after each pause, but never twice at a time. It does not
 * keep the process.
 * @param look never throws
 * @returns stops looking, and waits for the look that is under way
 */
export function lookEvery(pauseMs: number, look: () => Promise<void>): () => Promise<void> {
  let looking: Promise<void> | null = null;
  const lookOnce = () => (looking ??= look().finally(() => (looking = null)));
  void lookOnce();
  const looker = setInterval(lookOnce, pauseMs).unref();
  return async () => {
    clearInterval(looker);
    await looking;
  };
}
