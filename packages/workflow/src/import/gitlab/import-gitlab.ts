import { err, ok, type Result } from "@loom/core";
import { MAX_FILE_BYTES } from "../../limits.ts";
import type { Draft, DraftJob, DraftKeys } from "../draft.ts";
import { inherit, ownOf } from "../inherit-draft.ts";
import {
  at,
  entriesOf,
  flagOf,
  itemsOf,
  textOf,
  textsOf,
  type ForeignTree,
  type TreeEntry,
  type TreeMap,
} from "../tree.ts";
import { ROOT_KEYS as RESERVED } from "../../schema/workflow-schema.ts";
import { slugOf, UniqueNames } from "../unique-names.ts";
import { assumeFacts } from "./assumed-facts.ts";
import { gitlabJob } from "./gitlab-job.ts";
import { DEFAULT_KEYS, LEFT_OUT, ROOT_KEYS } from "./gitlab-keys.ts";
import { gitlabPipelineRules } from "./gitlab-rules.ts";
import { gitlabVariables } from "./gitlab-variables.ts";
import type { GitlabContext } from "./gitlab-context.ts";
import { loadGitlab, mergeTrees, type LoadContext } from "./load-gitlab.ts";
import { matrixRow } from "./matrix-row.ts";
import { partMatrices, type DraftMatrix } from "./part-matrices.ts";
import { renameVariables } from "./rename-variables.ts";
import { resolveReferences } from "./resolve-references.ts";
import { titleOf } from "./title-of.ts";

/** The stages of a pipeline that names none. */
const STAGES = ["build", "test", "deploy"];

/** How long a chain of `extends` may be. GitLab itself allows 11. */
const MAX_PARENTS = 50;

/** Makes a workflow of a `.gitlab-ci.yml`; `too_large` when references or inheritance make too much of it. */
export function importGitlab(
  main: ForeignTree,
  context: LoadContext,
): Result<{ readonly draft: Draft; readonly files: readonly string[] }, "too_large"> {
  const loaded = loadGitlab(main, context);
  const root = renameVariables(resolveReferences(loaded.root, context), context.notes);
  if (context.budget.left < 0) return err("too_large");
  const draft = new GitlabImport(root, context).draft();
  if (context.budget.left < 0) return err("too_large");
  assumeFacts(draft, { root, notes: context.notes });
  draft.head.push(
    `Made by \`loom import ${main.file}\`${loaded.files.length > 1 ? " and what it includes" : ""}. Change it as you like.`,
  );
  return ok({ draft, files: loaded.files });
}

class GitlabImport {
  readonly #root: TreeMap;
  readonly #context: LoadContext;
  readonly #jobs: ReadonlyMap<string, TreeEntry>;
  readonly #names = new Map<string, string>();
  readonly #stages = new Map<string, string>();
  #written = 0;
  /** Jobs that are in the draft, or left out of it, or about to be. */
  readonly #visited = new Set<string>();
  readonly #resolved = new Map<string, TreeMap>();
  /** By the names of their jobs in the workflow. */
  readonly #matrices = new Map<string, DraftMatrix>();
  readonly #variables: Record<string, string>;
  readonly #defaults: TreeMap;
  /** Jobs that have a script, and so a place in the workflow. */
  readonly #runs: ReadonlySet<string>;

  constructor(root: TreeMap, context: LoadContext) {
    this.#root = root;
    this.#context = context;
    this.#jobs = new Map(
      [...root.entries].filter(([name, { node }]) => !ROOT_KEYS.has(name) && node.kind === "map"),
    );
    const variables = at(root, "variables");
    const note: GitlabContext["note"] = (place, message) => {
      this.#note(place, message);
    };
    this.#variables = variables === undefined ? {} : gitlabVariables(variables, { note });
    this.#defaults = this.#readDefaults();
    this.#nameStages();
    this.#nameJobs();
    this.#runs = new Set(
      [...this.#jobs.keys()].filter((name) => !name.startsWith(".") && hasScript(this.#resolve(name, []))),
    );
  }

  draft(): Draft {
    const rules = gitlabPipelineRules(at(this.#root, "workflow"), this.#contextOf({}));
    const found = new Map<string, ForeignTree>();
    const defaults: DraftKeys = { workspace: "own", ...this.#keysOf("default", this.#defaults, found) };
    const sources = new Map<string, ForeignTree>(
      [...found].map(([key, node]) => [`default.${key}`, node] as const),
    );
    for (const key of ["variables", "workflow", "stages"]) {
      const node = at(this.#root, key);
      if (node !== undefined) sources.set(key, node);
    }
    const draft: Draft = {
      head: [],
      stages: [...this.#stages.values()],
      variables: this.#variables,
      defaults,
      rules,
      sources,
      jobs: new Map(),
      gaps: [],
    };
    const wanted = this.#wantedTemplates();
    const effective = new Map<string, DraftKeys>();
    for (const [name, { node }] of this.#jobs) {
      const isTemplate = name.startsWith(".");
      if (node.kind !== "map" || (isTemplate && !wanted.has(name))) continue;
      this.#add(draft, { name, entry: this.#jobs.get(name), effective, chain: [] });
      if (this.#context.budget.left < 0) return draft;
    }
    partMatrices(draft, this.#matrices, (place, message) => {
      this.#note(place, message);
    });
    return draft;
  }

  #add(
    draft: Draft,
    {
      name,
      entry,
      effective,
      chain,
    }: {
      readonly name: string;
      readonly entry: TreeEntry | undefined;
      readonly effective: Map<string, DraftKeys>;
      readonly chain: readonly string[];
    },
  ): void {
    const own = this.#names.get(name);
    if (own === undefined || entry?.node.kind !== "map" || this.#visited.has(name)) return;
    this.#visited.add(name);
    const parents = this.#parentsOf(entry.node, chain).filter((parent) => this.#names.has(parent));
    for (const parent of parents)
      this.#add(draft, { name: parent, entry: this.#jobs.get(parent), effective, chain: [...chain, name] });
    const isTemplate = own.startsWith(".");
    const job = this.#resolve(name, []);
    const whole = isTemplate ? job : this.#withDefaults(job);
    const sources = new Map<string, ForeignTree>();
    const keys = this.#keysOf(name, whole, sources);
    if (!isTemplate) keys["stage"] ??= this.#stageOf("test") ?? [...this.#stages.values()][0] ?? "test";
    if (!isTemplate && own !== name) keys["title"] = titleOf(name);
    if (!isTemplate && !this.#runs.has(name)) {
      this.#leaveOut(draft, { name, own, entry, job });
      return;
    }
    const heirs = parents.filter((parent) => effective.has(parent));
    const merged = heirs.reduce<DraftKeys>((all, parent) => inherit(all, effective.get(parent) ?? {}), {});
    if (merged["shell"] === "bash" || (!isTemplate && draft.defaults["shell"] === "bash"))
      keys["shell"] = "bash";
    const inherited = isTemplate ? merged : inherit(draft.defaults, merged);
    if (!isTemplate) keys["workspace"] = "own";
    this.#context.budget.left -= sizeOf(whole);
    const written: DraftKeys = {
      ...(heirs.length > 0 && {
        extends: extendsOf(heirs.map((parent) => this.#names.get(parent) ?? parent)),
      }),
      ...ownOf(inherited, keys),
    };
    effective.set(name, keys);
    // What is written already is too large: nothing behind it makes it smaller.
    this.#written += JSON.stringify(written).length;
    if (this.#written > 2 * MAX_FILE_BYTES) this.#context.budget.left = -1;
    const made: DraftJob = { file: entry.file, line: entry.line, comments: [], keys: written, sources };
    draft.jobs.set(own, made);
    const rows = keys["matrix"];
    if (isTemplate || !Array.isArray(rows)) return;
    const places = itemsOf(at(at(whole, "parallel"), "matrix"));
    this.#matrices.set(own, { rows: rows as readonly DraftKeys[], places, title: titleOf(name) });
  }

  #leaveOut(
    draft: Draft,
    {
      name,
      own,
      entry,
      job,
    }: { readonly name: string; readonly own: string; readonly entry: TreeEntry; readonly job: TreeMap },
  ): void {
    const why = ["trigger", "run"].find((key) => at(job, key) !== undefined);
    const message = `the job was left out: ${why === undefined ? "it has no script" : `${why}: ${LEFT_OUT[why] ?? ""}`}`;
    this.#note(
      (why === undefined ? undefined : at(job, why)) ?? at(job, "script") ?? entry,
      `${name}: ${message}`,
    );
    draft.gaps.push(`TODO ${own}: ${message}`);
  }

  /** The templates that a job inherits from, or another such template. */
  #wantedTemplates(): ReadonlySet<string> {
    const wanted = new Set<string>();
    const pending = [...this.#jobs.keys()].filter((name) => !name.startsWith("."));
    const seen = new Set(pending);
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name.startsWith(".")) wanted.add(name);
      for (const parent of textsOf(at(this.#jobs.get(name)?.node, "extends"))) {
        if (seen.has(parent)) continue;
        seen.add(parent);
        pending.push(parent);
      }
    }
    return wanted;
  }

  #readDefaults(): TreeMap {
    const { file, line } = this.#root;
    const entries = new Map<string, TreeEntry>();
    for (const key of DEFAULT_KEYS) {
      const entry = this.#root.entries.get(key);
      if (entry !== undefined && key in OLD_ROOT) entries.set(key, entry);
    }
    const block = at(this.#root, "default");
    for (const [key, entry] of entriesOf(block)) {
      if ((DEFAULT_KEYS as readonly string[]).includes(key)) entries.set(key, entry);
      else this.#note(entry, `default: ${key} was not carried over`);
    }
    return { kind: "map", file: block?.file ?? file, line: block?.line ?? line, entries };
  }

  #nameStages(): void {
    const listed = textsOf(at(this.#root, "stages") ?? at(this.#root, "types"));
    const declared = listed.length > 0 ? listed : STAGES;
    const used = new Set(["test"]);
    for (const [, { node }] of this.#jobs) used.add(textOf(at(node, "stage")) ?? "test");
    const edges = [".pre", ...declared.filter((name) => name !== ".pre" && name !== ".post"), ".post"];
    const names = new UniqueNames(32);
    for (const name of edges) {
      const isNeeded = listed.length > 0 && !name.startsWith(".") ? true : used.has(name);
      if (isNeeded && !this.#stages.has(name)) this.#stages.set(name, names.take(slugOf(name, "stage")));
    }
    if (this.#stages.size === 0) this.#stages.set("test", names.take("test"));
  }

  #stageOf(name: string): string | undefined {
    return this.#stages.get(name);
  }

  #nameJobs(): void {
    const names = new UniqueNames(64, RESERVED);
    const templates = new UniqueNames(64);
    // A name that may stay as it is goes before one that would become it.
    const all = [...this.#jobs.keys()];
    const sorted = [
      ...all.filter((name) => slugless(name) === name),
      ...all.filter((name) => slugless(name) !== name),
    ];
    for (const name of sorted) {
      const isTemplate = name.startsWith(".");
      const slug = slugOf(isTemplate ? name.slice(1) : name, isTemplate ? "t" : "job");
      const own = isTemplate ? `.${templates.take(slug)}` : names.take(slug);
      this.#names.set(name, own);
    }
  }

  #parentsOf(job: ForeignTree, chain: readonly string[]): readonly string[] {
    return chain.length >= MAX_PARENTS ? [] : textsOf(at(job, "extends"));
  }

  /** A job with what its parents bring, the last one strongest. */
  #resolve(name: string, chain: readonly string[]): TreeMap {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const entry = this.#jobs.get(name);
    const { file, line } = entry ?? this.#root;
    if (entry?.node.kind !== "map" || this.#context.budget.left < 0)
      return { kind: "map", file, line, entries: new Map() };
    let entries = new Map<string, TreeEntry>();
    for (const item of itemsOf(at(entry.node, "extends"))) {
      const parent = textOf(item) ?? "";
      const why = !this.#jobs.has(parent)
        ? "there is no such job"
        : parent === name || chain.includes(parent)
          ? "it extends itself"
          : chain.length >= MAX_PARENTS
            ? "the chain is too long"
            : undefined;
      if (why !== undefined) this.#note(item, `${name}: extends ${parent} was left out: ${why}`);
      else
        entries = mergeTrees(entries, this.#resolve(parent, [...chain, name]).entries, this.#context.budget);
    }
    const job: TreeMap = {
      ...entry.node,
      entries: mergeTrees(entries, entry.node.entries, this.#context.budget),
    };
    if (chain.length === 0) this.#resolved.set(name, job);
    return job;
  }

  #withDefaults(job: TreeMap): TreeMap {
    const inherited = at(job, "inherit");
    const choice = at(inherited, "default");
    const names = choice?.kind === "list" ? new Set(textsOf(choice)) : undefined;
    if (at(inherited, "variables") !== undefined)
      this.#note(at(inherited, "variables") ?? job, "inherit: variables of the root are always there");
    if (flagOf(choice) === false) return job;
    const entries = new Map(job.entries);
    for (const [key, entry] of this.#defaults.entries)
      if (!entries.has(key) && (names === undefined || names.has(key))) entries.set(key, entry);
    return { ...job, entries };
  }

  #keysOf(name: string, job: TreeMap, sources = new Map<string, ForeignTree>()): DraftKeys {
    const own: Record<string, string> = Object.fromEntries(
      entriesOf(at(job, "variables")).flatMap(([key, { node }]) => {
        const value = textOf(node) ?? textOf(at(node, "value"));
        return value === undefined ? [] : [[key, value]];
      }),
    );
    const id = this.#names.get(name);
    // In a template it is that of whoever inherits.
    if (id !== undefined && !id.startsWith(".")) own["CI_JOB_NAME"] = id;
    const names = {
      stage: (stage: string) => this.#stages.get(stage),
      job: (other: string) => (this.#runs.has(other) ? this.#names.get(other) : undefined),
      matrix: (other: string) =>
        itemsOf(at(at(this.#resolve(other, []), "parallel"), "matrix")).map(matrixRow),
    };
    return gitlabJob(job, names, { ...this.#contextOf(own, textOf(at(job, "when"))), sources });
  }

  #contextOf(own: Readonly<Record<string, string>>, when = "on_success"): GitlabContext {
    return {
      note: (place, message) => {
        this.#note(place, message);
      },
      valueOf: (variable) =>
        Object.hasOwn(own, variable)
          ? own[variable]
          : Object.hasOwn(this.#variables, variable)
            ? this.#variables[variable]
            : undefined,
      when: ["on_success", "on_failure", "always", "manual"].includes(when) ? when : "on_success",
    };
  }

  #note(place: { readonly file: string; readonly line: number }, message: string): void {
    this.#context.notes.add(place, message);
  }
}

/** Root keys that are an old way to write `default`. */
const OLD_ROOT = { image: true, services: true, cache: true, before_script: true, after_script: true };

function slugless(name: string): string {
  return name.startsWith(".") ? `.${slugOf(name.slice(1), "t")}` : slugOf(name, "job");
}

function extendsOf(names: readonly string[]): string | readonly string[] {
  const [only] = names;
  return only !== undefined && names.length === 1 ? only : names;
}

/** How much a job is, as far as carrying it over costs. */
function sizeOf(job: TreeMap): number {
  let size = 1;
  for (const [, { node }] of job.entries)
    size += 1 + (node.kind === "map" ? node.entries.size : node.kind === "list" ? node.items.length : 0);
  return size;
}

function hasScript(job: TreeMap): boolean {
  return textsOf(at(job, "script")).some((text) => text.trim() !== "");
}
