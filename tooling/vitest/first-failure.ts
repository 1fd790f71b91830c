import { configureGlobal } from "fast-check";

/** For how long a property draws cases. A mutant that none of them notices so soon counts as missed. */
const DRAWS_FOR_MS = 100;

// Mutants ask whether a test fails, not for the smallest case that does.
configureGlobal({ endOnFailure: true, interruptAfterTimeLimit: DRAWS_FOR_MS });
