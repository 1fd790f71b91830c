#!/usr/bin/env node
"use strict";
// CommonJS and plain syntax on purpose: this file has to run, and say what is missing, on any Node.
const version = process.versions.node.split(".").map(Number);
if (process.platform === "win32") {
  console.error(
    "loom runs on Linux and macOS. On Windows, run it inside WSL: https://learn.microsoft.com/windows/wsl",
  );
  process.exitCode = 1;
} else if (process.versions.bun || version[0] < 22 || (version[0] === 22 && version[1] < 18)) {
  const brought = nodeBeside();
  if (brought) runOn(brought);
  else {
    const found = process.versions.bun ? "Bun " + process.versions.bun : "Node " + process.versions.node;
    console.error("loom needs Node 22.18 or newer, and this is " + found + ".");
    console.error(
      "Update Node, or give Loom one of its own: npm install --prefix ~/.loom LOOM node@24, where LOOM is what you installed (@loom/loom, or its .tgz), makes ~/.loom/node_modules/.bin/loom",
    );
    process.exitCode = 1;
  }
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

/** The Node that was installed beside this program (the npm package "node"), for projects that are on an older one. */
function nodeBeside() {
  try {
    const path = require("path");
    const manifest = require.resolve("node/package.json", { paths: [__dirname] });
    const found = /^(\d+)\.(\d+)/.exec(/** @type {{ version: string }} */ (require(manifest)).version);
    if (!found || found[1] < 22 || (+found[1] === 22 && found[2] < 18)) return undefined;
    const program = path.join(path.dirname(manifest), "bin", "node");
    return require("fs").existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs this program on another Node and ends as it does. A terminal reaches both of them; other signals are passed on.
 *
 * @param {string} program
 */
function runOn(program) {
  const child = require("child_process").spawn(program, [__filename].concat(process.argv.slice(2)), {
    stdio: "inherit",
  });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  signals.forEach(function (signal) {
    process.on(signal, function () {
      // Ctrl-C has reached the whole group already, and a second one would end a run without grace.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  });
  child.on("error", function (error) {
    console.error("loom: Cannot start " + program + ": " + error.message);
    process.exit(1);
  });
  child.on("exit", function (code, signal) {
    if (signal === null) process.exit(code);
    signals.forEach(function (name) {
      process.removeAllListeners(name);
    });
    process.kill(process.pid, signal);
  });
}

/**
 * A folder of the user's own for compiled code, or undefined where there is none. What lies in it is run, and Node asks
 * neither who wrote it nor whether it is right: a folder that others can write to, as below /tmp, would run their code.
 */
function compileCache() {
  const path = require("node:path");
  const { existsSync, lstatSync, mkdirSync } = require("node:fs");
  const { HOME, XDG_CACHE_HOME } = process.env;
  const base =
    XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : HOME && path.join(HOME, ".cache");
  if (!base || !path.isAbsolute(base)) return undefined;
  try {
    const own = path.join(base, "loom");
    const cache = path.join(own, "compiled");
    // One by one: Node's recursive way never ends below /proc, where a folder that cannot be made counts as absent.
    for (const folder of [base, own, cache]) if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
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
