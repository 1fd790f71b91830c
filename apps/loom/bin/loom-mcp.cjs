#!/usr/bin/env node
"use strict";
// `loom mcp` under a name of its own, for the configuration of agents.
process.argv.splice(2, 0, "mcp");
require("./loom.cjs");
