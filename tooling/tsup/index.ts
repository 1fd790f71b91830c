export { defineLibrary } from "./define-library.ts";
export { withoutBuiltinImports } from "./without-builtin-imports.ts";
