import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const OPTIONS: ts.CompilerOptions = {
  isolatedDeclarations: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  jsx: ts.JsxEmit.ReactJSX,
  verbatimModuleSyntax: true,
};

const FORMAT: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => "\n",
};

/**
 * Writes the declarations of a package's entries and of all files they refer to, in the layout of the sources.
 *
 * All exports have explicit types (`isolatedDeclarations`), so each file is processed by itself: nothing is
 * type-checked here, and no other package is read.
 *
 * @param entries - Files below `src`, relative to the package, which is the working directory.
 * @param to - The output folder.
 */
export function writeDeclarations(entries: readonly string[], to: string): void {
  const files = new Set(entries.map((path) => resolve(path)));
  // Referenced files are added to the set, and so come later in this loop.
  for (const file of files) {
    const { text, references } = declarationsOf(file);
    const path = join(to, relative("src", file).replace(/\.tsx?$/u, ".d.ts"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    for (const reference of references) files.add(resolve(dirname(file), reference));
  }
}

/** A file's declarations, and the files of its package that they refer to. */
function declarationsOf(file: string): { readonly text: string; readonly references: readonly string[] } {
  const references: string[] = [];
  const { outputText: text, diagnostics = [] } = ts.transpileDeclaration(readFileSync(file, "utf8"), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: OPTIONS,
    transformers: { afterDeclarations: [referToOutput((path) => references.push(path))] },
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, FORMAT));
  return { text, references };
}

/** Rewrites references to sources as references to the published `.js` files. */
function referToOutput(found: (path: string) => void): ts.TransformerFactory<ts.SourceFile | ts.Bundle> {
  return (context) => {
    const visitReference = (node: ts.Node): ts.Node => {
      if (!ts.isStringLiteral(node) || !node.text.startsWith("."))
        return ts.visitEachChild(node, visitReference, context);
      found(node.text);
      return context.factory.createStringLiteral(node.text.replace(/\.tsx?$/u, ".js"));
    };
    const visit = (node: ts.Node): ts.Node =>
      ts.visitEachChild(node, refersToModule(node) ? visitReference : visit, context);
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

function refersToModule(node: ts.Node): boolean {
  return ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportTypeNode(node);
}
