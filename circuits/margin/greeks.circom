// Greeks of an account by array: docs/clearing.md, G-8.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/bits.circom";
include "../lib/numbers.circom";
include "heldSeries.circom";

// Rounded down, exact.
template Greeks(count) {
    var arrays = ARRAY_COUNT();
    signal input words[3];
    signal input spot[arrays];
    input HeldSeries() held[count];
    signal input byArray[count][arrays]; // quantities
    signal input credits[arrays];
    signal input one; // of One

    signal forwardDelta[count];
    signal forwardGamma[count];
    signal part[3][arrays][count];
    for (var i = 0; i < count; i++) {
        forwardDelta[i] <== held[i].delta * held[i].forward;
        forwardGamma[i] <== held[i].gamma * held[i].forward;
        for (var a = 0; a < arrays; a++) {
            part[0][a][i] <== byArray[i][a] * forwardDelta[i];
            part[1][a][i] <== byArray[i][a] * forwardGamma[i];
            part[2][a][i] <== byArray[i][a] * held[i].vega;
        }
    }

    var triple = TRIPLE_LANES() * LANE_BITS();
    var perCent = 100 * PPM() * PPT() * PPT();
    signal said[3 * arrays] <== UnpackAll(TRIPLE_LANES(), 3 * arrays)(words, one);
    signal exact[3][arrays];
    for (var greek = 0; greek < 3; greek++) {
        for (var a = 0; a < arrays; a++) {
            var sum = 0;
            for (var i = 0; i < count; i++) {
                sum += part[greek][a][i];
            }
            exact[greek][a] <== spot[a] * sum;
            var quotient = said[arrays * greek + a] - (1 << (triple - 1));
            if (greek == 2) {
                Below(PPT() * PPT())(exact[greek][a] - quotient * PPT() * PPT());
            } else {
                // collateral has a delta of one, and no gamma
                var moving = greek == 0 ? perCent \ 100 : 0;
                Below(perCent)(exact[greek][a] + moving * credits[a] - quotient * perCent);
            }
        }
    }
}
