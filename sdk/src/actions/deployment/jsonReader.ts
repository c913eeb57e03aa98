import { type Address, isAddress } from "viem";

/** An object out of JSON: of what its fields are nothing is known yet. */
export type Fields = { readonly [name: string]: unknown };

/** Reads values out of JSON; what is wrong with one is thrown as its file's own error. */
export type JsonReader = {
  readonly fields: (value: unknown, path: string) => Fields;
  /** @param minimum of entries; 1 when absent */
  readonly list: <item>(
    value: unknown,
    path: string,
    read: (value: unknown, path: string) => item,
    minimum?: number,
  ) => item[];
  readonly whole: (value: unknown, path: string) => number;
  readonly bigWhole: (value: unknown, path: string) => bigint;
  readonly word: (value: unknown, path: string) => string;
  readonly address: (value: unknown, path: string) => Address;
};

/** A reader whose refusals are made by `refusal`: a path, the value there, and what it needs. */
export function jsonReader(refusal: (path: string, value: unknown, need: string) => Error): JsonReader {
  return {
    fields: (value, path) => {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
      throw refusal(path, value, "must be an object");
    },
    list: (value, path, read, minimum = 1) => {
      if (Array.isArray(value) && value.length >= minimum)
        return value.map((entry, place) => read(entry, `${path}[${place}]`));
      throw refusal(
        path,
        value,
        minimum === 1 ? "must be a list with an entry" : `must be a list of ${minimum} or more`,
      );
    },
    whole: (value, path) => {
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
      throw refusal(path, value, "must be a whole number");
    },
    bigWhole: (value, path) => {
      if (typeof value === "string" && /^\d{1,77}$/.test(value)) return BigInt(value);
      throw refusal(path, value, "must be a whole number in quotes");
    },
    word: (value, path) => {
      if (typeof value === "string" && value !== "") return value;
      throw refusal(path, value, "must be a name");
    },
    address: (value, path) => {
      if (typeof value === "string" && isAddress(value, { strict: false })) return value;
      throw refusal(path, value, "must be an address");
    },
  };
}
