import { configureGlobal } from "fast-check";

/** How long a property draws cases. A mutant that they do not detect by then counts as missed. */
const DRAWS_FOR_MS = 100;

// For mutants it matters only whether a test fails, not what the smallest failing case is.
configureGlobal({ endOnFailure: true, interruptAfterTimeLimit: DRAWS_FOR_MS });
