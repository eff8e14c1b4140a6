import type { Phase } from "../table-maker.ts";
import type { RidgeLayout } from "./layout.ts";

/** The fourth phase, one thread's: it lists where each item is a candidate. A counting sort. */
export const mentioning = ({ items, chosen, mentions }: RidgeLayout): Phase => ({
  places: 1,
  run() {
    const { start, length, label, place } = mentions;
    for (let j = 0; j < items; j++)
      for (let k = chosen.start[j]; k < chosen.start[j] + chosen.length[j]; k++) start[chosen.label[k] + 1]++;
    for (let i = 0; i < items; i++) start[i + 1] += start[i];
    for (let j = 0; j < items; j++) {
      for (let k = chosen.start[j]; k < chosen.start[j] + chosen.length[j]; k++) {
        const i = chosen.label[k];
        const at = start[i] + length[i]++;
        label[at] = j;
        place[at] = k;
      }
    }
  },
});
