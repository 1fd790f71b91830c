import { existsSync } from "node:fs";
import { chooseWorkspace, configPaths, loadConfig } from "@loom/runner/settings";
import { chooseKeys } from "../config/choose-keys.ts";
import type { DoctorPlace } from "./doctor-place.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** Whether the configuration files that are there can be used. `loom config show` prints what they set. */
export async function checkConfig({ env, projectRoot }: DoctorPlace): Promise<DoctorFinding> {
  const place = { env, repoRoot: projectRoot };
  const files = configPaths(place).filter((path) => existsSync(path));
  const read = await Promise.all(files.map(loadConfig));
  const refused = [...read, await chooseKeys(env), await chooseWorkspace({}, place)].find(
    (result) => !result.ok,
  );
  if (refused?.ok === false)
    return {
      state: "failure",
      found: refused.error.message,
      advice: "Correct it; loom config init explains every setting in a new file",
    };
  if (files.length === 0)
    return { state: "ok", found: "There are no configuration files, so each setting has its default" };
  const named = files.map((path) => `"${path}"`).join(" and ");
  return { state: "ok", found: `${named} ${files.length === 1 ? "is" : "are"} valid` };
}
