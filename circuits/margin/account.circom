// One account against its requirements, over a market and series that are opened once: docs/clearing.md, G-3 to G-8. A proof
// of many accounts has one of these for each.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/bits.circom";
include "../lib/numbers.circom";
include "charges.circom";
include "collateral.circom";
include "heldSeries.circom";
include "holdings.circom";
include "market.circom";
include "scenarios.circom";

// count series that it may hold
template AccountMargin(count, series) {
    var arrays = ARRAY_COUNT();
    var dollar = PPT() * PPT(); // ppm of a dollar in 10⁻³⁰
    signal input quantities[count];
    signal input magnitudes[count];
    signal input cash;
    signal input collateral[TRIPLE_LANES()];
    signal input result;
    input HeldSeries() held[count];
    input Market(series) market;
    signal input worst; // what only the prover knows
    signal input one; // of One
    // as `result` says them {ppm of a dollar}
    signal output equity;
    signal output requirements[2];
    // for Greeks
    signal output byArray[count][arrays];
    signal output credits[arrays];

    component holdings = Holdings(count);
    holdings.quantities <== quantities;
    holdings.magnitudes <== magnitudes;
    holdings.held <== held;
    byArray <== holdings.byArray;

    // G-6
    component balances = Collateral(series);
    balances.balances <== collateral;
    balances.market <== market;
    balances.one <== one;
    credits <== balances.credits;

    // G-3, G-4. Where nothing changes nothing is lost.
    component scenarios = ScenarioProfits(series);
    scenarios.moves <== holdings.moves;
    scenarios.credits <== balances.credits;
    scenarios.market <== market;
    _ <== Bits(142)(worst);
    component notWorse[SCENARIO_COUNT()];
    for (var s = 0; s < SCENARIO_COUNT(); s++) {
        if (s >= SCENARIO_JOINT() || s % STATE_COUNT() != UNCHANGED_STATE()) {
            notWorse[s] = Bits(144);
            notWorse[s].in <== worst + scenarios.profits[s];
        }
    }

    // G-5
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
    equity <== said[0] - signedOffset;
    component equityLeft = Bits(144);
    equityLeft.in <== (cashOffset[0] - signedOffset + balances.value - equity) * dollar + holdings.worth;

    // G-7
    component charges = Charges(series);
    charges.perpetuals <== holdings.perpetuals;
    charges.shortOptions <== holdings.shortOptions;
    charges.errors <== holdings.errors;
    charges.calls <== holdings.calls;
    charges.puts <== holdings.puts;
    charges.deltas <== holdings.deltas;
    charges.market <== market;
    signal stressed[2];
    component covered[2];
    for (var level = 0; level < 2; level++) {
        requirements[level] <== said[1 + level];
        stressed[level] <== market.term[MARGIN_TERM_MAINTENANCE_LOSS_FACTOR() + level] * worst + charges.charges[level];
        covered[level] = Bits(164);
        covered[level].in <== (requirements[level] - balances.haircut) * PPM() * dollar - stressed[level];
    }

    // G-8
    signal requirement <== requirements[0] + said[3] * (requirements[1] - requirements[0]);
    component excess = Bits(triple);
    excess.in <== said[4] * (equity - requirement);
}
