// SPDX-License-Identifier: MIT
// Generated from sdk/src/protocol.ts by `npm run generate`. Do not edit.
pragma solidity ^0.8.30;

/// @title Constants that all languages of the project share
library Protocol {
    /// @dev order of the BN254 scalar field, r
    uint256 internal constant FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant LANE_BITS = 21;
    uint256 internal constant LANE_COUNT = 12;
    /// @dev a lane is below this
    uint256 internal constant LANE_LIMIT = 2097152;
    /// @dev a lane word is below this
    uint256 internal constant WORD_LIMIT = 7237005577332262213973186563042994240829374041602535252466099000494570602496;
    /// @dev {ppm} one
    uint256 internal constant PPM = 1000000;
    /// @dev {D18} one
    uint256 internal constant WAD = 1000000000000000000;
    /// @dev a signed lane holds value + SIGNED_OFFSET
    uint256 internal constant SIGNED_OFFSET = 1048576;
    /// @dev {ppm} larger moves saturate here
    uint256 internal constant MAX_RETURN = 1048575;
    /// @dev observations of a window
    uint256 internal constant WINDOW_LENGTH = 240;
    uint256 internal constant DECAY_COUNT = 4;
    uint256 internal constant FEED_DECIMALS = 8;

    /// @dev lanes as in `terms`
    uint256 internal constant TERM_MINIMUMS = 784638091067932666659268196617707899828248517124286316545;
    /// @dev lanes as in `terms`
    uint256 internal constant TERM_MAXIMUMS = 784637791752593071083721487461600933263450151724745447390052351;
    /// @dev a budget that is not 0 is at least this many
    uint256 internal constant MIN_TOLERANCES_PER_BUDGET = 100;

    // Lanes of the word `terms`
    uint256 internal constant TERM_VERSION = 0;
    uint256 internal constant TERM_DECAY_INDEX = 1;
    uint256 internal constant TERM_SHRINKAGE = 2;
    uint256 internal constant TERM_MAX_EXPOSURE = 3;
    uint256 internal constant TERM_TARGET_VOLATILITY = 4;
    uint256 internal constant TERM_TOLERANCE = 5;
    uint256 internal constant TERM_DRIFT_BAND = 6;
    uint256 internal constant TERM_PRICE_RANGE_MULTIPLE = 7;
    uint256 internal constant TERM_MAX_PRICE_RANGE = 8;
    uint256 internal constant TERM_MAX_TRADE = 9;

    // Lanes of the word `portfolio`
    uint256 internal constant PORTFOLIO_VOLATILITY = 0;
    uint256 internal constant PORTFOLIO_EXPOSURE = 1;

    // What a sponge commits to
    uint256 internal constant DOMAIN_COVARIANCE_STATEMENT = 1;
    uint256 internal constant DOMAIN_PARITY_STATEMENT = 2;
    uint256 internal constant DOMAIN_RISK_ARRAY_STATEMENT = 3;
    uint256 internal constant DOMAIN_MARGIN_STATEMENT = 4;
    uint256 internal constant DOMAIN_SOLVENCY_STATEMENT = 5;
    uint256 internal constant DOMAIN_COVARIANCE_TRIANGLE = 17;
    uint256 internal constant DOMAIN_SERIES = 18;
    uint256 internal constant DOMAIN_RISK_ARRAY = 19;

    // Words of a covariance statement, in order
    /// @dev words of a covariance statement
    uint256 internal constant COVARIANCE_LENGTH = 252;
    /// @dev the first of them, each below WORD_LIMIT; the rest below FIELD_MODULUS
    uint256 internal constant COVARIANCE_LANE_WORDS = 247;
    uint256 internal constant COVARIANCE_OBSERVATIONS_OFFSET = 0;
    uint256 internal constant COVARIANCE_OBSERVATIONS_LENGTH = 240;
    uint256 internal constant COVARIANCE_VOLATILITIES_OFFSET = 240;
    uint256 internal constant COVARIANCE_VOLATILITIES_LENGTH = 1;
    uint256 internal constant COVARIANCE_CORRELATIONS_OFFSET = 241;
    uint256 internal constant COVARIANCE_CORRELATIONS_LENGTH = 6;
    uint256 internal constant COVARIANCE_WINDOW_COMMITMENT_OFFSET = 247;
    uint256 internal constant COVARIANCE_WINDOW_COMMITMENT_LENGTH = 1;
    uint256 internal constant COVARIANCE_COVARIANCE_COMMITMENTS_OFFSET = 248;
    uint256 internal constant COVARIANCE_COVARIANCE_COMMITMENTS_LENGTH = 4;

    // Words of a parity statement, in order
    /// @dev words of a parity statement
    uint256 internal constant PARITY_LENGTH = 6;
    /// @dev the first of them, each below WORD_LIMIT; the rest below FIELD_MODULUS
    uint256 internal constant PARITY_LANE_WORDS = 5;
    uint256 internal constant PARITY_TERMS_OFFSET = 0;
    uint256 internal constant PARITY_TERMS_LENGTH = 1;
    uint256 internal constant PARITY_BUDGETS_OFFSET = 1;
    uint256 internal constant PARITY_BUDGETS_LENGTH = 1;
    uint256 internal constant PARITY_CAPS_OFFSET = 2;
    uint256 internal constant PARITY_CAPS_LENGTH = 1;
    uint256 internal constant PARITY_WEIGHTS_OFFSET = 3;
    uint256 internal constant PARITY_WEIGHTS_LENGTH = 1;
    uint256 internal constant PARITY_PORTFOLIO_OFFSET = 4;
    uint256 internal constant PARITY_PORTFOLIO_LENGTH = 1;
    uint256 internal constant PARITY_COVARIANCE_COMMITMENT_OFFSET = 5;
    uint256 internal constant PARITY_COVARIANCE_COMMITMENT_LENGTH = 1;

    // Words of a riskArray statement, in order
    /// @dev words of a riskArray statement
    uint256 internal constant RISK_ARRAY_LENGTH = 116;
    /// @dev the first of them, each below WORD_LIMIT; the rest below FIELD_MODULUS
    uint256 internal constant RISK_ARRAY_LANE_WORDS = 115;
    uint256 internal constant RISK_ARRAY_STATE_SET_OFFSET = 0;
    uint256 internal constant RISK_ARRAY_STATE_SET_LENGTH = 1;
    uint256 internal constant RISK_ARRAY_SCENARIO_TERMS_OFFSET = 1;
    uint256 internal constant RISK_ARRAY_SCENARIO_TERMS_LENGTH = 1;
    uint256 internal constant RISK_ARRAY_MARKET_OFFSET = 2;
    uint256 internal constant RISK_ARRAY_MARKET_LENGTH = 1;
    uint256 internal constant RISK_ARRAY_SERIES_TERMS_OFFSET = 3;
    uint256 internal constant RISK_ARRAY_SERIES_TERMS_LENGTH = 16;
    uint256 internal constant RISK_ARRAY_SERIES_VALUES_OFFSET = 19;
    uint256 internal constant RISK_ARRAY_SERIES_VALUES_LENGTH = 96;
    uint256 internal constant RISK_ARRAY_ARRAY_COMMITMENT_OFFSET = 115;
    uint256 internal constant RISK_ARRAY_ARRAY_COMMITMENT_LENGTH = 1;

    // Words of a margin statement, in order
    /// @dev words of a margin statement
    uint256 internal constant MARGIN_LENGTH = 29;
    /// @dev the first of them, each below WORD_LIMIT; the rest below FIELD_MODULUS
    uint256 internal constant MARGIN_LANE_WORDS = 25;
    uint256 internal constant MARGIN_POSITIONS_OFFSET = 0;
    uint256 internal constant MARGIN_POSITIONS_LENGTH = 6;
    uint256 internal constant MARGIN_CASH_OFFSET = 6;
    uint256 internal constant MARGIN_CASH_LENGTH = 1;
    uint256 internal constant MARGIN_COLLATERAL_OFFSET = 7;
    uint256 internal constant MARGIN_COLLATERAL_LENGTH = 3;
    uint256 internal constant MARGIN_COLLATERAL_PRICES_OFFSET = 10;
    uint256 internal constant MARGIN_COLLATERAL_PRICES_LENGTH = 4;
    uint256 internal constant MARGIN_COLLATERAL_HAIRCUTS_OFFSET = 14;
    uint256 internal constant MARGIN_COLLATERAL_HAIRCUTS_LENGTH = 1;
    uint256 internal constant MARGIN_COLLATERAL_SLOPES_OFFSET = 15;
    uint256 internal constant MARGIN_COLLATERAL_SLOPES_LENGTH = 1;
    uint256 internal constant MARGIN_COLLATERAL_ARRAYS_OFFSET = 16;
    uint256 internal constant MARGIN_COLLATERAL_ARRAYS_LENGTH = 1;
    uint256 internal constant MARGIN_MARGIN_TERMS_OFFSET = 17;
    uint256 internal constant MARGIN_MARGIN_TERMS_LENGTH = 1;
    uint256 internal constant MARGIN_JOINT_STATES_OFFSET = 18;
    uint256 internal constant MARGIN_JOINT_STATES_LENGTH = 3;
    uint256 internal constant MARGIN_RESULT_OFFSET = 21;
    uint256 internal constant MARGIN_RESULT_LENGTH = 1;
    uint256 internal constant MARGIN_GREEKS_OFFSET = 22;
    uint256 internal constant MARGIN_GREEKS_LENGTH = 3;
    uint256 internal constant MARGIN_ARRAY_COMMITMENTS_OFFSET = 25;
    uint256 internal constant MARGIN_ARRAY_COMMITMENTS_LENGTH = 4;

    // Words of a solvency statement, in order
    /// @dev words of a solvency statement
    uint256 internal constant SOLVENCY_LENGTH = 60;
    /// @dev the first of them, each below WORD_LIMIT; the rest below FIELD_MODULUS
    uint256 internal constant SOLVENCY_LANE_WORDS = 56;
    uint256 internal constant SOLVENCY_ACCOUNTS_OFFSET = 0;
    uint256 internal constant SOLVENCY_ACCOUNTS_LENGTH = 40;
    uint256 internal constant SOLVENCY_COLLATERAL_PRICES_OFFSET = 40;
    uint256 internal constant SOLVENCY_COLLATERAL_PRICES_LENGTH = 4;
    uint256 internal constant SOLVENCY_COLLATERAL_HAIRCUTS_OFFSET = 44;
    uint256 internal constant SOLVENCY_COLLATERAL_HAIRCUTS_LENGTH = 1;
    uint256 internal constant SOLVENCY_COLLATERAL_SLOPES_OFFSET = 45;
    uint256 internal constant SOLVENCY_COLLATERAL_SLOPES_LENGTH = 1;
    uint256 internal constant SOLVENCY_COLLATERAL_ARRAYS_OFFSET = 46;
    uint256 internal constant SOLVENCY_COLLATERAL_ARRAYS_LENGTH = 1;
    uint256 internal constant SOLVENCY_MARGIN_TERMS_OFFSET = 47;
    uint256 internal constant SOLVENCY_MARGIN_TERMS_LENGTH = 1;
    uint256 internal constant SOLVENCY_JOINT_STATES_OFFSET = 48;
    uint256 internal constant SOLVENCY_JOINT_STATES_LENGTH = 3;
    uint256 internal constant SOLVENCY_RESULTS_OFFSET = 51;
    uint256 internal constant SOLVENCY_RESULTS_LENGTH = 4;
    uint256 internal constant SOLVENCY_TOTALS_OFFSET = 55;
    uint256 internal constant SOLVENCY_TOTALS_LENGTH = 1;
    uint256 internal constant SOLVENCY_ARRAY_COMMITMENTS_OFFSET = 56;
    uint256 internal constant SOLVENCY_ARRAY_COMMITMENTS_LENGTH = 4;
}
