import { MAX_JOBS } from "../../limits.ts";
import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import type { Draft, DraftKeys, DraftValue } from "../draft.ts";
import type { ImportNotes } from "../import-notes.ts";
import {
  at,
  entriesOf,
  flagOf,
  itemsOf,
  textOf,
  textsOf,
  type ForeignTree,
  type TreeEntry,
  type TreePlace,
} from "../tree.ts";
import { isBash } from "../shell-steps.ts";
import { slugOf, UniqueNames } from "../unique-names.ts";
import { AS_TEXT, AS_VALUE, fillExpressions } from "./fill-expressions.ts";
import { githubCondition, testAsCondition } from "./github-condition.ts";
import {
  githubMatrix,
  matrixForm,
  matrixVariable,
  type GithubMatrix,
  type MatrixForm,
} from "./github-matrix.ts";
import { githubEnvironment, setRunnerFacts } from "./github-environment.ts";
import { githubServices } from "./github-services.ts";
import { githubSteps } from "./github-steps.ts";
import { placedSteps, type ActionFiles } from "./placed-steps.ts";
import type { Values } from "./known-value.ts";
import { underOwnNames } from "./under-own-names.ts";

/** GitHub has no stages: jobs wait for their needs. */
const STAGE = "ci";

const ROOT_KEYS = ["name", "on", "true", "jobs", "env", "defaults"];

/** Makes a workflow of one of GitHub Actions. */
export function importGithub(root: ForeignTree, files: ActionFiles): Draft {
  const { notes } = files;
  const draft: Draft = {
    head: [],
    stages: [STAGE],
    variables: {},
    defaults: { workspace: "own", shell: "bash" },
    rules: [],
    jobs: new Map(),
    gaps: [],
  };
  const name = textOf(at(root, "name"));
  draft.head.push(
    `Made by \`loom import ${root.file}\`${name === undefined ? "" : ` from "${name}"`}. Change it as you like.`,
  );
  for (const [key, entry] of entriesOf(root)) {
    if (key === "on" || key === "true")
      notes.add(entry, "on: a run starts when you start it, whatever has changed");
    else if (!ROOT_KEYS.includes(key)) notes.add(entry, `${key} has no meaning here`);
  }
  const all = entriesOf(at(root, "jobs"));
  const jobs = all.slice(0, MAX_JOBS);
  const [beyond] = all.slice(MAX_JOBS);
  if (beyond !== undefined) notes.add(beyond[1], `jobs: a workflow has at most ${MAX_JOBS}`);
  const names = new UniqueNames(64, ["version", "stages", "include", "workflow", "variables", "default"]);
  const ids = new Map(jobs.map(([id]) => [id, names.take(slugOf(id, "job"))]));
  const written = new Map(entriesOf(root)).get("env");
  const environment = githubEnvironment(
    written?.node,
    {
      matrix: () => undefined,
      secret: () => undefined,
      setting: (name) => {
        if (written !== undefined) noteSetting(notes, written, name);
      },
    },
    notes,
  );
  Object.assign(draft.variables, environment.variables);
  draft.sources = underOwnNames(root);
  /** The jobs that each one became. */
  const kept = new Map<string, readonly string[]>();
  for (const [id, entry] of jobs) {
    const own = ids.get(id) ?? id;
    const made = new GithubJob(own, entry, { root, files, secrets: environment.secrets }).made();
    if ("reason" in made) {
      notes.add(entry, `${id}: the job was left out: ${made.reason}`);
      draft.gaps.push(`TODO ${own}: ${made.reason}`);
      continue;
    }
    const { comments, matrix, sources } = made;
    const title = at(entry.node, "name") === undefined && own !== id ? id : undefined;
    const keys: DraftKeys = { stage: STAGE, ...(title !== undefined && { title }), ...made.keys };
    if (matrix.kind === "matrix") keys["matrix"] = matrix.entries;
    const place = { file: entry.file, line: entry.line };
    if (matrix.kind !== "jobs") {
      draft.jobs.set(own, { ...place, comments, keys, sources });
      kept.set(id, [own]);
      continue;
    }
    const template = `.${own}`.slice(0, 64);
    draft.jobs.set(template, { ...place, comments, keys, sources });
    const combined = sources.get("matrix");
    const values = new Map(combined === undefined ? [] : [["variables", combined]]);
    const each = matrix.variables.map((variables, index) => {
      const name = names.take(`${own.slice(0, 58)}-${index + 1}`);
      draft.jobs.set(name, {
        ...place,
        comments: [],
        keys: { extends: template, variables },
        sources: values,
      });
      return name;
    });
    kept.set(id, each);
  }
  for (const [id, entry] of jobs) {
    const own = ids.get(id) ?? id;
    const job = draft.jobs.get(own) ?? draft.jobs.get(`.${own}`.slice(0, 64));
    if (job === undefined || !kept.has(id)) continue;
    const needs = new Set<string>();
    for (const item of itemsOf(at(entry.node, "needs"))) {
      const other = textOf(item) ?? "";
      for (const each of kept.get(other) ?? []) needs.add(each);
      if (!kept.has(other)) notes.add(item, `needs: ${other} was left out: there is no such job here`);
    }
    if (needs.size > 0) job.keys["needs"] = [...needs];
  }
  return draft;
}

const JOB_KEYS = [
  "name",
  "needs",
  "runs-on",
  "if",
  "env",
  "defaults",
  "strategy",
  "steps",
  "timeout-minutes",
  "continue-on-error",
  "container",
  "services",
];

const LEFT_OUT: Readonly<Record<string, string>> = {
  outputs: "write a file, and pass it on under artifacts",
  environment: "deployments are not tracked here",
};

type Made =
  | {
      readonly keys: DraftKeys;
      readonly comments: string[];
      readonly matrix: MatrixForm;
      readonly sources: ReadonlyMap<string, ForeignTree>;
    }
  | { readonly reason: string };

function noteSetting(notes: ImportNotes, place: TreePlace, name: string): void {
  notes.add(
    place,
    `vars.${name} is $${name} here: set it under variables, as GitHub's settings are not here`,
  );
}

/** What jobs share. */
interface Whole {
  readonly root: ForeignTree;
  readonly files: ActionFiles;
  /** Where the secrets of the root's `env` come from, by the variable that holds them. */
  readonly secrets: ReadonlyMap<string, string>;
}

class GithubJob {
  readonly #root: ForeignTree;
  readonly #job: ForeignTree;
  readonly #entry: TreeEntry;
  readonly #files: ActionFiles;
  readonly #notes: ImportNotes;
  readonly #id: string;
  readonly #secrets: Map<string, string>;
  #matrix: GithubMatrix | undefined;
  readonly #values: Values;

  constructor(id: string, entry: TreeEntry, { root, files, secrets }: Whole) {
    const { notes } = files;
    this.#id = id;
    this.#secrets = new Map(secrets);
    this.#root = root;
    this.#entry = entry;
    this.#job = entry.node;
    this.#files = files;
    this.#notes = notes;
    this.#matrix = githubMatrix(at(at(entry.node, "strategy"), "matrix"), notes);
    this.#values = {
      matrix: (path) => (this.#matrix === undefined ? undefined : matrixVariable(this.#matrix, path)),
      falseTexts: (path) => [...(this.#matrix?.falseTexts.get(path) ?? [])],
      secret: (name) => this.#secrets.set(name, name),
      setting: (name) => noteSetting(notes, entry, name),
    };
  }

  made(): Made {
    const job = this.#job;
    if (job.kind !== "map") return { reason: "it is no mapping" };
    const uses = textOf(at(job, "uses"));
    if (uses !== undefined) return { reason: `it is the workflow ${uses}: import that file, too` };
    const elsewhere = this.#keepLinux();
    if (elsewhere !== undefined) return { reason: elsewhere };
    this.#noteOthers();
    const run = { ...runDefaults(this.#root), ...runDefaults(job) };
    const environment = githubEnvironment(at(job, "env"), this.#values, this.#notes);
    const { variables } = environment;
    for (const [name, from] of environment.secrets) this.#secrets.set(name, from);
    const steps = githubSteps(placedSteps(at(job, "steps"), this.#files), {
      values: this.#values,
      notes: this.#notes,
      defaults: {
        directory: run["working-directory"],
        shell: run["shell"],
        isContained: at(job, "container") !== undefined,
        secrets: this.#secrets,
      },
    });
    if (steps.script.length === 0 && steps.after.length === 0)
      return { reason: "none of its steps could be carried over" };
    const commands = [...steps.script, ...steps.after].map((step) => step.run);
    setRunnerFacts(commands, variables, { place: this.#entry, notes: this.#notes });
    const keys: DraftKeys = {
      ...this.#title(),
      ...this.#condition(),
      ...this.#limits(),
      ...this.#containers(variables),
    };
    if (Object.keys(variables).length > 0) keys["variables"] = variables;
    const secrets = [...this.#secrets].filter(([name]) => !(name in variables));
    if (secrets.length > 0)
      keys["secrets"] = Object.fromEntries(
        secrets.map(([name, from]): [string, DraftValue] => [
          name,
          { ref: `env://${from}`, file: false, required: false },
        ]),
      );
    if (steps.carriesVariables) keys["carry"] = ["env"];
    keys["script"] = steps.script.length > 0 ? steps.script : ["true"];
    if (steps.after.length > 0) keys["after_script"] = steps.after;
    const [cache] = steps.caches;
    if (cache !== undefined) keys["cache"] = steps.caches.length === 1 ? cache : steps.caches;
    if (steps.paths.length > 0) {
      keys["artifacts"] = {
        paths: steps.paths,
        ...(steps.exclude.length > 0 && { exclude: steps.exclude }),
        ...(steps.when !== undefined && { when: steps.when }),
      };
    }
    // In a container, GitHub takes sh unless a step says otherwise, and not every image has bash.
    if (keys["image"] !== undefined && run["shell"] === undefined && !commands.some(isBash))
      keys["shell"] = "sh";
    const matrix: MatrixForm =
      this.#matrix === undefined ? { kind: "none" } : matrixForm(this.#matrix, this.#id);
    const sources = new Map([...underOwnNames(job), ...steps.sources]);
    const combined = at(at(job, "strategy"), "matrix");
    if (combined !== undefined) sources.set("matrix", combined);
    const image = at(at(job, "container"), "image");
    if (image !== undefined) sources.set("image", image);
    return { keys, comments: [...steps.trailing], matrix, sources };
  }

  /** Takes out of the matrix what is for other systems. Returns why nothing is left. */
  #keepLinux(): string | undefined {
    const node = at(this.#job, "runs-on");
    const texts = node?.kind === "map" ? textsOf(at(node, "labels")) : textsOf(node);
    const isElsewhere = (text: string): boolean => /windows|macos|mac-|win-/i.test(text);
    const plain = texts.find((text) => !text.includes("${{") && isElsewhere(text));
    if (plain !== undefined) return `it is for ${plain}`;
    const path = texts
      .map((text) => /^\$\{\{\s*matrix\.([\w.-]+)\s*(?:\|\|\s*'[^']*'\s*)?\}\}$/.exec(text)?.[1])
      .find((found) => found !== undefined);
    const matrix = this.#matrix;
    if (path === undefined || matrix === undefined) return undefined;
    const rows = matrix.rows.filter((row) => !isElsewhere(row.get(path) ?? ""));
    const left = new Set(matrix.rows.filter((row) => !rows.includes(row)).map((row) => row.get(path) ?? ""));
    if (left.size > 0 && node !== undefined)
      this.#notes.add(node, `strategy.matrix: what is for ${[...left].join(", ")} was left out`);
    this.#matrix = { ...matrix, rows };
    return rows.length === 0 ? `it is for ${[...left].join(", ")}` : undefined;
  }

  #noteOthers(): void {
    for (const [key, entry] of entriesOf(this.#job)) {
      if (JOB_KEYS.includes(key)) continue;
      const why = Object.hasOwn(LEFT_OUT, key) ? LEFT_OUT[key] : undefined;
      this.#notes.add(
        entry,
        why === undefined ? `${key} has no meaning here` : `${key} was not carried over: ${why}`,
      );
    }
    for (const [key, entry] of entriesOf(at(this.#job, "strategy")))
      if (key !== "matrix") this.#notes.add(entry, `strategy.${key} has no meaning here`);
  }

  #title(): DraftKeys {
    const node = at(this.#job, "name");
    const name = textOf(node)?.replaceAll(/\s+/g, " ").trim() ?? "";
    if (name === "") return {};
    if (!name.includes("${{") && name.length <= 80) return { title: name };
    if (node !== undefined)
      this.#notes.add(node, "name was left out: a title is a text of at most 80 characters, without values");
    return {};
  }

  #condition(): DraftKeys {
    const node = at(this.#job, "if");
    const text = textOf(node);
    if (node === undefined || text === undefined) return {};
    // What a value of the matrix says is decided before there is a matrix.
    const condition = githubCondition(text, this.#values);
    const isOfMatrix = /\bmatrix\b/.test(text);
    if (condition === undefined || isOfMatrix) {
      this.#notes.add(node, `if: ${text} is not known here, so the job waits to be asked for: when: manual`);
      return { when: "manual" };
    }
    const { status, test } = condition;
    if (test.kind === "constant" && !test.value) {
      this.#notes.add(
        node,
        `if: ${text} does not hold for a push, so the job waits to be asked for: when: manual`,
      );
      return { when: "manual" };
    }
    const when = status === "success" ? undefined : status === "failure" ? "on_failure" : "always";
    return {
      ...(when !== undefined && { when }),
      ...(test.kind !== "constant" && { rules: [{ if: testAsCondition(test) }] }),
    };
  }

  #limits(): DraftKeys {
    const keys: DraftKeys = {};
    const timeout = at(this.#job, "timeout-minutes");
    const minutes = Number(textOf(timeout));
    if (timeout !== undefined && minutes > 0 && Number.isInteger(minutes)) keys["timeout"] = `${minutes}m`;
    else if (timeout !== undefined)
      this.#notes.add(timeout, "timeout-minutes was not carried over: it is no number");
    const allowed = at(this.#job, "continue-on-error");
    const flag = flagOf(allowed);
    if (flag === true) keys["allow_failure"] = true;
    else if (allowed !== undefined && flag === undefined)
      this.#notes.add(allowed, "continue-on-error was not carried over: its value is not known here");
    return keys;
  }

  #containers(variables: Record<string, string>): DraftKeys {
    const keys: DraftKeys = {};
    const container = at(this.#job, "container");
    const image = textOf(container) ?? textOf(at(container, "image"));
    if (container !== undefined && image !== undefined && image !== "") {
      const filled = fillExpressions(image, this.#values, AS_TEXT);
      if (filled.ok) keys["image"] = filled.text;
      else this.#notes.add(container, `container: ${image} is not known here: write the name out`);
      for (const [key, entry] of entriesOf(container)) {
        if (key === "env") {
          for (const [name, { node }] of entriesOf(entry.node)) {
            const value = fillExpressions(textOf(node) ?? "", this.#values, AS_VALUE);
            if (value.ok && VARIABLE_NAME.test(name)) variables[name] ??= value.text;
            else this.#notes.add(entry, `container: env ${name} was left out`);
          }
        } else if (key !== "image") this.#notes.add(entry, `container: ${key} was not carried over`);
      }
    }
    const services = githubServices(at(this.#job, "services"), this.#values, this.#notes);
    if (services.length > 0) {
      keys["services"] = services;
      if (keys["image"] === undefined)
        this.#notes.add(
          this.#entry,
          "services: a job with services needs an image here, and finds them under their names, not at localhost",
        );
    }
    return keys;
  }
}

function runDefaults(node: ForeignTree): Record<string, string> {
  return Object.fromEntries(
    entriesOf(at(at(node, "defaults"), "run")).flatMap(([key, entry]): [string, string][] => {
      const text = textOf(entry.node);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}
