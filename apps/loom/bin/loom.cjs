#!/usr/bin/env node
"use strict";
// CommonJS and plain syntax on purpose: this file has to run, and say what is missing, on any Node.
const version = process.versions.node.split(".").map(Number);
if (process.platform === "win32") {
  console.error(
    "loom runs on Linux and macOS. On Windows, run it inside WSL: https://learn.microsoft.com/windows/wsl",
  );
  process.exitCode = 1;
} else if (version[0] < 22 || (version[0] === 22 && version[1] < 18)) {
  console.error("loom needs Node 22.18 or newer, and this is Node " + process.versions.node + ".");
  process.exitCode = 1;
} else if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "version")) {
  // Asked for at every prompt and by every script: answered before anything is loaded.
  try {
    require("node:fs").writeSync(1, require("../package.json").version + "\n");
  } catch (error) {
    if (error.code !== "EPIPE") {
      console.error("loom: Cannot write to standard output: " + error.code);
      process.exitCode = 1;
    }
  }
} else {
  // Node's own warnings are about Loom, not about what the user did: they are for whoever looks for a fault in Loom.
  if (process.env.LOOM_DEBUG_TRACE !== "1") process.removeAllListeners("warning");
  const cache = compileCache();
  if (cache !== undefined) require("node:module").enableCompileCache(cache);
  void import("../dist/loom.js");
}

/**
 * A folder of the user's own for compiled code, or undefined where there is none. What lies in it is run, and Node asks
 * neither who wrote it nor whether it is right: a folder that others can write to, as below /tmp, would run their code.
 */
function compileCache() {
  const path = require("node:path");
  const { lstatSync, mkdirSync } = require("node:fs");
  const { HOME, XDG_CACHE_HOME } = process.env;
  const base =
    XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : HOME && path.join(HOME, ".cache");
  if (!base || !path.isAbsolute(base)) return undefined;
  try {
    const own = path.join(base, "loom");
    const cache = path.join(own, "compiled");
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    for (const folder of [own, cache]) {
      const facts = lstatSync(folder);
      if (!facts.isDirectory() || facts.uid !== process.getuid() || (facts.mode & 0o022) !== 0)
        return undefined;
    }
    return cache;
  } catch {
    return undefined;
  }
}
