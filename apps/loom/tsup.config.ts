import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  emptyModules,
  fromParts,
  joinChunks,
  pastBarrels,
  PROGRAM_OPTIONS,
  withoutBuiltinImports,
  withoutEmptyChunks,
} from "@loom/tsup-config";
import { defineConfig } from "tsup";

/**
 * One bundle with everything in it but the parts that are installed by themselves: what a command does not need lies in a
 * chunk of its own, which is loaded when it does.
 */
export default defineConfig({
  entry: { loom: "src/main.ts" },
  ...PROGRAM_OPTIONS,
  define: {
    // Without it React keeps a performance entry for every render.
    "process.env.NODE_ENV": '"production"',
  },
  plugins: [withoutBuiltinImports(), withoutEmptyChunks()],
  esbuildPlugins: [
    fromParts({
      "../loom-containers": {
        "@balena/dockerignore": "dockerignore",
        dockerode: "dockerode",
        tar: "tar",
      },
      "../loom-mcp": {
        "@modelcontextprotocol/sdk/server/mcp.js": "sdk",
        "@modelcontextprotocol/sdk/server/stdio.js": "sdk",
        "@modelcontextprotocol/sdk/types.js": "sdk",
      },
      "../loom-remote": {
        "@nats-io/jetstream": "nats",
        "@nats-io/kv": "nats",
        "@nats-io/obj": "nats",
        "@nats-io/transport-node": "nats",
      },
      "../loom-report": { "@loom/html-report/page-bundle": "page-bundle" },
    }),
    // An agent asks for the cause after each red run, and `run` is not to have a chunk more for it. More files than these
    // were no gain before chunks were joined: every import past an index makes chunks smaller and more.
    pastBarrels(["src/commands/explain.ts", "src/commands/run.ts", "src/runner-guard.ts"]),
    joinChunks({
      always: ["src/main.ts", "src/program.ts"],
      // With more of them, each loads more files; a command that is left out loads more than it needs.
      commands: ["check", "explain", "mcp", "run", "runs", "verify"].map((name) => `src/commands/${name}.ts`),
    }),
    {
      // It asks fetch() for a data: URL, for which Node loads its whole HTTP client: 36 ms before the first frame. Without
      // a fetch it decodes the same bytes itself.
      name: "yoga-without-fetch",
      setup: (build) => {
        build.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({
          contents: `const fetch = undefined;\n${await readFile(path, "utf8")}`,
        }));
      },
    },
  ],
  onSuccess: async () => {
    // Editors ask for them, and whoever installed the program has no other copy.
    for (const schema of ["workflow-v1.schema.json", "workflow-template-v1.schema.json"])
      copyFileSync(
        new URL(`../../packages/workflow/schema/${schema}`, import.meta.url),
        new URL(`dist/${schema}`, import.meta.url),
      );
    // `loom schema` prints them. They are made here, so that no command loads what makes them.
    const writer = fileURLToPath(new URL("src/schemas/write-json-schemas.ts", import.meta.url));
    const written = fileURLToPath(new URL("dist/schemas.json", import.meta.url));
    execFileSync(process.execPath, ["--conditions=@loom/source", writer, written], { stdio: "inherit" });
  },
  esbuildOptions(options) {
    options.conditions = ["@loom/source"];
    options.alias = emptyModules(["react-devtools-core"]);
  },
});
