#!/usr/bin/env node
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
