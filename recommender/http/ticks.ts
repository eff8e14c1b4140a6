import { createHook } from "node:async_hooks";

/** Never read: that it lives is what counts. */
export let kept: object | null = null;

/**
 * Keeps process.nextTick fast, which Node calls seven times for each request. V8 forgets what the
 * objects of a tick look like when a full collection finds none of them alive, as at night or while
 * a model loads; after the fifth time it stops learning it anew, and each tick takes five times as
 * long for ever. One that stays alive prevents that.
 */
export function keepTicksFast(): void {
  const hook = createHook({
    init: (_id, type, _trigger, tick) => void (type === "TickObject" && (kept = tick)),
  }).enable();
  process.nextTick(() => {}, null);
  hook.disable();
}
