import type { Command } from "./command.ts";
import { demo } from "./demo.ts";
import { deploy } from "./deploy.ts";
import { doctor } from "./doctor.ts";
import { price } from "./price.ts";
import { prove } from "./prove.ts";
import { relay } from "./relay.ts";
import { replay } from "./replay.ts";
import { retry } from "./retry.ts";
import { status } from "./status.ts";
import { stress } from "./stress.ts";
import { verify } from "./verify.ts";
import { weights } from "./weights.ts";

/** Every command of `equipoise`, in the order of its help. */
export const COMMANDS: readonly Command[] = [
  ...[weights, price, stress, replay, prove, verify, demo],
  ...[deploy, doctor, relay, status, retry],
];
