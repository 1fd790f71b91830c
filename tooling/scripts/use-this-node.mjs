// Puts the Node that runs this in the place of the pinned one, until the dependencies are installed again: so every check can
// run on another version of Node. `npm run setup` comes first.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./setup.mjs";

const pinned = join(ROOT, "node_modules/node/bin/node");
// The package manager links it to its own store, where it has to stay what it is.
rmSync(pinned);
copyFileSync(process.execPath, pinned);
console.log(`Every check runs on Node ${process.versions.node} now`);
