// Generated from sdk/src/protocol.ts by `npm run generate`. Do not edit.
pragma circom 2.2.3;

function PAIR_LANES() {
    return 2;
}

function TRIPLE_LANES() {
    return 3;
}

function QUAD_LANES() {
    return 4;
}

function PPT() {
    return 1000000000000;
}

function ARRAY_COUNT() {
    return 4;
}

function STATE_COUNT() {
    return 31;
}

function STATE_SET() {
    return 4917984354618929633547115971340431992479489919335345863927760055606532552404;
}

function SPOT_STEPS() {
    return 3;
}

function VOLATILITY_SHOCK_COUNT() {
    return 3;
}

function TAIL_COUNT() {
    return 8;
}

function SKEW_COUNT() {
    return 2;
}

function EXPIRY_SLOTS() {
    return 8;
}

function SERIES_VALUE_WORDS() {
    return 6;
}

function POSITIONS_PER_WORD() {
    return 3;
}

function SCENARIO_TERM_VERSION() {
    return 0;
}

function SCENARIO_TERM_STEP() {
    return 1;
}

function SCENARIO_TERM_UP_SHOCK() {
    return 2;
}

function SCENARIO_TERM_DOWN_SHOCK() {
    return 3;
}

function SCENARIO_TERM_MINIMUM_UP_VOLATILITY() {
    return 4;
}

function MARKET_SPOT() {
    return 0;
}

function MARKET_TIME() {
    return 4;
}

function MARKET_UNDERLYING() {
    return 6;
}

function KIND_PERPETUAL() {
    return 0;
}

function KIND_CALL() {
    return 1;
}

function KIND_PUT() {
    return 2;
}

function SERIES_TERM_KIND() {
    return 0;
}

function SERIES_TERM_EXPIRY_SLOT() {
    return 1;
}

function SERIES_TERM_BASIS() {
    return 2;
}

function SERIES_TERM_VOLATILITY() {
    return 3;
}

function SERIES_TERM_SECONDS() {
    return 5;
}

function SERIES_TERM_STRIKE() {
    return 7;
}

function FIGURE_MARK() {
    return 0;
}

function FIGURE_DELTA() {
    return 1;
}

function FIGURE_GAMMA() {
    return 2;
}

function FIGURE_VEGA() {
    return 3;
}

function FIGURE_ERROR_BOUND() {
    return 4;
}

function PRICING_MINIMUM_BASIS() {
    return -250000;
}

function PRICING_MAXIMUM_BASIS() {
    return 250000;
}

function PRICING_MINIMUM_VOLATILITY() {
    return 1;
}

function PRICING_MAXIMUM_VOLATILITY() {
    return 4398046511103;
}

function PRICING_MINIMUM_SECONDS() {
    return 60;
}

function PRICING_MAXIMUM_SECONDS() {
    return 67108863;
}

function PRICING_MINIMUM_STEP() {
    return 1;
}

function PRICING_MAXIMUM_STEP() {
    return 200000;
}

function PRICING_MINIMUM_UP_SHOCK() {
    return 0;
}

function PRICING_MAXIMUM_UP_SHOCK() {
    return 1000000;
}

function MARGIN_TERM_MAINTENANCE_LOSS_FACTOR() {
    return 0;
}

function MARGIN_TERM_INITIAL_LOSS_FACTOR() {
    return 1;
}

function MARGIN_TERM_MAINTENANCE_PERPETUAL() {
    return 2;
}

function MARGIN_TERM_INITIAL_PERPETUAL() {
    return 3;
}

function MARGIN_TERM_MAINTENANCE_NAKED_SHORT() {
    return 4;
}

function MARGIN_TERM_INITIAL_NAKED_SHORT() {
    return 5;
}

function MARGIN_TERM_SHORT_OPTION_MINIMUM() {
    return 6;
}

function MARGIN_TERM_BASIS() {
    return 7;
}

function MARGIN_RESULT_EQUITY() {
    return 0;
}

function MARGIN_RESULT_MAINTENANCE_MARGIN() {
    return 3;
}

function MARGIN_RESULT_INITIAL_MARGIN() {
    return 6;
}

function MARGIN_RESULT_LEVEL() {
    return 9;
}

function MARGIN_RESULT_HEALTHY() {
    return 10;
}

function SOLVENCY_TOTALS_EQUITY() {
    return 0;
}

function SOLVENCY_TOTALS_MAINTENANCE_MARGIN() {
    return 3;
}

function SOLVENCY_TOTALS_INITIAL_MARGIN() {
    return 6;
}

function SOLVENCY_TOTALS_SHORTFALL() {
    return 9;
}

function SCENARIO_ALONE() {
    return 0;
}

function SCENARIO_TOGETHER() {
    return 124;
}

function SCENARIO_JOINT() {
    return 155;
}

function SCENARIO_JOINT_ONE() {
    return 179;
}

function SCENARIO_COUNT() {
    return 185;
}

// {ppm} spot moves of the tail states
function tailMove(tail) {
    var moves[8] = [-660000, -330000, 500000, 1000000, 2000000, 3000000, 4000000, 5000000];
    return moves[tail];
}
