export { recogniseErrors } from "./errors/recognise-errors.ts";
export type { RecognisedError } from "./errors/recognised-error.ts";
