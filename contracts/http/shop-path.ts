/** The routes of a shop stand below this path; where there is one shop, at the root too. */
export const SHOP_PATH = "/shops/:shop";

/** The address of a shop's routes, below the recommender's own. */
export const shopPath = (shop: string) => SHOP_PATH.replace(":shop", shop);
