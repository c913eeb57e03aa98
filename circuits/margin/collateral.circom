// Collateral of an account: docs/clearing.md, G-6.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/bits.circom";
include "../lib/numbers.circom";
include "market.circom";

// LIVENESS     no witness exists for a balance worth 2⁶² ppm of a dollar or more.
template Collateral(series) {
    var lanes = LANE_COUNT();
    var arrays = ARRAY_COUNT();
    signal input balances[TRIPLE_LANES()];
    input Market(series) market;
    signal input one; // of One
    signal output value; // Σ {ppm of a dollar}
    signal output haircut; // Σ (value − credit)
    signal output credits[arrays]; // Σ of what moves with each array

    signal balance[lanes] <== UnpackAll(TRIPLE_LANES(), lanes)(balances, one);
    component counted[lanes];
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
        counted[c].price <== market.price[c];
        counted[c].kept <== market.kept[c];
        counted[c].slope <== market.slope[c];
        worth += counted[c].value;
        taken += counted[c].value - counted[c].credit;
        for (var a = 0; a < arrays; a++) {
            moving[c][a] <== market.moving[c][a] * counted[c].credit;
            credit[a] += moving[c][a];
        }
    }
    value <== worth;
    haircut <== taken;
    credits <== credit;
}

// value = ⌊balance · price / 10¹²⌋, credit = ⌊value (10⁶ − haircut) 10¹² / (10¹⁸ + slope · value)⌋.
//   BITS  balance 63, price 84; value 62, so that slope · value < 2⁸³ and the divisor < 2⁸⁴; credit · divisor < 2¹⁴⁶
template Credit() {
    signal input balance;
    signal input price;
    signal input kept; // {ppm} one less the haircut, at most one
    signal input slope;
    signal output value;
    signal output credit;

    signal product <== balance * price;
    value <-- product \ PPT();
    _ <== Bits(62)(value);
    Below(PPT())(product - value * PPT());

    signal divisor <== PPM() * PPT() + slope * value;
    signal dividend <== value * kept;
    credit <-- dividend * PPT() \ divisor;
    _ <== Bits(62)(credit);
    signal whole <== credit * divisor;
    signal remainder <== PPT() * dividend - whole;
    _ <== Bits(84)(remainder);
    _ <== Bits(84)(divisor - 1 - remainder);
}
