// One account against its requirements, over a market that is opened once: docs/clearing.md, G-3 to G-8. A proof of many
// accounts has one of these for each.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/numbers.circom";
include "../lib/bits.circom";
include "charges.circom";
include "collateral.circom";
include "holdings.circom";
include "scenarios.circom";

template AccountMargin(positionCount, positionWords, series) {
    var arrays = ARRAY_COUNT();
    var dollar = PPT() * PPT(); // ppm of a dollar in 10⁻³⁰
    // the account
    signal input positions[positionWords];
    signal input cash;
    signal input collateral[3];
    signal input collateralPrices[4];
    signal input collateralHaircuts;
    signal input collateralSlopes;
    signal input collateralArrays;
    signal input result;
    signal input greeks[3];
    // the market
    signal input term[LANE_COUNT()]; // lanes of marginTerms
    signal input jointHot[2 * arrays * arrays][2 * SPOT_STEPS() + 1];
    signal input listed[arrays];
    signal input leaves[arrays][series];
    signal input spot[arrays];
    signal input step[arrays];
    signal input kin[arrays][arrays];
    signal input leads[arrays];
    // what only the prover knows
    signal input seriesTerms[positionCount];
    signal input seriesValues[positionCount][SERIES_VALUE_WORDS()];
    signal input worst;
    signal input one; // of One

    component holdings = Holdings(positionCount, positionWords, series);
    holdings.words <== positions;
    holdings.seriesTerms <== seriesTerms;
    holdings.seriesValues <== seriesValues;
    holdings.listed <== listed;
    holdings.leaves <== leaves;
    holdings.one <== one;

    // G-6
    component balances = Collateral();
    balances.balances <== collateral;
    balances.prices <== collateralPrices;
    balances.haircuts <== collateralHaircuts;
    balances.slopes <== collateralSlopes;
    balances.arrayLanes <== collateralArrays;
    balances.listed <== listed;
    balances.one <== one;

    // G-3, G-4
    component scenarios = ScenarioProfits();
    scenarios.moves <== holdings.moves;
    scenarios.credits <== balances.credits;
    scenarios.spot <== spot;
    scenarios.step <== step;
    scenarios.kin <== kin;
    scenarios.jointHot <== jointHot;
    _ <== Bits(142)(worst);
    component notWorse[SCENARIO_COUNT()];
    for (var s = 0; s < SCENARIO_COUNT(); s++) {
        notWorse[s] = Bits(144);
        notWorse[s].in <== worst + scenarios.profits[s];
    }

    // G-5
    signal worth[arrays];
    var positionsWorth = PPT() * holdings.strikes;
    for (var a = 0; a < arrays; a++) {
        worth[a] <== spot[a] * holdings.worth[a];
        positionsWorth += worth[a];
    }
    var triple = TRIPLE_LANES() * LANE_BITS();
    var signedOffset = 1 << (triple - 1);
    signal cashOffset[1] <== UnpackNumbers(1, [0], [triple])(cash, one);
    var at[5] = [
        MARGIN_RESULT_EQUITY() * LANE_BITS(),
        MARGIN_RESULT_MAINTENANCE_MARGIN() * LANE_BITS(),
        MARGIN_RESULT_INITIAL_MARGIN() * LANE_BITS(),
        MARGIN_RESULT_LEVEL() * LANE_BITS(),
        MARGIN_RESULT_HEALTHY() * LANE_BITS()
    ];
    signal said[5] <== UnpackNumbers(5, at, [triple, triple, triple, 1, 1])(result, one);
    signal equity <== said[0] - signedOffset;
    component equityLeft = Bits(144);
    equityLeft.in <== (cashOffset[0] - signedOffset + balances.value - equity) * dollar + positionsWorth;

    // G-7
    component charges = Charges();
    charges.spot <== spot;
    charges.kin <== kin;
    charges.leads <== leads;
    charges.errors <== holdings.errors;
    charges.perpetuals <== holdings.perpetuals;
    charges.shortOptions <== holdings.shortOptions;
    charges.calls <== holdings.calls;
    charges.puts <== holdings.puts;
    charges.deltas <== holdings.deltas;
    charges.term <== term;
    signal stressed[2];
    component covered[2];
    for (var level = 0; level < 2; level++) {
        stressed[level] <== term[MARGIN_TERM_MAINTENANCE_LOSS_FACTOR() + level] * worst + charges.charges[level];
        covered[level] = Bits(164);
        covered[level].in <== (said[1 + level] - balances.haircut) * PPM() * dollar - stressed[level];
    }

    // G-8
    signal requirement <== said[1] + said[3] * (said[2] - said[1]);
    component excess = Bits(triple);
    excess.in <== said[4] * (equity - requirement);
    component greek = Greeks();
    greek.words <== greeks;
    greek.spot <== spot;
    greek.sums <== holdings.greeks;
    greek.credits <== balances.credits;
    greek.one <== one;
}

// G-8: Greeks by array, rounded down, exact.
template Greeks() {
    var arrays = ARRAY_COUNT();
    signal input words[3];
    signal input spot[arrays];
    signal input sums[3][arrays];
    signal input credits[arrays];
    signal input one; // of One

    var triple = TRIPLE_LANES() * LANE_BITS();
    var perCent = 100 * PPM() * PPT() * PPT();
    signal said[3 * arrays] <== UnpackAll(TRIPLE_LANES(), 3 * arrays)(words, one);
    signal exact[3][arrays];
    for (var greek = 0; greek < 3; greek++) {
        for (var a = 0; a < arrays; a++) {
            exact[greek][a] <== spot[a] * sums[greek][a];
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
