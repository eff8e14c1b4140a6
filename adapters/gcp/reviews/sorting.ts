import { createHash } from "node:crypto";

/** What a review waits for. A `rescoring` one keeps its score until it has another. */
export type State = "waiting" | "rescoring" | "failed";

/** Ids may be longer than what is indexed; and a hash has no colon, which parts these texts. */
export const hashOf = (...parts: string[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

/** Texts of these sort as the times do. */
const timed = (at: number) => String(Math.max(0, at)).padStart(15, "0");

/** Sorts as what came earlier does, of one `owner`: an item, a user, a state. */
export const placed = (owner: string, at: number, id: string) => `${owner}:${cameAt(at, id)}`;

/** Sorts as what came earlier does, of all. */
export const cameAt = (at: number, id = "") => `${timed(at)}:${id}`;
/** Sorts behind all times. */
export const END = ":";

/** The texts that begin with this and a colon. */
export const rangeOf = (start: string) => ({ from: `${start}:`, to: `${start};` });

/** New reviews are scored before those that have a score. */
export const rankOf = (state: State | null) => (state === "rescoring" ? 1 : 0);

export const queued = (item: string, state: State, at: number, id: string) =>
  placed(`${item}:${rankOf(state)}`, at, id);

/** When an item's first review may be taken: by rank, then by that time, then as they came. */
export const dueOf = (rank: number, dueAt: number, at: number) => `${rank}${timed(dueAt)}${timed(at)}`;

export const rankIn = (due: string) => Number(due[0]);
export const dueAtIn = (due: string) => Number(due.slice(1, 16));

/** The items that are due. */
export const dueRange = (rank: number, now: number) => ({ from: `${rank}`, to: `${rank}${timed(now + 1)}` });
