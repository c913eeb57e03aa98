// SPDX-License-Identifier: MIT
// Generated from sdk/src/protocol.ts by `npm run generate`. Do not edit.
pragma solidity ^0.8.30;

/// @title Constants of clearing that all languages share
library Clearing {
    /// @dev {ppt} one
    uint256 internal constant PPT = 1000000000000;
    /// @dev 21-bit lanes of a pair {ppt}
    uint256 internal constant PAIR_LANES = 2;
    /// @dev of a triple {ppm}
    uint256 internal constant TRIPLE_LANES = 3;
    /// @dev of a quad {ppt}
    uint256 internal constant QUAD_LANES = 4;
    /// @dev {s}
    uint256 internal constant YEAR = 31536000;
    uint256 internal constant ARRAY_COUNT = 4;
    uint256 internal constant SERIES_PER_ARRAY = 16;
    /// @dev positions of one account
    uint256 internal constant POSITION_COUNT = 16;
    uint256 internal constant POSITIONS_PER_WORD = 3;
    uint256 internal constant STATE_COUNT = 31;
    /// @dev the word `stateSet` of the states that circuits and tables here mean
    uint256 internal constant STATE_SET = 4917984354618929633547115971340431992479489919335345863927760055606532552404;
    uint256 internal constant SPOT_STEPS = 3;
    uint256 internal constant VOLATILITY_SHOCK_COUNT = 3;
    uint256 internal constant TAIL_COUNT = 8;
    uint256 internal constant EXPIRY_SLOTS = 8;
    uint256 internal constant SERIES_VALUE_WORDS = 6;

    // Lanes of `scenarioTerms`
    uint256 internal constant SCENARIO_TERM_VERSION = 0;
    uint256 internal constant SCENARIO_TERM_STEP = 1;
    uint256 internal constant SCENARIO_TERM_UP_SHOCK = 2;
    uint256 internal constant SCENARIO_TERM_DOWN_SHOCK = 3;
    uint256 internal constant SCENARIO_TERM_MINIMUM_UP_VOLATILITY = 4;

    // First lanes in `market`
    uint256 internal constant MARKET_SPOT = 0;
    uint256 internal constant MARKET_TIME = 4;
    uint256 internal constant MARKET_UNDERLYING = 6;

    // Kinds of series
    uint256 internal constant KIND_PERPETUAL = 0;
    uint256 internal constant KIND_CALL = 1;
    uint256 internal constant KIND_PUT = 2;

    // First lanes in `seriesTerms`
    uint256 internal constant SERIES_TERM_KIND = 0;
    uint256 internal constant SERIES_TERM_EXPIRY_SLOT = 1;
    uint256 internal constant SERIES_TERM_BASIS = 2;
    uint256 internal constant SERIES_TERM_VOLATILITY = 3;
    uint256 internal constant SERIES_TERM_SECONDS = 5;
    uint256 internal constant SERIES_TERM_STRIKE = 7;

    // What pricing covers, both ends included
    /// @dev {ppm of spot} on either side of 0
    uint256 internal constant MAXIMUM_BASIS = 250000;
    /// @dev {ppt per √year}
    uint256 internal constant MAXIMUM_VOLATILITY = 4398046511103;
    /// @dev {s}
    uint256 internal constant MINIMUM_SECONDS = 60;
    /// @dev {s}
    uint256 internal constant MAXIMUM_SECONDS = 67108863;
    /// @dev {ppm}
    uint256 internal constant MAXIMUM_STEP = 200000;
    /// @dev {ppm}
    uint256 internal constant MAXIMUM_UP_SHOCK = 1000000;

    // Values of a series after its states
    uint256 internal constant FIGURE_MARK = 0;
    uint256 internal constant FIGURE_DELTA = 1;
    uint256 internal constant FIGURE_GAMMA = 2;
    uint256 internal constant FIGURE_VEGA = 3;
    uint256 internal constant FIGURE_ERROR_BOUND = 4;

    // Lanes of `marginTerms`
    uint256 internal constant MARGIN_TERM_MAINTENANCE_LOSS_FACTOR = 0;
    uint256 internal constant MARGIN_TERM_INITIAL_LOSS_FACTOR = 1;
    uint256 internal constant MARGIN_TERM_MAINTENANCE_PERPETUAL = 2;
    uint256 internal constant MARGIN_TERM_INITIAL_PERPETUAL = 3;
    uint256 internal constant MARGIN_TERM_MAINTENANCE_NAKED_SHORT = 4;
    uint256 internal constant MARGIN_TERM_INITIAL_NAKED_SHORT = 5;
    uint256 internal constant MARGIN_TERM_SHORT_OPTION_MINIMUM = 6;
    uint256 internal constant MARGIN_TERM_BASIS = 7;

    // First lanes in `result`
    uint256 internal constant MARGIN_RESULT_EQUITY = 0;
    uint256 internal constant MARGIN_RESULT_MAINTENANCE_MARGIN = 3;
    uint256 internal constant MARGIN_RESULT_INITIAL_MARGIN = 6;
    uint256 internal constant MARGIN_RESULT_LEVEL = 9;
    uint256 internal constant MARGIN_RESULT_HEALTHY = 10;

    // First lanes in `totals`
    uint256 internal constant SOLVENCY_TOTALS_EQUITY = 0;
    uint256 internal constant SOLVENCY_TOTALS_MAINTENANCE_MARGIN = 3;
    uint256 internal constant SOLVENCY_TOTALS_INITIAL_MARGIN = 6;
    uint256 internal constant SOLVENCY_TOTALS_SHORTFALL = 9;

    // Levels
    uint256 internal constant LEVEL_MAINTENANCE = 0;
    uint256 internal constant LEVEL_INITIAL = 1;

    // Scenarios of a book: where each kind starts
    uint256 internal constant SCENARIO_ALONE = 0;
    uint256 internal constant SCENARIO_TOGETHER = 124;
    uint256 internal constant SCENARIO_JOINT = 155;
    uint256 internal constant SCENARIO_JOINT_ONE = 179;
    uint256 internal constant SCENARIO_COUNT = 185;

    // {ppm} spot moves of the tail states, `tailMove` below
    function tailMove(uint256 tail) internal pure returns (int256) {
        if (tail == 0) return -660000;
        if (tail == 1) return -330000;
        if (tail == 2) return 500000;
        if (tail == 3) return 1000000;
        if (tail == 4) return 2000000;
        if (tail == 5) return 3000000;
        if (tail == 6) return 4000000;
        return 5000000;
    }
}
