// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// @notice H-5: slices that owners give.
contract ClearingHouseSlicesTest is LiquidationFixture {
    using AccountWords for uint256[10];

    MarginProof private none;

    function setUp() public {
        _deployLiquidation();
        _fund(first, 1_000_000);
        _fund(second, 1_000_000);
        _deposit(first, 0, 5e6);
        _trade(first, second, PERPETUAL, 10 * CONTRACT, _spot(0));
        _trade(second, first, CALL, 7 * CONTRACT, 20e12);
    }

    function _give(uint256 part, uint256 whole) private {
        vm.prank(carol);
        exchange.expectSlice(third, first);
        vm.prank(alice);
        exchange.giveSlice(first, third, part, whole, _rich(), _rich());
    }

    /// Down for what is owned, up for what is owed; nothing appears or is lost.
    function testFuzz_giveSlice_roundsAgainstTheReceiver(uint256 part, uint256 whole) public {
        whole = bound(whole, 1, type(uint128).max);
        part = bound(part, 0, whole);
        uint256[10] memory before = house.accountWords(first);
        int256 all = _allCash();
        _give(part, whole);
        uint256[10] memory giver = house.accountWords(first);
        uint256[10] memory taker = house.accountWords(third);
        uint256[2] memory series = [PERPETUAL, CALL];
        for (uint256 i; i < 2; ++i) {
            int256 held = before.quantityOf(series[i]);
            assertEq(giver.quantityOf(series[i]) + taker.quantityOf(series[i]), held);
            assertEq(taker.quantityOf(series[i]), _floor(held, part, whole));
        }
        assertEq(taker.cash(), _floor(before.cash(), part, whole));
        assertEq(taker.balance(0), before.balance(0) * part / whole);
        assertEq(giver.balance(0) + taker.balance(0), before.balance(0));
        assertEq(_allCash(), all);
    }

    function _floor(int256 amount, uint256 part, uint256 whole) private pure returns (int256 floor) {
        floor = amount * int256(part) / int256(whole);
        if (amount * int256(part) % int256(whole) < 0) --floor;
    }

    function test_giveSlice_countsOpenInterest() public {
        uint256 before = house.openInterest(PERPETUAL);
        _give(1, 3);
        assertEq(house.openInterest(PERPETUAL), before);
    }

    function test_giveSlice_isTheOwnersAlone() public {
        vm.prank(carol);
        exchange.expectSlice(third, first);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotOwner.selector, address(this), first));
        exchange.giveSlice(first, third, 1, 2, _rich(), _rich());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotOwner.selector, address(this), third));
        exchange.expectSlice(third, first);
    }

    function test_applySlice_isTheExchangesAlone() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotExchange.selector, alice));
        house.applySlice(first, third, 1, 2, _rich(), _rich());
    }

    function test_giveSlice_revertsWhenNobodyExpectsIt() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IExchange.SliceNotExpected.selector, third, first));
        exchange.giveSlice(first, third, 1, 2, _rich(), _rich());
        vm.stopPrank();
        // and it is expected once
        _give(1, 2);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IExchange.SliceNotExpected.selector, third, first));
        exchange.giveSlice(first, third, 1, 2, _rich(), _rich());
        vm.stopPrank();
    }

    function test_giveSlice_revertsWhenTheReceiverHoldsSomething() public {
        _deposit(third, 0, 1);
        vm.prank(carol);
        exchange.expectSlice(third, first);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUsed.selector, third));
        exchange.giveSlice(first, third, 1, 2, _rich(), _rich());
    }

    function test_giveSlice_revertsWhenThePartIsMoreThanTheWhole() public {
        vm.prank(carol);
        exchange.expectSlice(third, first);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PartOutOfRange.selector, 3, 2));
        exchange.giveSlice(first, third, 3, 2, _rich(), _rich());
        uint256 most = type(uint128).max;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PartOutOfRange.selector, 1, most + 1));
        exchange.giveSlice(first, third, 1, most + 1, _rich(), _rich());
        vm.stopPrank();
    }

    function test_giveSlice_revertsToItself() public {
        vm.startPrank(alice);
        exchange.expectSlice(first, first);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsEqual.selector, first));
        exchange.giveSlice(first, first, 1, 2, _rich(), _rich());
        vm.stopPrank();
    }

    /// Both sides: rounding may have made either short.
    function test_giveSlice_revertsWhenASideIsShort() public {
        vm.prank(carol);
        exchange.expectSlice(third, first);
        MarginProof memory weak = _proof(10, 5, 11);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, first, 10, 11));
        exchange.giveSlice(first, third, 1, 2, weak, _rich());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, third, 10, 11));
        exchange.giveSlice(first, third, 1, 2, _rich(), weak);
        vm.stopPrank();
    }

    function test_giveSlice_revertsWhenPricesHaveLeftTheEpoch() public {
        _move(0, 1_100_000);
        publisher.publish(prices);
        vm.prank(carol);
        exchange.expectSlice(third, first);
        vm.prank(alice);
        vm.expectRevert();
        exchange.giveSlice(first, third, 1, 2, _rich(), _rich());
    }

    /// A free account gives without a proof, and its receiver withdraws without one.
    function test_giveSlice_ofAFreeAccountNeedsNoProof() public {
        bytes32 free = _account(alice, 8);
        _fund(free, 900);
        marginVerifier.refuseAll();
        vm.prank(carol);
        exchange.expectSlice(third, free);
        vm.prank(alice);
        exchange.giveSlice(free, third, 1, 3, none, none);
        assertEq(_cash(third), 300e6);
        vm.prank(carol);
        house.withdraw(third, CASH_LANE, 300e6, EID, bytes32(uint256(1)), "", none);
    }

    function test_giveSlice_revertsWhileTheGiverIsLiquidated() public {
        vm.prank(liquidation);
        house.moveCash(first, second, 1_020_000 * DOLLAR);
        _start(first);
        vm.prank(carol);
        exchange.expectSlice(third, first);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IExchange.AccountLiquidated.selector, first));
        exchange.giveSlice(first, third, 1, 2, _rich(), _rich());
    }
}
