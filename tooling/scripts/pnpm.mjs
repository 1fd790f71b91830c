// Runs pnpm as the manifest pins it, on the pinned Node, where neither is installed: `node tooling/scripts/pnpm.mjs run build`.
import { pnpm } from "./setup.mjs";

process.exitCode = pnpm(process.argv.slice(2));
