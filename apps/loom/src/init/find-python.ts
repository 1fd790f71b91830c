import type { FindEcosystem, StarterJob } from "./starter-job.ts";

const MANIFESTS = ["pyproject.toml", "requirements.txt"];

/** Where tools for development are named, too. */
const MORE = [
  "requirements-dev.txt",
  "requirements_dev.txt",
  "dev-requirements.txt",
  "requirements-test.txt",
];

/** Finds a Python project: the tools that it names are run, and nothing is installed. */
export const findPython: FindEcosystem = (files) => {
  const found = MANIFESTS.filter((name) => files.has(name));
  if (found.length === 0) return undefined;
  const text = [...MANIFESTS, ...MORE]
    .map((name) => files.text(name) ?? "")
    .join("\n")
    .replaceAll(/^\s*#.*$/gmu, "");
  const names = (tool: string): boolean => new RegExp(`(?<![\\w-])${tool}(?![\\w-])`, "u").test(text);
  // Without files in its configuration, mypy has to be told what to look at.
  const configured = /^\[tool\.mypy\][^[]*^(?:files|packages|modules)\s*=/mu.test(text);
  const jobs: StarterJob[] = [
    ...(names("ruff") ? [job("lint", "check", "python3 -m ruff check .")] : []),
    ...(names("mypy") ? [job("types", "check", `python3 -m mypy${configured ? "" : " ."}`)] : []),
    ...(names("pytest") ? [job("test", "test", "python3 -m pytest")] : []),
  ];
  const [first = job("compile", "check", "python3 -m compileall -q ."), ...others] = jobs;
  const note = "Runs with the python3 of your shell: activate your venv before `loom run`.";
  return { prefix: "python", found: found.join(", "), jobs: [{ ...first, note }, ...others] };
};

function job(name: string, stage: StarterJob["stage"], command: string): StarterJob {
  return { name, stage, script: [command] };
}
