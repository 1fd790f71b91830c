import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loom } from "./loom-command.ts";
import type { Measured } from "./measure.ts";
import type { Row } from "./row.ts";
import { containerJobs, plant } from "./workloads.ts";

/** A container engine, and an image that it has. */
export interface BenchEngine {
  readonly host: string;
  readonly image: string;
}

/** Jobs of a run, one after the other. */
const JOBS = 5;

/** The engine that `tooling/scripts/test-engine.sh` has started, as its variables say; `undefined` without them. */
export function benchEngine(env: NodeJS.ProcessEnv): BenchEngine | undefined {
  const { LOOM_TEST_DOCKER_HOST: host, LOOM_TEST_DOCKER_IMAGE: image } = env;
  return host === undefined || image === undefined ? undefined : { host, image };
}

/** Jobs in containers that do nothing, against what the docker command takes for the same. */
export function containerRows(engine: BenchEngine): readonly Row[] {
  return [
    {
      id: "15",
      what: `${JOBS} jobs in containers, workspace mounted, against docker create, start, exec and rm`,
      must: 1.3,
      reach: 1,
      compare: (folder) => ({
        loom: loomIn(folder, engine, "bind_mount"),
        floor: dockerIn(engine, { volume: `"${folder}"` }),
      }),
    },
    {
      id: "15 volume",
      what: "the same in volumes that begin as a copy, against docker with a volume and cp",
      must: 1.3,
      reach: 1,
      compare: (folder) => ({
        loom: loomIn(folder, engine, "ephemeral_volume"),
        floor: dockerIn(engine, {
          before: "v=$(docker volume create)",
          volume: "$v",
          fill: `docker cp ${join(folder, "containers")}/. $c:/workspace`,
          after: "docker volume rm $v",
        }),
      }),
    },
  ];
}

function loomIn(folder: string, { host, image }: BenchEngine, mount: string): Measured {
  const cwd = join(folder, "containers");
  mkdirSync(cwd, { recursive: true });
  plant(cwd, containerJobs(JOBS, image), 1);
  const words = ["run", "--no-tui", "-j", "1", "--docker-workspace-mount", mount];
  return { ...loom(cwd, ...words), env: { DOCKER_HOST: host } };
}

interface DockerCalls {
  readonly before?: string;
  /** What is mounted as the workspace. */
  readonly volume: string;
  readonly fill?: string;
  readonly after?: string;
}

function dockerIn(
  { host, image }: BenchEngine,
  { before = ":", volume, fill = ":", after = ":" }: DockerCalls,
): Measured {
  const script = `i=0
while [ $i -lt ${JOBS} ]; do
  ${before}
  c=$(docker create -v ${volume}:/workspace -w /workspace ${image} sleep 1000)
  { docker start $c && ${fill} && docker exec $c sh -ec : && docker rm -f $c && ${after}; } >/dev/null
  i=$((i + 1))
done`;
  return { words: ["sh", "-ec", script], cwd: "/", env: { DOCKER_HOST: host } };
}
