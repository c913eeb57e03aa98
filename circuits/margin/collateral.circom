// Collateral of an account: docs/clearing.md, G-6.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/lanes.circom";
include "../lib/numbers.circom";
include "../lib/bits.circom";

// LIVENESS     no witness exists for a haircut above one, a balance worth 2⁶² ppm of a dollar or more, and collateral of an array
//              that is not listed.
template Collateral() {
    var lanes = LANE_COUNT();
    var arrays = ARRAY_COUNT();
    var lane = LANE_BITS();
    signal input balances[TRIPLE_LANES()];
    signal input prices[QUAD_LANES()];
    signal input haircuts;
    signal input slopes;
    signal input arrayLanes;
    signal input listed[arrays];
    signal input one; // of One
    signal output value; // Σ {ppm of a dollar}
    signal output haircut; // Σ (value − credit)
    signal output credits[arrays]; // Σ of what moves with each array

    signal balance[lanes] <== UnpackAll(TRIPLE_LANES(), lanes)(balances, one);
    signal price[lanes] <== UnpackAll(QUAD_LANES(), lanes)(prices, one);
    signal base[lanes] <== UnpackAll(1, lanes)([haircuts], one);
    signal slope[lanes] <== UnpackAll(1, lanes)([slopes], one);
    // 0 for none, the array plus one
    var offsets[lanes];
    var widths[lanes];
    for (var c = 0; c < lanes; c++) {
        offsets[c] = c * lane;
        widths[c] = 3;
    }
    signal kind[lanes] <== UnpackNumbers(lanes, offsets, widths)(arrayLanes, one);

    component counted[lanes];
    signal hot[lanes][1 + arrays];
    signal moving[lanes][arrays];
    var worth = 0;
    var taken = 0;
    var credit[arrays];
    for (var a = 0; a < arrays; a++) {
        credit[a] = 0;
    }
    for (var c = 0; c < lanes; c++) {
        counted[c] = Credit();
        counted[c].balance <== balance[c];
        counted[c].price <== price[c];
        counted[c].haircut <== base[c];
        counted[c].slope <== slope[c];
        worth += counted[c].value;
        taken += counted[c].value - counted[c].credit;
        hot[c] <== OneHot(1 + arrays)(kind[c]);
        for (var a = 0; a < arrays; a++) {
            hot[c][1 + a] * (1 - listed[a]) === 0;
            moving[c][a] <== hot[c][1 + a] * counted[c].credit;
            credit[a] += moving[c][a];
        }
    }
    value <== worth;
    haircut <== taken;
    credits <== credit;
}

// Words of numbers that span `span` lanes each.
template UnpackAll(span, count) {
    var perWord = LANE_COUNT() \ span;
    var wordCount = count \ perWord;
    assert(wordCount * perWord == count);
    signal input words[wordCount];
    signal input one; // of One
    signal output numbers[count];

    var offsets[perWord];
    var widths[perWord];
    for (var k = 0; k < perWord; k++) {
        offsets[k] = k * span * LANE_BITS();
        widths[k] = span * LANE_BITS();
    }
    component unpacked[wordCount];
    for (var w = 0; w < wordCount; w++) {
        unpacked[w] = UnpackNumbers(perWord, offsets, widths);
        unpacked[w].word <== words[w];
        unpacked[w].one <== one;
        for (var k = 0; k < perWord; k++) {
            numbers[perWord * w + k] <== unpacked[w].numbers[k];
        }
    }
}

// value = ⌊balance · price / 10¹²⌋, credit = ⌊value (10⁶ − haircut) 10¹² / (10¹⁸ + slope · value)⌋.
//   BITS  balance 63, price 84; value 62, so that slope · value < 2⁸³ and the divisor < 2⁸⁴; credit · divisor < 2¹⁴⁶
template Credit() {
    signal input balance;
    signal input price;
    signal input haircut;
    signal input slope;
    signal output value;
    signal output credit;

    signal product <== balance * price;
    value <-- product \ PPT();
    _ <== Bits(62)(value);
    Below(PPT())(product - value * PPT());

    signal kept <== PPM() - haircut;
    _ <== Bits(LANE_BITS() - 1)(kept);
    signal divisor <== PPM() * PPT() + slope * value;
    signal dividend <== value * kept;
    credit <-- dividend * PPT() \ divisor;
    _ <== Bits(62)(credit);
    signal whole <== credit * divisor;
    signal remainder <== PPT() * dividend - whole;
    _ <== Bits(84)(remainder);
    _ <== Bits(84)(divisor - 1 - remainder);
}
