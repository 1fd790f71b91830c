export { defineLibrary } from "./define-library.ts";
export { definePart, fromParts } from "./define-part.ts";
export { embedPage } from "./embed-page.ts";
export { emptyModules } from "./empty-modules.ts";
export { joinChunks } from "./join-chunks.ts";
export { pastBarrels } from "./past-barrels.ts";
export { withoutEmptyChunks } from "./without-empty-chunks.ts";
export { withoutBuiltinImports } from "./without-builtin-imports.ts";
