/** JSON with bigints as decimal strings, a line for each name and for each object in a list: long columns stay compact. */
export function linedText(sections: Readonly<Record<string, unknown>>): string {
  const compact = (value: unknown): string =>
    JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? entry.toString() : entry));
  const lines = Object.entries(sections).map(([name, value]) =>
    Array.isArray(value) && typeof value[0] === "object"
      ? ` "${name}": [\n${value.map((entry) => `  ${compact(entry)}`).join(",\n")}\n ]`
      : ` "${name}": ${compact(value)}`,
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}
