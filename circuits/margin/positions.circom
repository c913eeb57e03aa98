// Positions of an account: docs/clearing.md, G-1 to G-3, G-5, G-7.
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";
include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/numbers.circom";
include "../lib/bits.circom";
include "../lib/sponge.circom";

// G-1: the series plus one, 0 for none, and the quantity of every position. Series strictly ascend, places without a position
// come last and hold the value 0, what lies beyond the last place is 0.
template UnpackPositions(positions, wordCount) {
    var perWord = POSITIONS_PER_WORD();
    assert(wordCount == (positions + perWord - 1) \ perWord);
    signal input words[wordCount];
    signal input one; // of One
    signal output lanes[positions];
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
            lanes[i] <== unpacked[w].numbers[3 * p];
            isPositive[i] <== unpacked[w].numbers[3 * p + 2];
            quantities[i] <== unpacked[w].numbers[3 * p + 1] + (isPositive[i] - 1) * (1 << unsignedBits);
            magnitudes[i] <== (2 * isPositive[i] - 1) * quantities[i];
            empty[i] <== IsZero()(lanes[i]);
            empty[i] * quantities[i] === 0;
        }
    }

    component rise[positions];
    for (var i = 1; i < positions; i++) {
        empty[i - 1] * (1 - empty[i]) === 0;
        rise[i] = Bits(seriesBits);
        rise[i].in <== (1 - empty[i]) * (lanes[i] - lanes[i - 1] - 1);
    }
}

// G-2: the words of a position's series, and own[a], 1 for the one array that it is in. A place without a position has
// whatever words the prover likes: its quantity is 0.
template OpenSeries(series) {
    signal input lane;
    signal input empty;
    signal input listed[ARRAY_COUNT()];
    signal input leaves[ARRAY_COUNT()][series];
    signal input terms;
    signal input values[SERIES_VALUE_WORDS()];
    signal input one; // of One
    signal output own[ARRAY_COUNT()];

    component number = Bits(6);
    number.in <== lane - 1 + empty;
    var place = 0;
    for (var bit = 0; bit < 4; bit++) {
        place += number.bits[bit] * (1 << bit);
    }
    own <== OneHot(ARRAY_COUNT())(number.bits[4] + 2 * number.bits[5]);
    signal at[series] <== OneHot(series)(place);

    signal element[7];
    element[0] <== terms;
    for (var w = 0; w < SERIES_VALUE_WORDS(); w++) {
        element[1 + w] <== values[w];
    }
    signal leaf <== Sponge(DOMAIN_SERIES(), 1 + SERIES_VALUE_WORDS())(element, one);
    signal candidate[ARRAY_COUNT()][series];
    signal found[ARRAY_COUNT()];
    signal present[ARRAY_COUNT()];
    var leafFound = 0;
    var isPresent = 0;
    for (var a = 0; a < ARRAY_COUNT(); a++) {
        var inArray = 0;
        for (var k = 0; k < series; k++) {
            candidate[a][k] <== at[k] * leaves[a][k];
            inArray += candidate[a][k];
        }
        found[a] <== own[a] * inArray;
        present[a] <== own[a] * listed[a];
        leafFound += found[a];
        isPresent += present[a];
    }
    signal leafInArray <== leafFound;
    (1 - empty) * (leafInArray - leaf) === 0;
    (1 - empty) * (1 - isPresent) === 0;
}

// The numbers in the words of a series.
template UnpackSeries() {
    var pairs = STATE_COUNT() + 5;
    var perWord = LANE_COUNT() \ PAIR_LANES();
    signal input terms;
    signal input values[SERIES_VALUE_WORDS()];
    signal input one; // of One
    signal output isCall;
    signal output isPut;
    signal output slot[EXPIRY_SLOTS()]; // one of them 1
    signal output forward; // {ppm of spot}
    signal output strike; // {ppt of a dollar}
    signal output pair[pairs]; // {ppt} |pair| ≤ 2⁴¹

    var lane = LANE_BITS();
    assert(EXPIRY_SLOTS() == 8 && KIND_CALL() == 1 && KIND_PUT() == 2);
    // isCall, isPut, slot, basis, volatility and seconds in one, strike
    component said = UnpackNumbers(
        6,
        [0, 1, SERIES_TERM_EXPIRY_SLOT() * lane, SERIES_TERM_BASIS() * lane, SERIES_TERM_VOLATILITY() * lane, SERIES_TERM_STRIKE() * lane],
        [1, 1, 3, lane, 2 * PAIR_LANES() * lane, QUAD_LANES() * lane]
    );
    said.word <== terms;
    said.one <== one;
    isCall <== said.numbers[0];
    isPut <== said.numbers[1];
    isCall * isPut === 0;
    slot <== OneHot(EXPIRY_SLOTS())(said.numbers[2]);
    forward <== PPM() + said.numbers[3] - SIGNED_OFFSET();
    strike <== said.numbers[5];

    var offsets[perWord];
    var widths[perWord];
    for (var k = 0; k < perWord; k++) {
        offsets[k] = k * PAIR_LANES() * lane;
        widths[k] = PAIR_LANES() * lane;
    }
    component unpacked[SERIES_VALUE_WORDS()];
    for (var w = 0; w < SERIES_VALUE_WORDS(); w++) {
        unpacked[w] = UnpackNumbers(perWord, offsets, widths);
        unpacked[w].word <== values[w];
        unpacked[w].one <== one;
        for (var k = 0; k < perWord; k++) {
            pair[perWord * w + k] <== unpacked[w].numbers[k] - (1 << (PAIR_LANES() * lane - 1));
        }
    }
}
