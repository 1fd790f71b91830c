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
import { CONFIG_TEMPLATE } from "../config/config-template.ts";
import { engineSettings } from "../config/engine-settings.ts";
import type { Setting } from "../config/setting.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { projectAt } from "../project-at.ts";

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
    writeFileSync(path, CONFIG_TEMPLATE, { flag: "wx" });
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
