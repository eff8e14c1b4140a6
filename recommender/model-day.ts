/** A model is named `<last day>.<number>`. */
export const lastDayOf = (model: string): string => model.split(".")[0];
