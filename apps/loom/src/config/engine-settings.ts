import { ok, type EventError, type Result } from "@loom/core";
import { chooseEngine, ENGINE_VARIABLE, findSetting, type ConfigPlace } from "@loom/runner/settings";
import type { Setting } from "./setting.ts";

/** Variables that count before what a file says. Passwords and tokens stand in no file. */
const VARIABLES: Readonly<Record<string, string>> = {
  url: ENGINE_VARIABLE,
  user: "LOOM_ENGINE_USER",
  credentials_file: "LOOM_ENGINE_CREDENTIALS",
};

/**
 * The settings of the engine that something sets, the address first and without what lets somebody in.
 *
 * @returns `CONFIG_INVALID` when one cannot be understood.
 */
export async function engineSettings(place: ConfigPlace): Promise<Result<readonly Setting[], EventError>> {
  const chosen = await chooseEngine(undefined, place);
  if (!chosen.ok) return chosen;
  const found = await findSetting(place, ({ engine }) => engine);
  if (!found.ok) return found;
  const written = found.value?.value ?? {};
  const settings = new Map<string, Setting>();
  for (const [key, variable] of Object.entries(VARIABLES)) {
    const value = place.env[variable] ?? "";
    if (value !== "") settings.set(key, { name: `engine.${key}`, value, source: variable });
  }
  for (const [key, value] of Object.entries(written))
    if (value !== undefined && !settings.has(key))
      settings.set(key, { name: `engine.${key}`, value: String(value), source: found.value?.path ?? "" });
  const url = settings.get("url");
  settings.delete("url");
  const servers = chosen.value?.servers.join(",");
  return ok([
    ...(url === undefined || servers === undefined ? [] : [{ ...url, value: servers }]),
    ...settings.values(),
  ]);
}
