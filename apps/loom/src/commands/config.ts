import { existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import type { EventError } from "@loom/core";
import { systemErrorReason } from "@loom/system";
import {
  chooseWorkspace,
  chooseWorkspaceMount,
  configPaths,
  findSetting,
  MOUNT_VARIABLE,
  WORKSPACE_MOUNTS,
  type Config,
  type ConfigPlace,
} from "@loom/runner/settings";
import { engineSettings } from "../config/engine-settings.ts";
import type { Setting } from "../config/setting.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { projectAt } from "../project-at.ts";

const TEMPLATE = `# Settings of Loom. The file of a project is .loom/config.yml; yours, for all projects, is ~/.config/loom/config.yml.
# A flag beats the environment, that beats the project's file, and that beats yours. "loom config show" tells what counts.

runtime:
  # Where jobs work: "isolated", in a snapshot of the checkout, or "in-place", in the checkout itself.
  # The same for one run: loom run --in-place, or LOOM_IN_PLACE=1.
  workspace: isolated
  # How a job in a container sees its workspace: "ephemeral_volume", a copy in a volume of its own that is removed with the
  # job, or "bind_mount", mounted, so that what it writes is in the workspace at once.
  # The same for one run: loom run --docker-workspace-mount, or LOOM_DOCKER_WORKSPACE_MOUNT.
  docker_workspace_mount: ephemeral_volume

# Where workers on other machines are reached. Without it every job runs here. The whole of it comes from one file. Passwords and tokens stand in
# no file, but in LOOM_ENGINE_PASSWORD and LOOM_ENGINE_TOKEN.
# engine:
#   # One or more servers, with commas. The same for one command: --engine, or LOOM_ENGINE.
#   url: nats://10.0.0.1
#   # Whom the server lets in: a user, or a file with credentials. The same: LOOM_ENGINE_USER, LOOM_ENGINE_CREDENTIALS.
#   user: coordinator
#   credentials_file: loom.creds
#   # Certificates in PEM, where the system does not know that of the server, or the server asks for one.
#   ca_file: ca.pem
#   cert_file: cert.pem
#   key_file: key.pem
#   # How many of the servers keep each thing: 1, 3 or 5.
#   replicas: 1
#   # How long nothing may be heard of a worker before its jobs begin elsewhere: 1s or more.
#   lease: 30s
#   # Whether "env://" in secrets of jobs on workers means the environment of "loom run", not that of the worker.
#   forward_secrets: false
#   # Begins the subjects on which answers come. By itself: _INBOX and the name of the user.
#   inbox_prefix: _INBOX.coordinator

# Only in your own file: other keys for commands of the live view, by the names in docs/terminal.md#keys.
# tui:
#   keys:
#     rerun: R
#     page_down: [ctrl-f, pagedown]
`;

/**
 * Shows each setting, its value and where it comes from.
 *
 * @returns 0; 2 where a setting cannot be understood.
 */
export async function configShowCommand(flags: { readonly json?: boolean }, io: ProcessIo): Promise<number> {
  const { cwd, env, stdout, stderr } = io;
  const place = { env, repoRoot: projectAt(cwd) };
  const workspace = await chooseWorkspace({}, place);
  const mount = await chooseWorkspaceMount(undefined, place);
  const engine = await engineSettings(place);
  const refuse = ({ message }: EventError): number => {
    stderr.write(`loom: ${message}\n`);
    return EXIT_CODE.usage;
  };
  if (!workspace.ok) return refuse(workspace.error);
  if (!mount.ok) return refuse(mount.error);
  if (!engine.ok) return refuse(engine.error);
  const paths = configPaths(place);
  const settings: readonly Setting[] = [
    {
      name: "runtime.workspace",
      value: workspace.value,
      source: await sourceOf("LOOM_IN_PLACE", place, ({ workspace: kind }) => kind),
    },
    {
      name: "runtime.docker_workspace_mount",
      value: mount.value ?? WORKSPACE_MOUNTS[0] ?? "",
      source: await sourceOf(MOUNT_VARIABLE, place, ({ docker_workspace_mount: each }) => each),
    },
    ...engine.value,
  ];
  if (flags.json === true) {
    const files = paths.map((path) => ({ path, exists: existsSync(path) }));
    stdout.write(formatJson({ schema_version: "v1", kind: "loom-config", settings, files }));
    return EXIT_CODE.success;
  }
  const shown = (source: string): string =>
    source.startsWith("/") ? relative(cwd, source) || source : source;
  for (const { name, value, source } of settings)
    stdout.write(printable(`${name}: ${value}  (${shown(source)})\n`));
  return EXIT_CODE.success;
}

/** The first that says something, in the order in which they count. */
async function sourceOf(
  variable: string,
  place: ConfigPlace,
  pick: (runtime: NonNullable<Config["runtime"]>) => string | undefined,
): Promise<string> {
  if ((place.env[variable] ?? "") !== "") return variable;
  const found = await findSetting(place, ({ runtime }) => runtime && pick(runtime));
  return (found.ok ? found.value?.path : undefined) ?? "default";
}

/**
 * Writes a file with every setting explained.
 *
 * @returns 0; 1 when it cannot be written; 2 when there is one.
 */
export function configInitCommand(flags: { readonly user?: boolean }, io: ProcessIo): number {
  const { cwd, env, stdout, stderr } = io;
  const [project = "", user = ""] = configPaths({ env, repoRoot: projectAt(cwd) });
  const path = flags.user === true ? user : project;
  const shown = relative(cwd, path);
  // What a clone brings along must not decide where Loom writes.
  const folder = flags.user === true ? undefined : lstatSync(dirname(path), { throwIfNoEntry: false });
  if (folder !== undefined && !folder.isDirectory()) {
    stderr.write(
      `loom: Cannot write "${shown}": "${relative(cwd, dirname(path))}" is not a folder of this project\n`,
    );
    return EXIT_CODE.usage;
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, TEMPLATE, { flag: "wx" });
  } catch (cause) {
    if (existsSync(path)) {
      stderr.write(`loom: "${shown}" is there already; "loom config show" tells what counts\n`);
      return EXIT_CODE.usage;
    }
    stderr.write(`loom: Cannot write "${shown}": ${systemErrorReason(cause)}\n`);
    return EXIT_CODE.failure;
  }
  stdout.write(`Wrote ${shown}\n`);
  return EXIT_CODE.success;
}
