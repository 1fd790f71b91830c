import type { DraftValue } from "../draft.ts";
import { slugOf } from "../unique-names.ts";
import { AS_TEXT, fillExpressions, type Filled } from "./fill-expressions.ts";
import type { Values } from "./known-value.ts";

/** What a step with `uses` becomes. */
export interface ActionMeaning {
  /** A command to run. */
  readonly run?: string;
  readonly cache?: { readonly [key: string]: DraftValue };
  readonly paths?: readonly string[];
  readonly exclude?: readonly string[];
  /** What is to be said of it. */
  readonly notes: readonly string[];
  /** Whether it is left out, with a mark in the workflow. */
  readonly isGap?: true;
}

/** Actions that make a tool ready: the command that shows it, and the input that names its version. */
const SETUPS: Readonly<Record<string, readonly [command: string, input: string]>> = {
  "actions/setup-node": ["node --version", "node-version"],
  "actions/setup-python": ["python3 --version", "python-version"],
  "actions/setup-go": ["go version", "go-version"],
  "actions/setup-java": ["java -version", "java-version"],
  "actions/setup-dotnet": ["dotnet --version", "dotnet-version"],
  "ruby/setup-ruby": ["ruby --version", "ruby-version"],
  "shivammathur/setup-php": ["php --version", "php-version"],
  "pnpm/action-setup": ["pnpm --version", "version"],
  "oven-sh/setup-bun": ["bun --version", "bun-version"],
  "denoland/setup-deno": ["deno --version", "deno-version"],
  "astral-sh/setup-uv": ["uv --version", "version"],
  "dtolnay/rust-toolchain": ["cargo --version", "toolchain"],
  "actions-rs/toolchain": ["cargo --version", "toolchain"],
  "actions-rust-lang/setup-rust-toolchain": ["cargo --version", "toolchain"],
  "hecrj/setup-rust-action": ["cargo --version", "rust-version"],
};

/**
 * What an action is on this machine.
 *
 * @param inputs - Its `with`, as written.
 */
export function meaningOf(uses: string, inputs: ReadonlyMap<string, string>, values: Values): ActionMeaning {
  const [name = "", version = ""] = uses.split("@", 2);
  if (name === "actions/checkout") return checkout(inputs);
  if (name === "actions/cache" || name === "actions/cache/restore") return cacheOf(inputs, values);
  if (name === "actions/cache/save") return { notes: [] };
  if (name === "actions/upload-artifact") return uploadOf(inputs, values);
  if (name === "actions/download-artifact") {
    return { notes: [`${name}: the artifacts of the jobs in needs are there at the paths they had`] };
  }
  const setup = Object.hasOwn(SETUPS, name) ? SETUPS[name] : undefined;
  if (setup === undefined) {
    return { isGap: true, notes: [`uses ${uses} was left out: write the commands that stand for it`] };
  }
  const [run, input] = setup;
  const written = inputs.get(input) ?? (name === "dtolnay/rust-toolchain" ? version : "");
  const filled = fillExpressions(written, values, AS_TEXT);
  const wanted = filled.ok && filled.text !== "" ? ` (${filled.text} is wanted)` : "";
  const notes = [`${name}: the job runs with what this machine or its image has${wanted}`];
  if (inputs.has("cache"))
    notes.push(`${name}: its cache was left out: a cache holds paths inside the workspace`);
  return { run, notes };
}

function checkout(inputs: ReadonlyMap<string, string>): ActionMeaning {
  const other = ["repository", "ref", "path"].filter((key) => inputs.has(key));
  if (other.length > 0) {
    const what = other.map((key) => `${key}: ${inputs.get(key) ?? ""}`).join(", ");
    return {
      isGap: true,
      notes: [`actions/checkout of ${what} was left out: a job has the files of this checkout`],
    };
  }
  return { notes: [] };
}

function linesOf(text: Filled): string[] {
  if (!text.ok) return [];
  return text.text
    .split("\n")
    .map((line) => line.trim().replace(/^(!?)(?:\.\/)+/, "$1"))
    .filter((line) => line !== "");
}

function isInside(path: string): boolean {
  return path.length < 4096 && !/^[/~]|^\$\{?HOME\b/.test(path) && !path.split(/[/\\]/).includes("..");
}

function cacheOf(inputs: ReadonlyMap<string, string>, values: Values): ActionMeaning {
  const paths = linesOf(fillExpressions(inputs.get("path") ?? "", values, AS_TEXT));
  const inside = paths.filter((path) => isInside(path) && !path.startsWith("!"));
  const notes = paths
    .filter((path) => !inside.includes(path))
    .map((path) => `actions/cache: ${path} was left out: it is no path inside the workspace`);
  if (inside.length === 0) {
    if (paths.length === 0) notes.push("actions/cache was left out: its paths are not known here");
    return { notes };
  }
  const key = keyOf(inputs.get("key") ?? "", values, notes);
  const fallback = linesOf(fillExpressions(inputs.get("restore-keys") ?? "", values, AS_TEXT));
  const plain = fallback.filter((each) => !each.includes("$"));
  if (plain.length < fallback.length || (inputs.has("restore-keys") && fallback.length === 0))
    notes.push("actions/cache: restore-keys with values in them were not carried over");
  return {
    cache: { paths: inside, ...key, ...(plain.length > 0 && { fallback_keys: plain }) },
    notes,
  };
}

/** The key of a cache: what `hashFiles` names are its files. */
function keyOf(text: string, values: Values, notes: string[]): { readonly [key: string]: DraftValue } {
  const files: string[] = [];
  const rest = text.replaceAll(/\$\{\{\s{0,9}hashFiles\(([^)]{0,999})\)\s{0,9}\}\}/g, (_, list: string) => {
    for (const [, name = ""] of list.matchAll(/'([^']*)'/g)) {
      const file = name.replace(/^\*\*\//, "");
      if (file.includes("*") || !isInside(file))
        notes.push(`actions/cache: ${name} was left out of the key: name a file`);
      else files.push(file);
    }
    return "";
  });
  const filled = fillExpressions(rest, values, AS_TEXT);
  const name = filled.ok ? filled.text.slice(0, 200).replaceAll(/[-_\s]+$|^[-_\s]+/g, "") : "";
  if (!filled.ok)
    notes.push(`actions/cache: ${filled.unknown} in the key was left out: it is not known here`);
  const named = name === "" ? {} : name.includes("$") ? { template: name } : { prefix: name };
  if (files.length > 0) return { key: { ...named, files } };
  if (name === "") return {};
  return { key: name.includes("$") ? { template: name } : name };
}

function uploadOf(inputs: ReadonlyMap<string, string>, values: Values): ActionMeaning {
  const filled = fillExpressions(inputs.get("path") ?? "", values, AS_TEXT);
  const notes: string[] = [];
  const paths: string[] = [];
  const exclude: string[] = [];
  for (const line of linesOf(filled)) {
    const path = line.replace(/^!/, "").replace(/^\$LOOM_PROJECT_DIR\//, "");
    if (!isInside(path))
      notes.push(`actions/upload-artifact: ${line} was left out: it is no path inside the workspace`);
    else if (line.startsWith("!")) exclude.push(path);
    else paths.push(path);
  }
  if (!filled.ok) notes.push(`actions/upload-artifact was left out: ${filled.unknown} is not known here`);
  return { paths, exclude, notes };
}

/** A name for a cache in a list. */
export function cacheName(name: string | undefined): string {
  return slugOf(name ?? "cache", "cache").slice(0, 40);
}
