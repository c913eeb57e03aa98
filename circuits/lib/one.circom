// Wires that full simplification must not dissolve.
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";

// 1, whatever in is: 1 − b + b² for a bit b. The compiler does not know that b² = b, so a linear combination multiplied by
// this stays a wire of its own, where it would otherwise be written out, term by term, wherever it is used.
template One() {
    signal input in;
    signal output one;

    signal bit <== IsZero()(in);
    signal square <== bit * bit;
    one <== 1 - bit + square;
}
