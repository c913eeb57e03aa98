// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {MandateWords, IParityVault} from "../interfaces/IParityVault.sol";
import {Lanes} from "./Lanes.sol";

/// @title Bounds of what a governor can ask of a vault, and of what a proof can
library Mandate {
    using Lanes for uint256;

    /// @notice Thrown when a word has bits above its twelve lanes.
    error MandateWordOutOfRange(uint256 word);
    /// @notice Thrown when the version is not above the one it follows.
    error VersionNotNewer(uint256 version, uint256 current);
    /// @notice Thrown when a lane of `terms` is outside its bounds.
    /// @param term lane of `terms`
    error TermOutOfBounds(uint256 term, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Thrown when budgets do not sum to 10⁶.
    error BudgetsNotWhole(uint256 sum);
    /// @notice Thrown when a budget is so close to the tolerance that a proof would not bind the lane's weight.
    error BudgetBelowTolerances(uint256 lane, uint256 budget, uint256 minimum);
    /// @notice Thrown when a lane without a token has a budget.
    error BudgetWithoutToken(uint256 lane);
    /// @notice Thrown when a cap is above 10⁶, or 0 where there is a budget.
    error CapOutOfBounds(uint256 lane, uint256 cap);
    /// @notice Thrown when the caps of the lanes with a budget do not leave room for 10⁶.
    error CapsTooTight(uint256 sum);

    /// @notice Reverts unless a vault could follow the mandate.
    /// @param usedLanes bit i is set where lane i has a token
    /// @param currentVersion that the mandate must be above
    /// @param highestExposure {ppm} what the vault could hold
    function validate(
        MandateWords memory mandate,
        uint256 usedLanes,
        uint256 currentVersion,
        uint256 highestExposure
    ) internal pure {
        require(mandate.terms < Protocol.WORD_LIMIT, MandateWordOutOfRange(mandate.terms));
        require(mandate.budgets < Protocol.WORD_LIMIT, MandateWordOutOfRange(mandate.budgets));
        require(mandate.caps < Protocol.WORD_LIMIT, MandateWordOutOfRange(mandate.caps));
        uint256 version = mandate.terms.get(Protocol.TERM_VERSION);
        require(version > currentVersion, VersionNotNewer(version, currentVersion));
        uint256 exposure = mandate.terms.get(Protocol.TERM_MAX_EXPOSURE);
        require(
            exposure <= highestExposure,
            TermOutOfBounds(Protocol.TERM_MAX_EXPOSURE, exposure, 0, highestExposure)
        );
        _validateTerms(mandate.terms);
        uint256 minimum = Protocol.MIN_TOLERANCES_PER_BUDGET * mandate.terms.get(Protocol.TERM_TOLERANCE);
        _validateBudgets(mandate.budgets, mandate.caps, usedLanes, minimum);
    }

    /// @notice Reverts where weights or exposure leave the mandate. The proof has shown the same; this is what still holds
    /// if a key turns out to be broken.
    function requireWithin(MandateWords memory mandate, uint256 weights, uint256 exposure) internal pure {
        uint256 sum;
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            uint256 weight = weights.get(lane);
            uint256 allowed = mandate.budgets.get(lane) == 0 ? 0 : mandate.caps.get(lane);
            require(weight <= allowed, IParityVault.WeightNotAllowed(lane, weight));
            sum += weight;
        }
        require(sum == Protocol.PPM, IParityVault.WeightsNotWhole(sum));
        uint256 maximum = mandate.terms.get(Protocol.TERM_MAX_EXPOSURE);
        require(exposure <= maximum, IParityVault.ExposureAboveMaximum(exposure, maximum));
    }

    function _validateTerms(uint256 terms) private pure {
        for (uint256 term; term < Protocol.LANE_COUNT; ++term) {
            uint256 value = terms.get(term);
            (uint256 minimum, uint256 maximum) =
                (Protocol.TERM_MINIMUMS.get(term), Protocol.TERM_MAXIMUMS.get(term));
            require(value >= minimum && value <= maximum, TermOutOfBounds(term, value, minimum, maximum));
        }
    }

    function _validateBudgets(uint256 budgets, uint256 caps, uint256 usedLanes, uint256 minimum)
        private
        pure
    {
        uint256 room;
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            uint256 cap = caps.get(lane);
            uint256 budget = budgets.get(lane);
            bool budgeted = budget != 0;
            require(!budgeted || budget >= minimum, BudgetBelowTolerances(lane, budget, minimum));
            require(!budgeted || (usedLanes >> lane) & 1 == 1, BudgetWithoutToken(lane));
            require(cap <= Protocol.PPM && (cap != 0 || !budgeted), CapOutOfBounds(lane, cap));
            if (budgeted) room += cap;
        }
        require(budgets.sum() == Protocol.PPM, BudgetsNotWhole(budgets.sum()));
        require(room >= Protocol.PPM, CapsTooTight(room));
    }
}
