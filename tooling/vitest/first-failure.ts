import { configureGlobal } from "fast-check";

// Mutants ask whether a test fails, not for the smallest case that does.
configureGlobal({ endOnFailure: true });
