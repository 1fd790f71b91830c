import { findCargo } from "./find-cargo.ts";
import { findCmake } from "./find-cmake.ts";
import { findComposer } from "./find-composer.ts";
import { findGo } from "./find-go.ts";
import { findGradle, findMaven } from "./find-jvm.ts";
import { findMake } from "./find-make.ts";
import { findNode } from "./find-node.ts";
import { findPython } from "./find-python.ts";
import { findRuby } from "./find-ruby.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { FindEcosystem, FoundEcosystem } from "./starter-job.ts";

/** Every ecosystem that `loom init` knows, in the order of their jobs. What calls others is last. */
const ECOSYSTEMS: readonly FindEcosystem[] = [
  findNode,
  findGo,
  findCargo,
  findPython,
  findRuby,
  findComposer,
  findMaven,
  findGradle,
  findCmake,
  findMake,
];

/** Everything that a starter workflow can be made for. */
export function findEcosystems(files: ProjectFiles): readonly FoundEcosystem[] {
  return ECOSYSTEMS.map((find) => find(files)).filter((found) => found !== undefined);
}
