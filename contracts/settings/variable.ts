/** `similar.minSupport` is the environment variable `STEAMER_SIMILAR_MIN_SUPPORT`. */
export const variableOf = (name: string) =>
  `STEAMER_${name
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replace(".", "_")
    .toUpperCase()}`;
