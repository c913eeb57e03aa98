// Generated from sdk/src/protocol.ts by `npm run generate`. Do not edit.
pragma circom 2.2.3;

include "../solvency.circom";

// Public: commitment, challenge, evaluation; the first is the circuit's one output, so it comes first.
component main {public [challenge, evaluation]} = Solvency(4, 16, 24, 16, 60);
