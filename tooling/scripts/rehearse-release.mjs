// `npm run release:rehearse`: a release of this commit, as it will go, into a registry on this machine: new versions and changelogs,
// the build, every package published, the program installed from there with nothing but Node and git on the PATH, and the first
// minutes that its README describes. Nothing leaves the machine, and nothing in this folder changes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fencedBlocks } from "./fenced-blocks.mjs";
import { ROOT } from "./setup.mjs";

/** The registry that stands in for npm's. Fetched when it is needed: it brings some 300 packages. */
const REGISTRY = {
  private: true,
  dependencies: { verdaccio: "6.10.4" },
  // One of them asks for a tag instead of a version, which not every mirror of npm has.
  overrides: { "node-fetch": "^2.7.0" },
};

/** What the program may take when it is installed, without its parts. Bytes. */
const MOST_INSTALLED = 3 * 1024 * 1024;

const work = mkdtempSync(join(tmpdir(), "loom-release-"));
const clone = join(work, "clone");
const npmrc = join(work, "npmrc");
let registry;

try {
  step("Clone this commit");
  run("git", ["clone", "--quiet", ROOT, clone]);
  run("npm", ["run", "--silent", "setup"], { cwd: clone });

  step("Versions and changelogs");
  run("npm", ["run", "--silent", "release:version"], { cwd: clone });
  const { version } = readJson(join(clone, "apps/loom/package.json"));

  step(`Publish ${version} on this machine`);
  const upstream = run("npm", ["config", "get", "registry"]).trim();
  registry = await startRegistry(upstream);
  const ours = { npm_config_userconfig: npmrc, npm_config_registry: registry.url };
  run("npm", ["run", "--silent", "release:publish"], { cwd: clone, env: ours });
  const published = packagesOf(clone);
  for (const { name } of published) {
    const found = run("npm", ["view", `${name}@${version}`, "version"], { env: ours }).trim();
    if (found !== version) throw new Error(`${name}@${version} is not in the registry`);
  }
  console.log(`${published.length} packages are in the registry`);

  step("Install the program with nothing but Node and git");
  const prefix = join(work, "installed");
  const bare = bareMachine();
  run("npm", ["install", "--global", "--prefix", prefix, "@loom/loom"], {
    env: { ...ours, ...bare },
    only: true,
  });
  const bytes = sizeOf(join(prefix, "lib/node_modules/@loom/loom"));
  console.log(`It takes ${(bytes / 1024 / 1024).toFixed(2)} MB`);
  if (bytes > MOST_INSTALLED) throw new Error(`It may take ${MOST_INSTALLED / 1024 / 1024} MB`);

  step("The first minutes of its README");
  const installed = { ...bare, PATH: `${join(prefix, "bin")}${delimiter}${bare.PATH}` };
  const shell = firstMinutes(installed);

  step("Its parts");
  shell("loom report --html page.html", { isMissing: "@loom/loom-report" });
  shell("loom mcp </dev/null", { isMissing: "@loom/loom-mcp" });
  shell("loom workers --engine nats://127.0.0.1:1", { isMissing: "@loom/loom-remote" });
  const parts = published.map(({ name }) => name).filter((name) => name.startsWith("@loom/loom-"));
  run("npm", ["install", "--global", "--prefix", prefix, ...parts], {
    env: { ...ours, ...bare },
    only: true,
  });
  shell("loom report --html page.html && test -s page.html");
  shell("loom mcp </dev/null");
  shell("loom doctor");
  console.log(`\nA release of ${version} would go through`);
} catch (cause) {
  console.error(`\n${cause.message}`);
  process.exitCode = 1;
} finally {
  registry?.kill();
  rmSync(work, { recursive: true, force: true });
}

function step(title) {
  console.log(`\n== ${title}`);
}

/** Starts a registry that keeps what is published and has the rest from npm's. Resolves when it answers. */
async function startRegistry(upstream) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = join(work, "registry.yml");
  writeFileSync(
    config,
    `storage: ${join(work, "storage")}
uplinks: { npm: { url: "${upstream}" } }
packages:
  "@loom/*": { access: $all, publish: $anonymous }
  "**": { access: $all, proxy: npm }
max_body_size: 50mb
log: { type: stdout, level: warn }
`,
  );
  // npm publishes nothing without a password; this registry does not look at it.
  writeFileSync(npmrc, `//127.0.0.1:${port}/:_authToken=none\n`);
  const folder = join(work, "registry");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify(REGISTRY));
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  const server = spawn(join(folder, "node_modules/.bin/verdaccio"), ["--config", config, "--listen", url], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const kill = () => process.kill(-(server.pid ?? 0));
  const ended = once(server, "exit").then(([code]) => {
    throw new Error(`The registry ended with ${code}`);
  });
  ended.catch(() => undefined);
  for (let tries = 0; tries < 600; tries += 1) {
    const answers = await Promise.race([
      ended,
      fetch(`${url}-/ping`).then(
        (answer) => answer.ok,
        () => false,
      ),
    ]);
    if (answers) return { url, kill };
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  kill();
  throw new Error("The registry does not answer");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** The environment of a machine that has Node, npm, git and a shell, and an empty home. */
function bareMachine() {
  const bin = join(work, "bin");
  const home = join(work, "home");
  mkdirSync(bin);
  mkdirSync(home);
  const node = dirname(process.execPath);
  symlinkSync(process.execPath, join(bin, "node"));
  for (const name of [
    "npm",
    "npx",
    "git",
    "sh",
    "bash",
    "env",
    "sed",
    "dirname",
    "basename",
    "uname",
    "cat",
  ]) {
    const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    if (found !== "" && !found.startsWith(node)) symlinkSync(found, join(bin, name));
  }
  return { PATH: bin, HOME: home, TERM: "dumb", LANG: "C.UTF-8" };
}

/** Does what the program's README says under "First run", in a new repository. Returns what runs more commands there. */
function firstMinutes(env) {
  const project = join(work, "project");
  mkdirSync(join(project, ".loom"), { recursive: true });
  const blocks = fencedBlocks(readFileSync(join(clone, "apps/loom/README.md"), "utf8"));
  const workflow = blocks.find(({ info }) => info === "yaml");
  const commands = blocks.find(({ info, code }) => info === "sh" && code.includes("loom check"));
  if (workflow === undefined || commands === undefined)
    throw new Error("The README has no first run any more");
  const shell = (command, { isMissing } = {}) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
      cwd: project,
      env,
      encoding: "utf8",
    });
    const first = (stdout || stderr).split("\n")[0];
    console.log(`$ ${command}\n  ${first}`);
    const isRight = isMissing === undefined ? status === 0 : stderr.includes(`Run npm install ${isMissing} `);
    if (!isRight) throw new Error(`"${command}" ended with ${status}:\n${stdout}${stderr}`);
  };
  shell("git init --quiet . && git config user.email me@example.org && git config user.name me");
  shell("git commit --quiet --allow-empty --message begin");
  writeFileSync(join(project, ".loom/workflow.yml"), workflow.code);
  for (const line of commands.code.split("\n")) {
    const command = line.replace(/#.*$/u, "").trim();
    // It writes a workflow where there is none.
    if (command !== "" && command !== "loom init") shell(command);
  }
  return shell;
}

function packagesOf(root) {
  return ["packages", "apps"]
    .flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => join(root, parent, name, "package.json")),
    )
    .map(readJson)
    .filter((manifest) => manifest.private !== true);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function sizeOf(path) {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function run(command, args, { cwd = work, env = {}, only = false } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: only ? env : { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`,
  );
}
