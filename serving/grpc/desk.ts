/** Has tasks done one after the other. */
export type Desk = <T>(task: () => T) => Promise<T>;

/**
 * Does one task in each turn of the event loop: a crowd of calls holds up neither cancellations nor
 * probes nor streams.
 */
export function createDesk(): Desk {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()!();
    if (waiting.length > 0) setImmediate(next);
  };
  return (task) =>
    new Promise((resolve, reject) => {
      const inTurn = () => {
        try {
          resolve(task());
        } catch (error) {
          reject(error);
        }
      };
      if (waiting.push(inTurn) === 1) setImmediate(next);
    });
}
