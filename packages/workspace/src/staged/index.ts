export { readStaged, type ReadStagedOptions } from "./read-staged.ts";
