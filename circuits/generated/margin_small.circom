// Generated from sdk/src/protocol.ts by `npm run generate`. Do not edit.
pragma circom 2.2.3;

include "../margin.circom";

// Public: commitment, challenge, evaluation; the first is the circuit's one output, so it comes first.
component main {public [challenge, evaluation]} = Margin(3, 2, 24);
