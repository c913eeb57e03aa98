// Positions of an account: docs/clearing.md, G-1.
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";
include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/numbers.circom";
include "../lib/bits.circom";

// G-1: the series plus one, 0 for none, and the quantity of every position. Series strictly ascend, places without a position
// come last and hold the value 0, what lies beyond the last place is 0.
template UnpackPositions(positions, wordCount) {
    var perWord = POSITIONS_PER_WORD();
    assert(wordCount == (positions + perWord - 1) \ perWord);
    signal input words[wordCount];
    signal input one; // of One
    signal output numbers[positions];
    signal output empty[positions];
    signal output quantities[positions]; // {ppm of a contract}, |quantity| ≤ 2⁶²
    signal output magnitudes[positions];

    var lane = LANE_BITS();
    var seriesBits = 7; // 64 series and none
    var unsignedBits = TRIPLE_LANES() * lane - 1;
    component unpacked[wordCount];
    signal isPositive[positions];
    for (var w = 0; w < wordCount; w++) {
        var count = positions - perWord * w < perWord ? positions - perWord * w : perWord;
        var offsets[3 * perWord];
        var widths[3 * perWord];
        for (var p = 0; p < perWord; p++) {
            var start = p * (1 + TRIPLE_LANES()) * lane;
            offsets[3 * p] = start;
            widths[3 * p] = seriesBits;
            offsets[3 * p + 1] = start + lane;
            widths[3 * p + 1] = unsignedBits;
            offsets[3 * p + 2] = start + lane + unsignedBits;
            widths[3 * p + 2] = 1;
        }
        unpacked[w] = UnpackNumbers(3 * count, offsets, widths);
        unpacked[w].word <== words[w];
        unpacked[w].one <== one;
        for (var p = 0; p < count; p++) {
            var i = perWord * w + p;
            numbers[i] <== unpacked[w].numbers[3 * p];
            isPositive[i] <== unpacked[w].numbers[3 * p + 2];
            quantities[i] <== unpacked[w].numbers[3 * p + 1] + (isPositive[i] - 1) * (1 << unsignedBits);
            magnitudes[i] <== (2 * isPositive[i] - 1) * quantities[i];
            empty[i] <== IsZero()(numbers[i]);
            empty[i] * quantities[i] === 0;
        }
    }

    component rise[positions];
    for (var i = 1; i < positions; i++) {
        empty[i - 1] * (1 - empty[i]) === 0;
        rise[i] = Bits(seriesBits);
        rise[i].in <== (1 - empty[i]) * (numbers[i] - numbers[i - 1] - 1);
    }
}

// What an account holds of each of the series that a proof has opened, under these numbers. A series may stand there twice:
// everything that is made of quantities and magnitudes is linear in them.
template QuantitiesBySeries(positions, count) {
    signal input numbers[positions];
    signal input empty[positions];
    signal input quantities[positions];
    signal input magnitudes[positions];
    signal input held[count]; // their numbers
    signal output heldQuantities[count];
    signal output heldMagnitudes[count];

    signal at[positions][count];
    signal quantity[positions][count];
    signal magnitude[positions][count];
    var sums[2][count];
    for (var k = 0; k < count; k++) {
        sums[0][k] = 0;
        sums[1][k] = 0;
    }
    for (var i = 0; i < positions; i++) {
        var found = 0;
        for (var k = 0; k < count; k++) {
            at[i][k] <-- (1 - empty[i]) * (numbers[i] == held[k] ? 1 : 0);
            at[i][k] * (numbers[i] - held[k]) === 0;
            found += at[i][k];
            quantity[i][k] <== at[i][k] * quantities[i];
            magnitude[i][k] <== at[i][k] * magnitudes[i];
            sums[0][k] += quantity[i][k];
            sums[1][k] += magnitude[i][k];
        }
        found === 1 - empty[i];
    }
    heldQuantities <== sums[0];
    heldMagnitudes <== sums[1];
}
