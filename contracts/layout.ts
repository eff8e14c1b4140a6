/** Where everything of a shop lies, in a bucket or a folder. */
export const paths = {
  pointer: (shop: string) => `shops/${shop}/current.json`,
  blockList: (shop: string) => `shops/${shop}/blocked.json`,
  keys: (shop: string) => `shops/${shop}/keys.json`,
  settings: (shop: string) => `shops/${shop}/settings.json`,
  runs: (shop: string) => `shops/${shop}/runs/`,
  manifest: (shop: string, run: string) => `shops/${shop}/runs/${run}/manifest.json`,
  rejects: (shop: string, run: string, attempt: number) => `shops/${shop}/runs/${run}/rejects.${attempt}.csv`,
  interactions: (shop: string) => `shops/${shop}/interactions/`,
  items: (shop: string) => `shops/${shop}/items/`,
  exportOf: (day: string, exported: string) => `day=${day}/export=${exported}/`,
  models: (shop: string) => `shops/${shop}/models/`,
  model: (shop: string, model: string) => `shops/${shop}/models/${model}/`,
} as const;
