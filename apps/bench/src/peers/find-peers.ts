import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import type { Measured } from "../measure.ts";
import type { PlainJob } from "../workloads.ts";
import type { FoundPeer, Peer } from "./peer.ts";

/** What the peers are given to do. Make leaves out a lone `:`, so none gets that. */
const COMMAND = "exit 0";

/** Peers that come from npm, as they were compared last. */
const FROM_NPM = ["wireit@0.14.13", "nx@24.0.6", "gitlab-ci-local@4.75.1"];

/**
 * The peers that this machine has, and those of npm, which are installed into a folder.
 *
 * @param folder - Empty.
 */
export function findPeers(folder: string): readonly FoundPeer[] {
  const npm = fromNpm(folder, [wireit, nx, gitlabCiLocal]);
  return [onPath("ninja", ninja), onPath("make", make), turboBinary(), ...npm].map(withItsTools);
}

function onPath(name: string, peer: (program: string) => Peer): FoundPeer {
  const program = findOnPath(name);
  return program === undefined ? { name, missing: "not installed" } : peer(program);
}

/** gitlab-ci-local copies the repository with rsync. */
function withItsTools(peer: FoundPeer): FoundPeer {
  if (peer.name !== "gitlab-ci-local" || findOnPath("rsync") !== undefined) return peer;
  return { name: peer.name, missing: "it needs rsync, which is not installed" };
}

function findOnPath(name: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const program = join(folder, name);
    try {
      accessSync(program, constants.X_OK);
      return program;
    } catch {
      // It may be in the next one.
    }
  }
  return undefined;
}

function ninja(program: string): Peer {
  return {
    name: "ninja",
    plant: (cwd, jobs) => {
      const rules = jobs.map(({ name, needs }) => `build ${name}: job ${needs.join(" ")}`.trimEnd());
      writeFileSync(join(cwd, "build.ninja"), `rule job\n  command = ${COMMAND}\n${rules.join("\n")}\n`);
      return { words: [program, "-j", "2"], cwd };
    },
  };
}

function make(program: string): Peer {
  return {
    name: "make",
    plant: (cwd, jobs) => {
      const names = jobs.map(({ name }) => name).join(" ");
      const rules = jobs.map(({ name, needs }) => `${name}: ${needs.join(" ")}\n\t@${COMMAND}`);
      writeFileSync(join(cwd, "Makefile"), `.PHONY: all ${names}\nall: ${names}\n${rules.join("\n")}\n`);
      return { words: [program, "-j", "2"], cwd };
    },
  };
}

/** The binary itself, without the Node program that starts it: one package for each job, as it is made for. */
function turboBinary(): FoundPeer {
  const name = "turbo";
  try {
    const here = createRequire(join(import.meta.dirname, "../../../../package.json"));
    const beside = createRequire(here.resolve("turbo/package.json"));
    const { platform } = process;
    const arch = process.arch === "x64" ? "64" : process.arch;
    const program = join(dirname(beside.resolve(`@turbo/${platform}-${arch}/package.json`)), "bin/turbo");
    return { name, plant: (cwd, jobs) => plantTurbo(program, cwd, jobs) };
  } catch {
    return { name, missing: "no binary for this platform" };
  }
}

function plantTurbo(program: string, cwd: string, jobs: readonly PlainJob[]): Measured {
  const workspaces = ["jobs/*"];
  writeJson(join(cwd, "package.json"), {
    name: "peers",
    private: true,
    packageManager: "npm@10.0.0",
    workspaces,
  });
  writeJson(join(cwd, "turbo.json"), { tasks: { job: { dependsOn: ["^job"], cache: false } } });
  for (const { name, needs } of jobs) {
    const dependencies = Object.fromEntries(needs.map((need) => [need, "*"]));
    mkdirSync(join(cwd, "jobs", name), { recursive: true });
    writeJson(join(cwd, "jobs", name, "package.json"), {
      name,
      version: "1.0.0",
      scripts: { job: COMMAND },
      dependencies,
    });
  }
  const flags = ["--concurrency=2", "--output-logs=none"];
  return { words: [program, "run", "job", ...flags], cwd, env: { TURBO_TELEMETRY_DISABLED: "1" } };
}

function fromNpm(folder: string, peers: readonly ((modules: string) => Peer)[]): readonly FoundPeer[] {
  writeJson(join(folder, "package.json"), { private: true });
  const flags = ["--no-audit", "--no-fund", "--silent", "--fetch-retries=1"];
  const { status } = spawnSync("npm", ["install", ...flags, ...FROM_NPM], { cwd: folder, stdio: "ignore" });
  const found = peers.map((peer) => peer(join(folder, "node_modules")));
  if (status === 0) return found;
  return found.map(({ name }) => ({ name, missing: "npm could not install it" }));
}

function wireit(modules: string): Peer {
  return {
    name: "wireit",
    plant: (cwd, jobs) => {
      const scripts = Object.fromEntries(
        jobs.map(({ name, needs }) => [name, { command: COMMAND, dependencies: needs }]),
      );
      const names = jobs.map(({ name }) => name);
      writeJson(join(cwd, "package.json"), {
        private: true,
        scripts: Object.fromEntries([...names, "all"].map((name) => [name, "wireit"])),
        wireit: { ...scripts, all: { dependencies: names } },
      });
      symlinkSync(modules, join(cwd, "node_modules"));
      const env = { WIREIT_PARALLEL: "2", WIREIT_CACHE: "none", WIREIT_LOGGER: "simple" };
      return { words: [process.execPath, "--run", "all"], cwd, env };
    },
  };
}

function nx(modules: string): Peer {
  return {
    name: "nx",
    plant: (cwd, jobs) => {
      const targets = Object.fromEntries(
        jobs.map(({ name, needs }) => [name, { command: COMMAND, dependsOn: needs, cache: false }]),
      );
      const all = { executor: "nx:noop", dependsOn: jobs.map(({ name }) => name) };
      writeJson(join(cwd, "package.json"), { name: "peers", private: true });
      writeJson(join(cwd, "nx.json"), {});
      writeJson(join(cwd, "project.json"), { name: "peers", targets: { ...targets, all } });
      symlinkSync(modules, join(cwd, "node_modules"));
      return {
        words: [process.execPath, join(modules, "nx/dist/bin/nx.js"), "run", "peers:all", "--parallel=2"],
        cwd,
        env: { NX_DAEMON: "false", NX_TUI: "false", NX_NO_CLOUD: "true", NX_ISOLATE_PLUGINS: "false" },
      };
    },
  };
}

/** It wants a repository with a commit and a remote, keeps its state in it, and starts bash for each job. */
function gitlabCiLocal(modules: string): Peer {
  return {
    name: "gitlab-ci-local",
    plant: (cwd, jobs) => {
      const entries = jobs.map(({ name, needs }) => [name, { stage: "test", needs, script: [COMMAND] }]);
      // JSON is YAML, too.
      writeJson(join(cwd, ".gitlab-ci.yml"), { stages: ["test"], ...Object.fromEntries(entries) });
      const author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
      for (const words of [
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", "https://gitlab.example.com/bench/bench.git"],
        ["add", "--all"],
        [...author, "commit", "--quiet", "--message=jobs"],
      ])
        spawnSync("git", words, { cwd, stdio: "ignore" });
      const program = join(modules, "gitlab-ci-local/dist/index.js");
      const flags = ["--concurrency=2", "--quiet", "--json-schema-validation=false"];
      return { words: [process.execPath, program, ...flags], cwd };
    },
  };
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}
