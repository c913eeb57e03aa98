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
    uint256 internal constant TERM_MAXIMUMS = 784637791752593071083721487461600933254226779687890671582052351;
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
    uint256 internal constant DOMAIN_COVARIANCE_TRIANGLE = 17;

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
}
