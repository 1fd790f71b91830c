import ts from "typescript";

const FORMAT = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => "",
  getNewLine: () => "\n",
};

/**
 * Compiles files of the form `export * as entry0 from "name"` in one program, strictly and with the declarations of
 * what they import.
 *
 * @param {readonly { path: string, names: readonly string[] }[]} consumers `names`: what the exports lead to, in order.
 * @param {string} typeRoot Where `node` has its types.
 * @returns {{ promised: Map<string, string[]>, errors: string[] }} `promised`: by entry, the names of the values, not
 *   types, that its declarations export.
 */
export function promiseOfEntries(consumers, typeRoot) {
  const program = ts.createProgram(
    consumers.map(({ path }) => path),
    {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ["node"],
      typeRoots: [typeRoot],
    },
  );
  const errors = ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => ts.formatDiagnostic(diagnostic, FORMAT).trim());
  const checker = program.getTypeChecker();
  const promised = new Map(
    consumers.flatMap(({ path, names }) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(path));
      const entries = checker.getExportsOfModule(module);
      return names.map((name, index) => [name, valuesOf(checker, entries, `entry${index}`)]);
    }),
  );
  return { promised, errors };
}

/** The properties that the namespace of a module has: types, and what is exported as a type only, are none. */
function valuesOf(checker, entries, name) {
  const entry = entries.find((symbol) => symbol.name === name);
  return checker
    .getTypeOfSymbol(checker.getAliasedSymbol(entry))
    .getProperties()
    .map((value) => value.name);
}
