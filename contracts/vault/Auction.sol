// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Protocol} from "../generated/Protocol.sol";

/// @title Prices and sizes of a vault's Dutch auctions
///
/// ASSUMPTIONS  Amounts and prices are below 2¹²⁸, units (10^decimals) at most 10¹⁸, ranges at most 10⁶ ppm, and times
///              below 2⁶⁴: no product below leaves 256 bits.
/// ROUNDING     Every price and every amount of cash is rounded for the vault: up where it is paid, down where it pays.
library Auction {
    /// @notice Half the width of the range in which a lane's price moves: k · σ · √(length / interval).
    /// @param multiple {ppm} k
    /// @param volatility {ppm per observation} σ
    /// @param rootLength {D18} √(auction length / observation interval)
    /// @param maximum {ppm}
    /// @return {ppm} rounded down
    function halfRange(uint256 multiple, uint256 volatility, uint256 rootLength, uint256 maximum)
        internal
        pure
        returns (uint256)
    {
        // {ppm} = {ppm} * {ppm} * {D18} / {ppm} / {D18}
        uint256 range = multiple * volatility * rootLength / (Protocol.PPM * Protocol.WAD);
        return Math.min(range, maximum);
    }

    /// @notice The price of a second of the auction. What the vault sells falls from mark · (1 + range) to mark · (1 − range);
    /// what it buys rises from mark · (1 − range) to mark · (1 + range).
    /// @param mark {D18} cash per whole token
    /// @param range {ppm} half range
    /// @param elapsed {s} at most length
    /// @param length {s}
    /// @return {D18} cash per whole token, rounded up where the vault sells and down where it buys
    function price(uint256 mark, uint256 range, uint256 elapsed, uint256 length, bool buying)
        internal
        pure
        returns (uint256)
    {
        // {ppm s}
        uint256 one = Protocol.PPM * length;
        uint256 width = range * length;
        uint256 moved = 2 * range * elapsed;
        // {D18} = {D18} * {ppm s} / {ppm s}
        if (buying) return mark * (one + moved - width) / one;
        return Math.ceilDiv(mark * (one + width - moved), one);
    }

    /// @notice What the vault is paid for an amount.
    /// @param amount {token units}
    /// @param tokenPrice {D18} cash per whole token
    /// @param tokenUnit {token units per whole token}
    /// @param cashUnit {cash units per whole cash}
    /// @return {cash units} rounded up
    function cashUp(uint256 amount, uint256 tokenPrice, uint256 tokenUnit, uint256 cashUnit)
        internal
        pure
        returns (uint256)
    {
        // {cash units} = {token units} * {D18} * {cash units/cash} / {token units/token} / {D18}
        return Math.mulDiv(amount, tokenPrice * cashUnit, tokenUnit * Protocol.WAD, Math.Rounding.Ceil);
    }

    /// @notice What the vault pays for an amount.
    /// @return {cash units} rounded down
    function cashDown(uint256 amount, uint256 tokenPrice, uint256 tokenUnit, uint256 cashUnit)
        internal
        pure
        returns (uint256)
    {
        return Math.mulDiv(amount, tokenPrice * cashUnit, tokenUnit * Protocol.WAD);
    }

    /// @notice The most that an amount of cash can buy: `cashDown` of it is at most that cash.
    /// @return {token units} rounded down; everything where the price is 0
    function affordable(uint256 cash, uint256 tokenPrice, uint256 tokenUnit, uint256 cashUnit)
        internal
        pure
        returns (uint256)
    {
        if (tokenPrice == 0) return type(uint256).max;
        return Math.mulDiv(cash, tokenUnit * Protocol.WAD, tokenPrice * cashUnit);
    }

    /// @notice How far a lane is from where it belongs, and where this rebalance takes it.
    /// @param balance {token units}
    /// @param tokenPrice {D18} cash per whole token, not 0
    /// @param tokenUnit {token units per whole token}
    /// @param targetValue {D18}
    /// @param maxTradeValue {D18} what one rebalance may trade of a lane
    /// @return gap {D18} distance in value
    /// @return target {token units} balance ± the trade, the trade rounded down
    /// @return buying whether the lane holds less than it should
    function plan(
        uint256 balance,
        uint256 tokenPrice,
        uint256 tokenUnit,
        uint256 targetValue,
        uint256 maxTradeValue
    ) internal pure returns (uint256 gap, uint256 target, bool buying) {
        // {D18} = {token units} * {D18} / {token units/token}, rounded down
        uint256 value = balance * tokenPrice / tokenUnit;
        buying = value < targetValue;
        gap = buying ? targetValue - value : value - targetValue;
        // {token units} = {D18} * {token units/token} / {D18}, rounded down: less than the lane's balance where it sells,
        // since the traded value is at most the lane's
        uint256 trade = Math.min(gap, maxTradeValue) * tokenUnit / tokenPrice;
        target = buying ? balance + trade : balance - trade;
    }

    /// @notice What is left to trade of a lane. Its target was set for `openSupply` shares and follows the supply, so that
    /// minting and redeeming in kind change how much is left but not the ratios.
    /// @return {token units} rounded down on both sides: nothing is traded past its target
    function left(uint256 balance, uint256 target, uint256 supply, uint256 openSupply, bool buying)
        internal
        pure
        returns (uint256)
    {
        if (buying) return Math.saturatingSub(target * supply / openSupply, balance);
        return Math.saturatingSub(balance, Math.ceilDiv(target * supply, openSupply));
    }
}
