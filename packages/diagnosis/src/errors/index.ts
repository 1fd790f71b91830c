export { chooseExcerpt, type Excerpt } from "./choose-excerpt.ts";
export { plainLine } from "./plain-line.ts";
export { recogniseErrors } from "./recognise-errors.ts";
export type { RecognisedError } from "./recognised-error.ts";
