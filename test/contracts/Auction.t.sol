// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Auction} from "../../contracts/vault/Auction.sol";

contract AuctionTest is Test {
    uint256 private constant PRICE_LIMIT = type(uint128).max;

    function _bounded(uint256 mark, uint256 range, uint256 length)
        private
        pure
        returns (uint256, uint256, uint256)
    {
        return (bound(mark, 0, PRICE_LIMIT), bound(range, 0, 1e6), bound(length, 10 minutes, 7 days));
    }

    function testFuzz_price_staysWithinTheRange(
        uint256 mark,
        uint256 range,
        uint256 elapsed,
        uint256 length,
        bool buying
    ) public pure {
        (mark, range, length) = _bounded(mark, range, length);
        elapsed = bound(elapsed, 0, length);
        uint256 price = Auction.price(mark, range, elapsed, length, buying);
        // rounding may leave the range by less than one unit, and only for the vault
        if (buying) {
            assertLe(price * 1e6, mark * (1e6 + range), "never pays more than mark * (1 + range)");
            assertGt(
                (price + 1) * 1e6, mark * (1e6 - range), "pays at least mark * (1 - range), rounded down"
            );
        } else {
            assertGe(price * 1e6, mark * (1e6 - range), "never takes less than mark * (1 - range)");
            assertLt(price * 1e6, mark * (1e6 + range) + 1e6, "takes at most mark * (1 + range), rounded up");
        }
    }

    function testFuzz_price_isMonotone(
        uint256 mark,
        uint256 range,
        uint256 earlier,
        uint256 later,
        uint256 length,
        bool buying
    ) public pure {
        (mark, range, length) = _bounded(mark, range, length);
        later = bound(later, 0, length);
        earlier = bound(earlier, 0, later);
        uint256 before = Auction.price(mark, range, earlier, length, buying);
        uint256 afterwards = Auction.price(mark, range, later, length, buying);
        if (buying) assertLe(before, afterwards, "what the vault pays only rises");
        else assertGe(before, afterwards, "what the vault takes only falls");
    }

    function test_price_atItsCorners() public pure {
        assertEq(Auction.price(100e18, 50_000, 0, 1000, false), 105e18);
        assertEq(Auction.price(100e18, 50_000, 500, 1000, false), 100e18);
        assertEq(Auction.price(100e18, 50_000, 1000, 1000, false), 95e18);
        assertEq(Auction.price(100e18, 50_000, 0, 1000, true), 95e18);
        assertEq(Auction.price(100e18, 50_000, 250, 1000, true), 97.5e18);
        assertEq(Auction.price(100e18, 50_000, 1000, 1000, true), 105e18);
        assertEq(Auction.price(1, 1, 1, 1000, false), 2, "rounded up for the vault");
        assertEq(Auction.price(1, 1, 1, 1000, true), 0, "rounded down for the vault");
    }

    function test_halfRange_isMultipleTimesVolatilityTimesRootOfLength() public pure {
        // k = 1.5, 1 % an hour, four hours: 1.5 · 1 % · 2 = 3 %
        assertEq(Auction.halfRange(1_500_000, 10_000, 2e18, 50_000), 30_000);
        assertEq(Auction.halfRange(1_500_000, 10_000, 2e18, 20_000), 20_000, "never wider than the maximum");
        assertEq(Auction.halfRange(1, 1, 1e18, 50_000), 0, "rounded down");
    }

    function testFuzz_cash_roundsForTheVault(
        uint256 amount,
        uint256 price,
        uint256 decimals,
        uint256 cashDecimals
    ) public pure {
        amount = bound(amount, 0, 1e36);
        price = bound(price, 0, 1e30);
        uint256 unit = 10 ** bound(decimals, 0, 18);
        uint256 cashUnit = 10 ** bound(cashDecimals, 0, 18);
        uint256 up = Auction.cashUp(amount, price, unit, cashUnit);
        uint256 down = Auction.cashDown(amount, price, unit, cashUnit);
        assertLe(up - down, 1);
        // amount * price / unit, in cash units, between both
        uint256 exact = amount * price; // {token units D18}
        assertLe(down, _mulDiv(exact, cashUnit, unit * 1e18));
        assertGe(up * unit / cashUnit + 1, exact / 1e18);
    }

    function _mulDiv(uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        // whole part and remainder apart, so that nothing leaves 256 bits within the bounds above
        return (a / c) * b + (a % c) * b / c;
    }

    function testFuzz_affordable_isNeverMoreThanTheCash(
        uint256 cash,
        uint256 price,
        uint256 decimals,
        uint256 cashDecimals
    ) public pure {
        cash = bound(cash, 0, type(uint128).max);
        price = bound(price, 1, PRICE_LIMIT);
        uint256 unit = 10 ** bound(decimals, 0, 18);
        uint256 cashUnit = 10 ** bound(cashDecimals, 0, 18);
        uint256 amount = Auction.affordable(cash, price, unit, cashUnit);
        assertLe(Auction.cashDown(amount, price, unit, cashUnit), cash, "cash never falls below zero");
    }

    function testFuzz_plan_neverTradesPastTheTargetValue(
        uint256 balance,
        uint256 price,
        uint256 decimals,
        uint256 targetValue,
        uint256 maxTradeValue
    ) public pure {
        uint256 unit = 10 ** bound(decimals, 0, 18);
        balance = bound(balance, 0, 1e30);
        price = bound(price, 1, 1e30);
        targetValue = bound(targetValue, 0, 1e45);
        maxTradeValue = bound(maxTradeValue, 0, 1e45);
        (uint256 gap, uint256 target, bool buying) =
            Auction.plan(balance, price, unit, targetValue, maxTradeValue);
        uint256 value = balance * price / unit;
        if (buying) {
            assertEq(gap, targetValue - value);
            assertGe(target, balance);
            assertLe((target - balance) * price / unit, gap, "buys no more than the gap");
            assertLe((target - balance) * price / unit, maxTradeValue, "buys no more than one rebalance may");
        } else {
            assertEq(gap, value - targetValue);
            assertLe(target, balance);
            assertLe((balance - target) * price / unit, gap, "sells no more than the gap");
            assertLe((balance - target) * price / unit, maxTradeValue, "sells no more than one rebalance may");
        }
    }

    function testFuzz_left_neverPassesTheTarget(
        uint256 balance,
        uint256 target,
        uint256 supply,
        uint256 openSupply,
        bool buying
    ) public pure {
        balance = bound(balance, 0, type(uint128).max);
        target = bound(target, 0, type(uint128).max);
        supply = bound(supply, 1, type(uint128).max);
        openSupply = bound(openSupply, 1, type(uint128).max);
        uint256 amount = Auction.left(balance, target, supply, openSupply, buying);
        if (amount == 0) return;
        if (buying) assertLe((balance + amount) * openSupply, target * supply);
        else assertGe((balance - amount) * openSupply, target * supply);
    }
}
