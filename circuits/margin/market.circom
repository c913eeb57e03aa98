// What all accounts of an epoch are judged by: docs/clearing.md, G-1, G-2. A proof opens it once, for however many accounts.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/bits.circom";
include "../lib/numbers.circom";
include "arrays.circom";
include "scenarios.circom";

bus Market(series) {
    signal listed[ARRAY_COUNT()];
    signal leaves[ARRAY_COUNT()][series];
    signal spot[ARRAY_COUNT()]; // {ppt of a dollar}
    signal step[ARRAY_COUNT()]; // {ppm}
    signal kin[ARRAY_COUNT()][ARRAY_COUNT()];
    signal leads[ARRAY_COUNT()];
    signal term[LANE_COUNT()]; // lanes of marginTerms
    signal jointHot[2 * ARRAY_COUNT() * ARRAY_COUNT()][2 * SPOT_STEPS() + 1];
    // of each lane of collateral
    signal price[LANE_COUNT()]; // {ppt of a dollar}
    signal kept[LANE_COUNT()]; // {ppm} one less the haircut
    signal slope[LANE_COUNT()];
    signal moving[LANE_COUNT()][ARRAY_COUNT()]; // 1 for the array whose underlying it is
}

// LIVENESS     no witness exists for a haircut above one, and for collateral of an array that is not listed.
template OpenMarket(series) {
    var arrays = ARRAY_COUNT();
    var lanes = LANE_COUNT();
    signal input collateralPrices[QUAD_LANES()];
    signal input collateralHaircuts;
    signal input collateralSlopes;
    signal input collateralArrays;
    signal input marginTerms;
    signal input jointStates[3];
    // behind arrayCommitments
    signal input listed[arrays];
    signal input stateSets[arrays];
    signal input scenarioTerms[arrays];
    signal input markets[arrays];
    signal input leaves[arrays][series];
    signal input one; // of One
    signal output commitments[arrays];
    output Market(series) facts;

    component opened[arrays];
    component kinship = Kin();
    for (var a = 0; a < arrays; a++) {
        opened[a] = OpenArray(series);
        opened[a].listed <== listed[a];
        opened[a].stateSet <== stateSets[a];
        opened[a].scenarioTerms <== scenarioTerms[a];
        opened[a].market <== markets[a];
        opened[a].leaves <== leaves[a];
        opened[a].one <== one;
        commitments[a] <== opened[a].commitment;
        facts.spot[a] <== opened[a].spot;
        facts.step[a] <== opened[a].step;
        kinship.listed[a] <== listed[a];
        kinship.underlying[a] <== opened[a].underlying;
    }
    facts.listed <== listed;
    facts.leaves <== leaves;
    facts.kin <== kinship.kin;
    facts.leads <== kinship.leads;

    facts.term <== UnpackAll(1, lanes)([marginTerms], one);
    facts.jointHot <== JointLevels()(jointStates, one);

    facts.price <== UnpackAll(QUAD_LANES(), lanes)(collateralPrices, one);
    signal haircut[lanes] <== UnpackAll(1, lanes)([collateralHaircuts], one);
    facts.slope <== UnpackAll(1, lanes)([collateralSlopes], one);
    // 0 for none, the array plus one
    var offsets[lanes];
    var widths[lanes];
    for (var c = 0; c < lanes; c++) {
        offsets[c] = c * LANE_BITS();
        widths[c] = 3;
    }
    signal kind[lanes] <== UnpackNumbers(lanes, offsets, widths)(collateralArrays, one);
    signal hot[lanes][1 + arrays];
    for (var c = 0; c < lanes; c++) {
        facts.kept[c] <== PPM() - haircut[c];
        _ <== Bits(LANE_BITS() - 1)(facts.kept[c]);
        hot[c] <== OneHot(1 + arrays)(kind[c]);
        for (var a = 0; a < arrays; a++) {
            hot[c][1 + a] * (1 - listed[a]) === 0;
            facts.moving[c][a] <== hot[c][1 + a];
        }
    }
}
