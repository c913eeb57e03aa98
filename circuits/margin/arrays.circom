// Risk arrays as the margin of an account uses them: docs/clearing.md, G-2.
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";
include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/numbers.circom";
include "../lib/sponge.circom";

// Proves that commitment is that of an array with these words and leaves, or 0 where it is not listed. An array that is
// not listed has whatever words the prover likes: nothing may be held in it, and it is kin of none.
template OpenArray(series) {
    signal input listed;
    signal input stateSet;
    signal input scenarioTerms;
    signal input market;
    signal input leaves[series];
    signal input one; // of One
    signal output commitment;
    signal output spot; // {ppt of a dollar}
    signal output step; // {ppm}
    signal output underlying;

    listed * listed === listed;
    signal words[3 + series];
    words[0] <== stateSet;
    words[1] <== scenarioTerms;
    words[2] <== market;
    for (var k = 0; k < series; k++) {
        words[3 + k] <== leaves[k];
    }
    signal opened <== Sponge(DOMAIN_RISK_ARRAY(), 3 + series)(words, one);
    commitment <== listed * opened;

    var lane = LANE_BITS();
    var stepAt = SCENARIO_TERM_STEP() * lane;
    signal terms[3] <== UnpackNumbers(3, [0, stepAt, stepAt + lane], [stepAt, lane, 3 * lane])(scenarioTerms, one);
    step <== terms[1];
    signal said[3] <== UnpackNumbers(
        3,
        [MARKET_SPOT() * lane, MARKET_TIME() * lane, MARKET_UNDERLYING() * lane],
        [QUAD_LANES() * lane, PAIR_LANES() * lane, lane]
    )(market, one);
    spot <== said[0];
    underlying <== said[2];
}

// kin[a][b] is 1 where both arrays are listed and have one underlying, for a < b, else 0; leads[a] is 1 where no array
// before a is its kin. An array that is not listed must not lead kin away from the one whose spot they are charged by.
template Kin() {
    signal input listed[ARRAY_COUNT()];
    signal input underlying[ARRAY_COUNT()];
    signal output kin[ARRAY_COUNT()][ARRAY_COUNT()];
    signal output leads[ARRAY_COUNT()];

    signal both[ARRAY_COUNT()][ARRAY_COUNT()];
    signal same[ARRAY_COUNT()][ARRAY_COUNT()];
    signal follows[ARRAY_COUNT()][ARRAY_COUNT() + 1];
    for (var b = 0; b < ARRAY_COUNT(); b++) {
        follows[b][0] <== 1;
        for (var a = 0; a < ARRAY_COUNT(); a++) {
            if (a < b) {
                both[a][b] <== listed[a] * listed[b];
                same[a][b] <== IsZero()(underlying[a] - underlying[b]);
                kin[a][b] <== both[a][b] * same[a][b];
                follows[b][a + 1] <== follows[b][a] * (1 - kin[a][b]);
            } else {
                both[a][b] <== 0;
                same[a][b] <== 0;
                kin[a][b] <== 0;
                follows[b][a + 1] <== follows[b][a];
            }
        }
        leads[b] <== follows[b][ARRAY_COUNT()];
    }
}
