import { describe, expect, test } from "vitest";
import { composeStarter } from "./compose-starter.ts";
import { findEcosystems } from "./ecosystems.ts";
import type { ProjectFiles } from "./project-files.ts";

type Files = Readonly<Record<string, string>>;

/** A project that is nowhere on disk. */
function holding(files: Files): ProjectFiles {
  return {
    has: (name) => name in files,
    text: (name) => files[name],
    lockFile: (names) => names.find((name) => name in files),
  };
}

/** The jobs that a project gets, each with its stage, what it needs, and its steps. */
function jobsOf(files: Files): string[] {
  return findEcosystems(holding(files)).flatMap(({ jobs }) =>
    jobs.map(
      ({ name, stage, needs, script }) =>
        `${name} (${stage}${needs === undefined ? "" : ` after ${needs.join(", ")}`}): ${script.join(" && ")}`,
    ),
  );
}

/** What its jobs keep from run to run. */
function cachesOf(files: Files): unknown[] {
  return findEcosystems(holding(files)).flatMap(({ jobs }) =>
    jobs.flatMap(({ cache }) => (cache === undefined ? [] : [[...cache.paths, cache.lockFile]])),
  );
}

const manifest = (content: object): string => JSON.stringify(content);

describe("findEcosystems() makes jobs of", () => {
  test.each<[string, Files, string[]]>([
    [
      "npm with a lock file",
      {
        "package.json": manifest({
          scripts: { lint: "x", typecheck: "x", test: "x", build: "x", start: "x" },
        }),
        "package-lock.json": "{}",
      },
      [
        "install (setup): npm ci --cache .npm --prefer-offline --no-audit --no-fund",
        "lint (check after install): npm run lint",
        "typecheck (check after install): npm run typecheck",
        "build (build after install): npm run build",
        "test (test after build): npm run test",
      ],
    ],
    [
      "npm without a lock file",
      { "package.json": manifest({ scripts: { test: "x" }, devDependencies: { a: "1" } }) },
      ["install (setup): npm install --no-audit --no-fund", "test (test after install): npm run test"],
    ],
    [
      "npm without dependencies, but for the test that npm init writes",
      {
        "package.json": manifest({
          scripts: { lint: "x", test: 'echo "Error: no test specified" && exit 1' },
        }),
      },
      ["lint (check): npm run lint"],
    ],
    [
      "pnpm",
      { "package.json": manifest({ scripts: { test: "x" } }), "pnpm-lock.yaml": "" },
      [
        "install (setup): pnpm install --frozen-lockfile --store-dir .pnpm-store",
        "test (test after install): pnpm run test",
      ],
    ],
    [
      "pnpm by the name in its manifest",
      { "package.json": manifest({ packageManager: "pnpm@10.1.0", scripts: { test: "x" } }) },
      ["test (test): pnpm run test"],
    ],
    [
      "Yarn 1",
      { "package.json": manifest({ scripts: { test: "x" } }), "yarn.lock": "# yarn lockfile v1\n" },
      ["install (setup): yarn install --frozen-lockfile", "test (test after install): yarn run test"],
    ],
    [
      "Yarn 2 and newer",
      { "package.json": manifest({ scripts: { test: "x" } }), "yarn.lock": "__metadata:\n" },
      ["install (setup): yarn install --immutable", "test (test after install): yarn run test"],
    ],
    [
      "bun",
      { "package.json": manifest({ scripts: { test: "x" } }), "bun.lock": "" },
      ["install (setup): bun install --frozen-lockfile", "test (test after install): bun run test"],
    ],
    [
      "make, and no variable",
      {
        Makefile:
          "test := x\nCC ?= cc\nall: a.o\n.PHONY: lint\nlint check: a.o\n\tx\ntest::\n\tx\nbuild: all\n",
      },
      [
        "lint (check): make lint",
        "check (check after lint): make check",
        "build (build): make build",
        "test (test after build): make test",
      ],
    ],
    ["make without a usual target", { makefile: "all:\n\tx\n" }, ["build (build): make"]],
    [
      "Go",
      { "go.mod": "module x\n" },
      ["vet (check): go vet ./...", "build (build): go build ./...", "test (test): go test ./..."],
    ],
    [
      "Cargo",
      { "Cargo.toml": "[package]\n", "Cargo.lock": "" },
      [
        "build (build): cargo build --workspace --locked",
        "test (test after build): cargo test --workspace --locked",
      ],
    ],
    [
      "Cargo with lints and without a lock file",
      { "Cargo.toml": '[package]\n[lints.rust]\nx = "warn"\n', "rustfmt.toml": "" },
      [
        "lint (check): cargo fmt --all --check && cargo clippy --workspace",
        "build (build): cargo build --workspace",
        "test (test after build): cargo test --workspace",
      ],
    ],
    [
      "Python, by the tools that it names",
      { "pyproject.toml": '[dependency-groups]\ndev = ["pytest>=8", "ruff", "mypy"]\n' },
      [
        "lint (check): python3 -m ruff check .",
        "types (check): python3 -m mypy .",
        "test (test): python3 -m pytest",
      ],
    ],
    [
      "Python with mypy that is configured, and tools for development",
      {
        "pyproject.toml": '[tool.mypy]\nstrict = true\nfiles = ["src"]\n',
        "requirements-dev.txt": "pytest\n",
      },
      ["types (check): python3 -m mypy", "test (test): python3 -m pytest"],
    ],
    [
      "Python that names no tool",
      { "requirements.txt": "# pytest\nrequests\npytest-like\n" },
      ["compile (check): python3 -m compileall -q ."],
    ],
    [
      "Ruby with RSpec",
      { Gemfile: 'gem "rspec"\n', "Gemfile.lock": "" },
      ["install (setup): bundle install", "test (test after install): bundle exec rspec"],
    ],
    [
      "Ruby with Rake",
      { Gemfile: "", Rakefile: "" },
      ["install (setup): bundle install", "test (test after install): bundle exec rake"],
    ],
    ["Ruby with neither", { Gemfile: 'gem "rails"\n' }, ["install (setup): bundle install"]],
    [
      "CMake with tests",
      { "CMakeLists.txt": "enable_testing()\n" },
      [
        "configure (setup): cmake -S . -B build",
        "build (build after configure): cmake --build build --parallel 4",
        "test (test after build): ctest --test-dir build --output-on-failure",
      ],
    ],
    [
      "CMake without tests",
      { "CMakeLists.txt": "project(x)\n" },
      [
        "configure (setup): cmake -S . -B build",
        "build (build after configure): cmake --build build --parallel 4",
      ],
    ],
    [
      "Composer",
      {
        "composer.json": manifest({ "require-dev": { "phpunit/phpunit": "^11" }, scripts: { lint: "x" } }),
        "composer.lock": "{}",
      },
      [
        "install (setup): composer install --no-interaction --prefer-dist",
        "lint (check after install): composer run-script lint",
        "test (test after install): vendor/bin/phpunit",
      ],
    ],
    ["Maven", { "pom.xml": "" }, ["build (build): mvn -B compile", "test (test after build): mvn -B verify"]],
    [
      "Maven with its wrapper",
      { "pom.xml": "", mvnw: "" },
      ["build (build): sh ./mvnw -B compile", "test (test after build): sh ./mvnw -B verify"],
    ],
    [
      "Gradle with its wrapper",
      { "settings.gradle.kts": "", gradlew: "" },
      ["build (build): sh ./gradlew assemble", "test (test after build): sh ./gradlew check"],
    ],
    ["nothing, where there is nothing", { "README.md": "" }, []],
    ["nothing, where the manifest is damaged", { "package.json": "{" }, []],
    ["nothing, where the manifest holds none", { "package.json": "[1]" }, []],
    ["nothing, where the manifest has nothing to run", { "package.json": "{}" }, []],
  ])("%s", (_, files, jobs) => {
    expect(jobsOf(files)).toEqual(jobs);
  });

  test.each<[Files, unknown[]]>([
    [{ "package.json": "{}", "package-lock.json": "" }, [[".npm", "package-lock.json"]]],
    [{ "package.json": "{}", "pnpm-lock.yaml": "" }, [[".pnpm-store", "pnpm-lock.yaml"]]],
    [{ "package.json": "{}", "yarn.lock": "# yarn lockfile v1" }, [[".yarn-cache", "yarn.lock"]]],
    [{ "package.json": "{}", "yarn.lock": "" }, [[".yarn/cache", "yarn.lock"]]],
    [{ "package.json": "{}", "bun.lockb": "" }, [[".bun-cache", "bun.lockb"]]],
    [{ "Cargo.toml": "", "Cargo.lock": "" }, [["target", "Cargo.lock"]]],
    [{ Gemfile: "", "Gemfile.lock": "" }, [["vendor/bundle", "Gemfile.lock"]]],
    [{ "composer.json": "{}", "composer.lock": "" }, [["vendor", "composer.lock"]]],
    [{ "package.json": manifest({ dependencies: { a: "1" } }), "Cargo.toml": "", Gemfile: "" }, []],
  ])("%j a cache by its lock file", (files, caches) => {
    expect(cachesOf(files)).toEqual(caches);
  });
});

describe("composeStarter()", () => {
  const starter = (files: Files) => composeStarter(findEcosystems(holding(files)));

  test("keeps names unique, and lets make wait for what it may call", () => {
    const { text, jobs } = starter({
      "package.json": manifest({ scripts: { build: "x", test: "x" } }),
      "Cargo.toml": "",
      Makefile: "build:\ntest:\nlint:\n",
    });
    expect(jobs).toEqual([
      "lint",
      "npm-build",
      "cargo-build",
      "make-build",
      "npm-test",
      "cargo-test",
      "make-test",
    ]);
    expect(text).toContain(
      "# Waits for the jobs of other tools, as a Makefile often calls them.\nmake-test:\n  stage: test\n  needs: [make-build, npm-test, cargo-test]\n",
    );
  });

  test("explains each key once", () => {
    const { text } = starter({
      "package.json": manifest({ scripts: { lint: "x", test: "x" } }),
      "package-lock.json": "{}",
      Gemfile: "",
    });
    const comments = text.split("\n").filter((line) => line.startsWith("  #"));
    expect(comments).toHaveLength(6);
    expect(new Set(comments).size).toBe(6);
  });

  test("writes a job that runs where nothing was found", () => {
    const { text, jobs } = starter({});
    expect(jobs).toEqual(["check"]);
    expect(text).toContain("Nothing was found");
  });
});
