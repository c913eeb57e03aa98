import { parseArgs } from "node:util";
import { type Command, type CommandContext, type CommandOption, type OptionValues, UsageWrong } from "./command.ts";
import { sayable } from "./networkOptions.ts";

/** Where lines go. */
export type Terminal = { out: (line: string) => void; error: (line: string) => void };

/** The command did what was asked; refused its input or found something false; was called wrongly. */
export const EXIT = { ok: 0, refused: 1, usage: 2 } as const;

const COMMON_OPTIONS: Readonly<Record<string, CommandOption>> = {
  json: { summary: "print one JSON object as the last line of standard output" },
  help: { summary: "print this" },
};

/** Runs one command line; returns the exit code and never throws for what a user can do wrong. */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  const [name = "--help", ...rest] = argv;
  const json = argv.includes("--json");
  if (name === "--help" || name === "-h" || name === "help") {
    terminal.out(globalHelp(commands));
    return EXIT.ok;
  }
  try {
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined) {
      const names = commands.map((candidate) => candidate.name).join(", ");
      throw new UsageWrong(`there is no command "${name}"; there are ${names}: see equipoise --help`);
    }
    const { values, positionals } = parse(command, rest);
    if (values.help === true) {
      terminal.out(commandHelp(command));
      return EXIT.ok;
    }
    const extra = positionals[command.positionals ?? 0];
    if (extra !== undefined) {
      const taken = command.positionals === undefined ? "no argument" : "one argument";
      throw new UsageWrong(`${name} takes ${taken}, found "${extra}": see equipoise ${name} --help`);
    }
    const context: CommandContext = { values, positionals, json, progress: terminal.error };
    const { result, text, ok } = await command.run(context);
    if (json) terminal.out(toJson(result));
    else if (text !== undefined) terminal.out(text);
    return ok ? EXIT.ok : EXIT.refused;
  } catch (error) {
    const { name: kind, message } = sayable(error);
    terminal.error(`error: ${kind}: ${message}`);
    if (json) terminal.out(toJson({ error: { name: kind, message } }));
    return error instanceof UsageWrong ? EXIT.usage : EXIT.refused;
  }
}

/** `--x -0.5` as `--x=-0.5`: no option begins with a digit, so that a command can say itself what is wrong with −0.5. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (last !== undefined && /^--[^=]+$/.test(last) && /^-[\d.]/.test(arg))
      joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function parse(command: Command, args: readonly string[]): { values: OptionValues; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries({ ...COMMON_OPTIONS, ...command.options }).map(([option, { value }]) => [
      option,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: joinNegative(args),
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as OptionValues, positionals };
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      throw new UsageWrong(`${error.message}: see equipoise ${command.name} --help`);
    }
    throw error;
  }
}

/** JSON in one line; bigints as decimal strings. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? entry.toString() : entry));

function globalHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "equipoise COMMAND [options]",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "equipoise COMMAND --help lists the options of a command. Exit codes: 0 done, 1 refused or false, 2 called wrongly.",
  ].join("\n");
}

function commandHelp(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(
    ([option, { value, summary }]) => [`--${option}${value === undefined ? "" : ` ${value}`}`, summary] as const,
  );
  const width = Math.max(...options.map(([title]) => title.length));
  return [
    command.summary,
    "",
    ...command.usage.map((usage) => `  equipoise ${usage}`),
    "",
    ...options.map(([title, summary]) => `  ${title.padEnd(width)}  ${summary}`),
  ].join("\n");
}
