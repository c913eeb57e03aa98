/** One option of a command; `value` names what it takes, an option without it is a switch. */
export type CommandOption = { readonly value?: string; readonly summary: string };

/** What the user gave. A switch that is set holds true. */
export type OptionValues = { readonly [name: string]: string | boolean | undefined };

/** Where a command may speak before its result is there, and what it may know of the world. */
export type CommandContext = {
  readonly values: OptionValues;
  readonly positionals: readonly string[];
  /** the result will be printed as JSON */
  readonly json: boolean;
  /** one line of progress, on standard error so that it never mixes with the result */
  readonly progress: (line: string) => void;
};

/** `result` is printed with --json (bigints as decimal strings), `text` without. */
export type CommandOutcome = {
  readonly result: unknown;
  /** absent: nothing is printed */
  readonly text?: string;
  /** false: exit code 1 */
  readonly ok: boolean;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** how it is called, after `equipoise` */
  readonly usage: readonly string[];
  readonly options: { readonly [name: string]: CommandOption };
  /** words it takes beside options; none when absent */
  readonly positionals?: number;
  readonly run: (context: CommandContext) => Promise<CommandOutcome>;
};

/** A command called in a way it does not have: exit code 2. */
export class UsageWrong extends Error {
  override name = "UsageWrong";
}

/** The text given for an option, if any. */
export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}
