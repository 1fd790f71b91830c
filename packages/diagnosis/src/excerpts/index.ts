export { failureExcerpts } from "./failure-excerpts.ts";
