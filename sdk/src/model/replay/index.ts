export { BOOK_KINDS, type Book, BUFFERS, type BufferRange, DepositUnreachable, seededBooks } from "./books.ts";
export { capitalAt, staticScaleFor } from "./capital.ts";
export { LedgerBroken } from "./ledger.ts";
export { type MarginMethod, portfolioMethod, STATIC_SCALE, staticMethod } from "./methods.ts";
export * from "./parameters.ts";
export { HOUR, impliedFromRealised, PathUnusable, type ReplayPath } from "./path.ts";
export { type Replay, type ReplayInputs, replay, replayHours } from "./replay.ts";
export type { KindResult, ReplayHour, ReplayResult } from "./result.ts";
