import type { DraftValue } from "../draft.ts";
import type { ImportNotes } from "../import-notes.ts";
import { at, entriesOf, textOf, type ForeignTree } from "../tree.ts";
import { AS_TEXT, AS_VALUE, fillExpressions } from "./fill-expressions.ts";
import type { Values } from "./known-value.ts";

/** `services` of a job: each finds its name as its alias. */
export function githubServices(
  node: ForeignTree | undefined,
  values: Values,
  notes: ImportNotes,
): readonly DraftValue[] {
  return entriesOf(node).flatMap(([alias, entry]): DraftValue[] => {
    const service = entry.node;
    const image = fillExpressions(textOf(at(service, "image")) ?? textOf(service) ?? "", values, AS_TEXT);
    if (!image.ok || image.text === "") {
      notes.add(entry, `services: ${alias} was left out: its image is not known before the run`);
      return [];
    }
    const variables = Object.create(null) as Record<string, string>;
    for (const [name, { node: value, ...place }] of entriesOf(at(service, "env"))) {
      const filled = fillExpressions(textOf(value) ?? "", values, AS_VALUE);
      if (filled.ok) variables[name] = filled.text;
      else notes.add(place, `services: ${name} was left out: ${filled.unknown} is not known here`);
    }
    for (const [key, inner] of entriesOf(service)) {
      if (key === "ports")
        notes.add(inner, `services: ports have no meaning here: ${alias} is the name of the host`);
      else if (!["image", "env", "options"].includes(key))
        notes.add(inner, `services: ${key} was not carried over`);
    }
    const { healthcheck, rest } = healthOf(textOf(at(service, "options")) ?? "");
    if (rest !== "") notes.add(entry, `services: the options ${rest} were not carried over`);
    return [
      {
        name: image.text,
        alias,
        ...(Object.keys(variables).length > 0 && { variables }),
        ...(Object.keys(healthcheck).length > 0 && { healthcheck }),
      },
    ];
  });
}

const HEALTH = /--health-(cmd|interval|timeout|retries|start-period)[=\s]+("[^"]*"|'[^']*'|\S+)/g;

function healthOf(options: string): {
  readonly healthcheck: Record<string, DraftValue>;
  readonly rest: string;
} {
  const healthcheck: Record<string, DraftValue> = {};
  const rest = options.replaceAll(HEALTH, (_, key: string, written: string) => {
    const value = written.replaceAll(/^(["'])(.*)\1$/gs, "$2");
    if (key === "cmd") healthcheck["test"] = value;
    else if (key === "retries") healthcheck["retries"] = Number(value);
    else healthcheck[key.replace("-", "_")] = value;
    return "";
  });
  return { healthcheck, rest: rest.replaceAll(/\s+/g, " ").trim() };
}
