import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Under these a key or a password may stand, be it in the wrong place. */
const SECRET = /^(keys|database)(\.|$)|\.rpcUrls/;

/** A configuration does not say what it should. What may be a secret is not said: logs are read by others. */
export class ConfigInvalid extends Error {
  override name = "ConfigInvalid";
  constructor(path: string, key: string, value: unknown, fix: string, isSecret = SECRET.test(key)) {
    const given = JSON.stringify(value);
    const shown = given === undefined ? "missing" : isSecret ? "not as it should be" : given;
    super(`${path}: ${key} is ${shown}: ${fix}`);
  }
}

/** An object out of a configuration: of what its fields are nothing is known yet. */
export type ConfigFields = { readonly [name: string]: unknown };

/** Reads a configuration's values; what is wrong with one is thrown as {@link ConfigInvalid}, with the key and what it should be. */
export type ConfigReader = {
  readonly refuse: (key: string, value: unknown, fix: string) => never;
  /** what is in a JSON file that a key names */
  readonly load: (file: string, key: string) => unknown;
  /** a path as the configuration's folder sees it */
  readonly at: (file: string) => string;
  /** an object that has no other names than these: a misspelt one would be as if it were not there */
  readonly fieldsOf: (value: unknown, key: string, known: readonly string[]) => ConfigFields;
  readonly text: (value: unknown, key: string, what: string) => string;
  readonly whole: (value: unknown, key: string, least: number, most: number) => number;
  readonly list: (value: unknown, key: string, what: string) => unknown[];
};

/** @param path of the configuration */
export function configReader(path: string): ConfigReader {
  const refuse: ConfigReader["refuse"] = (key, value, fix) => {
    throw new ConfigInvalid(path, key, value, fix);
  };
  return {
    refuse,
    load: (file, key) => {
      try {
        return JSON.parse(readFileSync(file, "utf8"));
      } catch (error) {
        // what is wrong of a JSON text is said with a part of it
        const reason = error instanceof SyntaxError ? "it is not JSON" : (error as Error).message;
        return refuse(key, file, `must be a readable JSON file (${reason})`);
      }
    },
    at: (file) => resolve(dirname(path), file),
    fieldsOf: (value, key, known) => {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return refuse(key, value, `give an object with ${known.join(", ")}`);
      for (const name of Object.keys(value)) {
        if (known.includes(name)) continue;
        const full = `${key}.${name}`;
        throw new ConfigInvalid(path, full, full, `remove it; known are ${known.join(", ")}`, true);
      }
      return value as ConfigFields;
    },
    text: (value, key, what) =>
      typeof value === "string" && value !== "" ? value : refuse(key, value, `give ${what}`),
    whole: (value, key, least, most) =>
      typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
        ? value
        : refuse(key, value, `give a whole number from ${least} to ${most}`),
    list: (value, key, what) =>
      Array.isArray(value) && value.length > 0 ? value : refuse(key, value, `give a list of ${what}`),
  };
}
