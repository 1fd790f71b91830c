import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeDirectories, replaceFile, removeFile } from "@loom/system";
import type { CompiledWorkflow, ReadInclude } from "@loom/workflow";
import manifest from "../../package.json" with { type: "json" };

/** What runs and checks need of a compiled workflow. Plain data. */
export type RunnableWorkflow = Pick<CompiledWorkflow, "graph" | "variables" | "rules" | "warnings">;

/** Most workflows that are kept; the oldest go first. */
const MAX_KEPT = 64;

/** Largest entry that is kept: the graph of some tens of thousands of jobs. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Only the owner may write what a run will carry out. */
const OTHERS_MAY_WRITE = 0o022;

interface Entry {
  /** Digests of the included files, by their paths. */
  readonly included: readonly (readonly [path: string, digest: string])[];
  readonly workflow: RunnableWorkflow;
}

/**
 * Compiled workflows that are kept for the next run.
 *
 * They lie in a folder of the user's own, and never in a project: what a clone brings along must not decide what is run
 * in place of the workflow that one has read. A damaged, foreign or missing entry is a miss; nothing here throws.
 */
export class KeptWorkflows {
  readonly #folder: string;
  readonly #compiler: string | undefined;

  /** @param compiler - Names what compiles: another one would make another graph. Default: this package as it is installed. */
  constructor(cacheHome: string, compiler: string | undefined = installedCompiler()) {
    this.#folder = join(cacheHome, "loom", "graphs");
    this.#compiler = compiler;
  }

  /** What was kept of a workflow, unless one of its files has changed since. */
  find(source: {
    readonly text: string;
    readonly shownPath: string;
    readonly include: ReadInclude;
  }): RunnableWorkflow | undefined {
    const path = this.#pathOf(source);
    if (path === undefined) return undefined;
    try {
      if (!isOwnFolder(this.#folder)) return undefined;
      const { included, workflow } = decode(readFileSync(path, "utf8"));
      for (const [name, digest] of included) {
        const read = source.include(name);
        if (!read.ok || digestOf(read.value) !== digest) return undefined;
      }
      return workflow;
    } catch {
      return undefined;
    }
  }

  /** Keeps a workflow, if that can be. */
  keep(
    source: {
      readonly text: string;
      readonly shownPath: string;
      readonly included: ReadonlyMap<string, string>;
    },
    { graph, variables, rules, warnings }: RunnableWorkflow,
  ): void {
    const path = this.#pathOf(source);
    if (path === undefined) return;
    const workflow = { graph, variables, ...(rules !== undefined && { rules }), warnings };
    try {
      makeDirectories(this.#folder, 0o700);
      if (!isOwnFolder(this.#folder)) return;
      const text = encode({ included: [...source.included], workflow });
      if (text.length > MAX_BYTES) return;
      replaceFile(path, text);
      this.#prune();
    } catch {
      // The next run compiles it again.
    }
  }

  #pathOf({ text, shownPath }: { readonly text: string; readonly shownPath: string }): string | undefined {
    if (this.#compiler === undefined) return undefined;
    return join(this.#folder, `${digestOf(JSON.stringify([this.#compiler, shownPath, text]))}.json`);
  }

  #prune(): void {
    const names = readdirSync(this.#folder);
    if (names.length <= MAX_KEPT) return;
    const ages = names.map((name) => ({ name, ms: lstatSync(join(this.#folder, name)).mtimeMs }));
    for (const { name } of ages.toSorted((a, b) => b.ms - a.ms).slice(MAX_KEPT))
      removeFile(join(this.#folder, name));
  }
}

/** SHA-256 of a text, in hexadecimal. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function encode(entry: Entry): string {
  const text = JSON.stringify(entry);
  return `${digestOf(text)}\n${text}`;
}

/** @throws When it is not whole. */
function decode(text: string): Entry {
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  if (digestOf(body) !== text.slice(0, end)) throw new Error("The entry is damaged");
  return JSON.parse(body) as Entry;
}

/** Whether a folder is this user's, and nobody else may put something into it. */
function isOwnFolder(path: string): boolean {
  const facts = lstatSync(path);
  const { uid, mode } = facts;
  return facts.isDirectory() && uid === process.getuid?.() && (mode & OTHERS_MAY_WRITE) === 0;
}

/** How the path of a file ends that is part of this package as it is published. */
const OWN_PACKAGE = /\/runner\/dist\/[^/]+$/u;

/** The version and the files of what compiles here; `undefined` where it runs from sources, which may change under it. */
function installedCompiler(): string | undefined {
  const own = fileURLToPath(import.meta.url);
  if (own.endsWith(".ts")) return undefined;
  try {
    return JSON.stringify([manifest.version, ...[own, ...workflowPackage(own)].map(fileMark)]);
  } catch {
    return undefined;
  }
}

/** Where the compiler is a package of its own. In a program that was bundled it is none, and to look for it takes 3 ms. */
function workflowPackage(own: string): string[] {
  if (!OWN_PACKAGE.test(own)) return [];
  try {
    return [fileURLToPath(import.meta.resolve("@loom/workflow"))];
  } catch {
    return [];
  }
}

function fileMark(path: string): readonly [path: string, bytes: number, mtimeMs: number] {
  const { size, mtimeMs } = statSync(path);
  return [path, size, mtimeMs];
}
