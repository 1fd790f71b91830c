export { readJunit } from "./read-junit.ts";
export { readJunitFile, readRunTests } from "./read-run-tests.ts";
