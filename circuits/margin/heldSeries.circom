// Series that accounts hold, opened once for however many positions in them: docs/clearing.md, G-2.
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";
include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/bits.circom";
include "../lib/numbers.circom";
include "../lib/sponge.circom";
include "market.circom";

// The state in which nothing changes: every series' value for it is 0.
function UNCHANGED_STATE() {
    return SPOT_STEPS() * VOLATILITY_SHOCK_COUNT() + 1;
}

// What a position in a series needs of it. |numbers| of pairs ≤ 2⁴¹.
bus HeldSeries() {
    signal own[ARRAY_COUNT()]; // 1 for the one array that it is in
    signal isCall;
    signal isPut;
    signal forward; // {ppm of spot}
    signal change[STATE_COUNT()]; // {ppt of spot} in each state
    signal delta; // {ppt}
    signal gamma;
    signal vega;
    signal slotDelta[EXPIRY_SLOTS()]; // delta, in its expiry's slot
    // spot of its array times
    signal perpetualSpot; // 1 for a perpetual {ppt of a dollar}
    signal optionSpot; // 1 for an option
    signal errorSpot; // errorBound {10⁻²⁴ dollar}
    signal worth; // what a contract is worth, with K of a put {10⁻²⁴ dollar}
}

// Proves that every number is 0 or 1 more than that of a listed series, whose words these are. One that is 0 has whatever
// words the prover likes: nobody holds it.
template OpenAllSeries(count, series) {
    signal input numbers[count];
    signal input terms[count];
    signal input values[count][SERIES_VALUE_WORDS()];
    input Market(series) market;
    signal input one; // of One
    output HeldSeries() held[count];

    component each[count];
    for (var i = 0; i < count; i++) {
        each[i] = OpenSeries(series);
        each[i].number <== numbers[i];
        each[i].terms <== terms[i];
        each[i].values <== values[i];
        each[i].market <== market;
        each[i].one <== one;
        held[i] <== each[i].held;
    }
}

template OpenSeries(series) {
    var arrays = ARRAY_COUNT();
    signal input number;
    signal input terms;
    signal input values[SERIES_VALUE_WORDS()];
    input Market(series) market;
    signal input one; // of One
    output HeldSeries() held;

    signal empty <== IsZero()(number);
    component place = Bits(6);
    place.in <== number - 1 + empty;
    var inArray = 0;
    for (var bit = 0; bit < 4; bit++) {
        inArray += place.bits[bit] * (1 << bit);
    }
    signal own[arrays] <== OneHot(arrays)(place.bits[4] + 2 * place.bits[5]);
    signal at[series] <== OneHot(series)(inArray);

    signal element[1 + SERIES_VALUE_WORDS()];
    element[0] <== terms;
    for (var w = 0; w < SERIES_VALUE_WORDS(); w++) {
        element[1 + w] <== values[w];
    }
    signal leaf <== Sponge(DOMAIN_SERIES(), 1 + SERIES_VALUE_WORDS())(element, one);
    signal candidate[arrays][series];
    signal found[arrays];
    signal present[arrays];
    var leafFound = 0;
    var isPresent = 0;
    for (var a = 0; a < arrays; a++) {
        var leafThere = 0;
        for (var k = 0; k < series; k++) {
            candidate[a][k] <== at[k] * market.leaves[a][k];
            leafThere += candidate[a][k];
        }
        found[a] <== own[a] * leafThere;
        present[a] <== own[a] * market.listed[a];
        leafFound += found[a];
        isPresent += present[a];
    }
    signal leafInArray <== leafFound;
    (1 - empty) * (leafInArray - leaf) === 0;
    (1 - empty) * (1 - isPresent) === 0;

    component said = UnpackSeries();
    said.terms <== terms;
    said.values <== values;
    said.one <== one;
    held.own <== own;
    held.isCall <== said.isCall;
    held.isPut <== said.isPut;
    held.forward <== said.forward;
    for (var s = 0; s < STATE_COUNT(); s++) {
        held.change[s] <== said.pair[s];
    }
    held.delta <== said.pair[STATE_COUNT() + FIGURE_DELTA()];
    held.gamma <== said.pair[STATE_COUNT() + FIGURE_GAMMA()];
    held.vega <== said.pair[STATE_COUNT() + FIGURE_VEGA()];
    for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
        held.slotDelta[slot] <== said.slot[slot] * held.delta;
    }

    signal spotOf[arrays];
    var itsSpot = 0;
    for (var a = 0; a < arrays; a++) {
        spotOf[a] <== own[a] * market.spot[a];
        itsSpot += spotOf[a];
    }
    signal spot <== itsSpot;
    held.optionSpot <== (said.isCall + said.isPut) * spot;
    held.perpetualSpot <== spot - held.optionSpot;
    held.errorSpot <== spot * said.pair[STATE_COUNT() + FIGURE_ERROR_BOUND()];
    // G-5: put = call + K − F
    signal putForward <== said.isPut * said.forward;
    signal putStrike <== said.isPut * said.strike;
    signal value <== spot * (said.pair[STATE_COUNT() + FIGURE_MARK()] - PPM() * putForward);
    held.worth <== value + PPT() * putStrike;
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

    var bits = PAIR_LANES() * lane;
    var offset = 1 << (bits - 1);
    component unpacked[SERIES_VALUE_WORDS()];
    for (var w = 0; w < SERIES_VALUE_WORDS(); w++) {
        // the pair of the unchanged state is not looked at: it holds 0
        var unchanged = UNCHANGED_STATE() - perWord * w;
        var left = unchanged >= 0 && unchanged < perWord ? perWord - 1 : perWord;
        var offsets[perWord];
        var widths[perWord];
        for (var k = 0; k < left; k++) {
            offsets[k] = (left < perWord && k >= unchanged ? k + 1 : k) * bits;
            widths[k] = bits;
        }
        unpacked[w] = UnpackNumbers(left, offsets, widths);
        unpacked[w].word <== values[w] - (left < perWord ? offset << (bits * unchanged) : 0);
        unpacked[w].one <== one;
        for (var k = 0; k < perWord; k++) {
            if (left < perWord && k == unchanged) {
                pair[perWord * w + k] <== 0;
            } else {
                pair[perWord * w + k] <== unpacked[w].numbers[left < perWord && k > unchanged ? k - 1 : k] - offset;
            }
        }
    }
}
