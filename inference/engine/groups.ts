/** Most padding of a group, as a share of the tokens in it. */
const MOST_PADDING = 0.2;

/**
 * Puts what has a similar length together, shortest first, so that little is padded.
 * @returns the places of each group's members
 */
export function groupByLength(lengths: readonly number[], most: number): number[][] {
  const shortestFirst = [...lengths.keys()].sort((a, b) => lengths[a] - lengths[b]);
  const groups: number[][] = [];
  let group: number[] = [];
  let tokens = 0;
  for (const place of shortestFirst) {
    const length = lengths[place];
    const padded = length * (group.length + 1) - (tokens + length);
    if (group.length === most || padded > MOST_PADDING * (tokens + length)) {
      groups.push(group);
      [group, tokens] = [[], 0];
    }
    group.push(place);
    tokens += length;
  }
  return group.length > 0 ? [...groups, group] : groups;
}
