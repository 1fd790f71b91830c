import ts from "typescript";

const FORMAT = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => "",
  getNewLine: () => "\n",
};

/**
 * Compiles files of the form `export * as entry0 from "name"` in one strict program that also checks the
 * declarations they import.
 *
 * @param {readonly { path: string, names: readonly string[] }[]} consumers `names`: the modules that the
 *   exports refer to, in order.
 * @param {string} typeRoot The folder of the `node` types.
 * @returns {{ declared: Map<string, string[]>, errors: string[] }} `declared`: by entry, the names of the
 *   values (not types) that its declarations export.
 */
export function declaredExports(consumers, typeRoot) {
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
  const declared = new Map(
    consumers.flatMap(({ path, names }) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(path));
      const entries = checker.getExportsOfModule(module);
      return names.map((name, index) => [name, valuesOf(checker, entries, `entry${index}`)]);
    }),
  );
  return { declared, errors };
}

/** The properties of a module's namespace: values only, without types and type-only exports. */
function valuesOf(checker, entries, name) {
  const entry = entries.find((symbol) => symbol.name === name);
  return checker
    .getTypeOfSymbol(checker.getAliasedSymbol(entry))
    .getProperties()
    .map((value) => value.name);
}
