// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse} from "./IClearingHouse.sol";

/// @title The margin of an account, computed on chain without a proof (docs/clearing.md, G and L-1)
/// @notice Any contract may ask. `arrayWords` are, for each array in which an account of the call has positions, either the 116
/// words that have been proven for the epoch, or the 19 fact words that it began with: then they are priced, to the same
/// integers. The epoch is the newest that has begun, proven or not, or the current one while the newest is younger than 2
/// minutes. At the initial level, collateral whose source was silent counts nothing (H-2.5). Accounts are as they are now, after what is due to them; all money is {ppm of a dollar}.
interface IMarginEngine {
    // --- errors: facts. None is for what an account holds

    error AddressZero();
    /// @notice Thrown when the epoch is not the newest one.
    error EpochNotNewest(uint64 epoch, uint64 newest);
    error EpochTooOld(uint64 epoch, uint256 age, uint256 maxAge);
    /// @notice Thrown when words have another length than 0, 19 or 116.
    error WordCountWrong(uint256 array, uint256 count);
    /// @notice Thrown when words are not those of the epoch, or are proven ones of an array that has not been proven.
    error WordsDiffer(uint256 array);
    // ArrayWordsMissing(uint256), ScenarioUnknown(uint256): thrown by ScenarioMargin

    /// @notice An account in one scenario.
    /// @param level Clearing.LEVEL_*
    /// @return equity by marks
    /// @return requirement of the level, with this scenario's loss
    function marginIn(
        bytes32 account,
        uint256 level,
        uint256 scenario,
        uint64 epoch,
        uint256[][4] calldata arrayWords
    ) external view returns (int256 equity, uint256 requirement);

    /// @notice An account in its worst scenario.
    /// @param level Clearing.LEVEL_*
    function fullMargin(bytes32 account, uint256 level, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256 equity, uint256 requirement);

    /// @notice What a bid has to know of both accounts once the slice has moved and before it is paid for, from words that are
    /// compared once.
    /// @return equity of the account
    /// @return worth equity of the bidder without its cash
    /// @return requirement of the bidder in its worst scenario, initial: cash is no part of it
    function afterSlice(bytes32 account, bytes32 bidder, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256 equity, int256 worth, uint256 requirement);

    /// @notice What a sale for dollars that an account owes has to know (L-12).
    /// @param lane of collateral
    /// @return debt {ppm of a dollar} what it lacks without its collateral: cash and what its positions are worth, below 0
    /// @return price {ppt of a dollar} of a token
    /// @return haircut {ppm} all of it where the lane's source was silent, or there is no token
    function debtOf(bytes32 account, uint256 lane, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (uint256 debt, uint256 price, uint256 haircut);

    /// @notice Reverts with EpochNotNewest.
    function requireNewest(uint64 epoch) external view;

    function house() external view returns (IClearingHouse);
}
