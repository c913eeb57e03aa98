// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {Bid, ILiquidation} from "../../contracts/interfaces/ILiquidation.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// @notice What a dead feed does to accounts: rules A-11, H-2.6 and L-1 through the real house, engine and liquidation. The feed of
/// array 0 dies; that of array 1 lives.
contract HaltedArraysTest is LiquidationFixture {
    using Lanes for uint256;
    using Numbers for uint256;

    uint256 private price;
    /// accounts without anything in array 0
    bytes32 private apart;
    bytes32 private other;

    function setUp() public {
        _deployLiquidation();
        (apart, other) = (_account(alice, 8), _account(bob, 9));
        _fund(first, 40_000);
        _fund(second, 1_000_000);
        _fund(third, 1_000_000);
        _fund(apart, 50_000);
        _fund(other, 50_000);
        price = _spot(0);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, price);
        _newEpoch(true);
    }

    function _die() private {
        prices[0] = 0;
        _newEpoch(true);
        assertEq(riskArrays.current().halted, 1);
    }

    function _requireShort(bool short) private {
        (int256 equity, uint256 requirement) = engine.marginIn(first, 0, 0, epoch, factWords);
        assertEq(equity < int256(requirement), short);
        if (short) return;
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AccountHealthy.selector, equity, requirement));
        auctions.start(first, 0, epoch, factWords);
    }

    // --- liquidation

    /// Long after the last epoch with a price would have been too old, an account that the silence has made short is sold.
    function test_liquidation_goesOnWhenAFeedIsDead() public {
        _die();
        _requireShort(false);
        uint64 died = uint64(vm.getBlockTimestamp());
        (int256 before, uint256 last) = engine.marginIn(first, 0, 0, epoch, factWords);
        for (uint256 hour = 1; hour <= 16; ++hour) {
            vm.warp(died + hour * 1 hours - EPOCH_INTERVAL);
            _newEpoch(false);
            (int256 equity, uint256 requirement) = engine.marginIn(first, 0, 0, epoch, factWords);
            assertEq(equity, before, "the last price stands");
            assertGe(requirement, last);
            last = requirement;
            if (equity < int256(requirement)) break;
            _requireShort(false);
        }
        assertGt(vm.getBlockTimestamp(), died + 6 * MAX_ARRAY_AGE);
        _requireShort(true);
        uint256 auction = auctions.start(first, 0, epoch, factWords);
        vm.warp(vm.getBlockTimestamp() + 5 minutes);
        vm.prank(carol);
        (uint256 share, int256 paid) = auctions.bid(Bid(auction, 0, third, 0, epoch, 1e6, 1e12), factWords);
        assertGt(share, 0);
        assertGt(paid, 0);
        assertEq(_quantity(first, PERPETUAL) + _quantity(third, PERPETUAL), int256(100 * CONTRACT));
        (int256 left, uint256 needed) = engine.fullMargin(first, 0, epoch, factWords);
        assertGe(left, int256(needed), "sold down to health");
        int256 total =
            _cash(first) + _cash(second) + _cash(third) + _cash(apart) + _cash(other) + _cash(backstop);
        assertEq(total, _held());
    }

    /// One epoch in a pause of the feed starts no auction of an account with one and a half times its requirement.
    function test_pause_liquidatesNoHealthyAccount() public {
        (int256 equity, uint256 requirement) = engine.fullMargin(first, 0, epoch, provenWords);
        vm.prank(address(auctions));
        house.moveCash(first, second, uint256(equity) - requirement * 3 / 2);
        _die();
        (int256 paused, uint256 more) = engine.fullMargin(first, 0, epoch, provenWords);
        assertGt(more, requirement * 11 / 10);
        assertGe(paused, int256(more));
    }

    // --- who is concerned

    function test_halt_letsWhoHasNothingInTheArrayGoOn() public {
        _die();
        _trade(apart, other, FAR_CALL, CONTRACT, 50e12);
        assertEq(_quantity(apart, FAR_CALL), int256(CONTRACT));
        vm.prank(alice);
        house.withdraw(apart, CASH_LANE, DOLLAR, EID, "", "", _rich());
    }

    function test_halt_refusesTradesAndWithdrawalsOfWhoHas() public {
        _deposit(first, 2, 10 * DOLLAR);
        _die();
        bytes memory halted = abi.encodeWithSelector(IRiskArrays.ArrayIsHalted.selector, epoch, 0);
        vm.prank(alice);
        vm.expectRevert(halted);
        house.withdraw(first, 2, DOLLAR, EID, "", "", _rich());
        // in another array
        Side memory maker = _sideOf(first, FAR_CALL, true, CONTRACT, 50e12);
        Side memory taker = _sideOf(other, FAR_CALL, false, CONTRACT, 50e12);
        vm.expectRevert(halted);
        exchange.trade(maker, taker, CONTRACT);
        // into the halted one
        maker = _sideOf(apart, PERPETUAL, true, CONTRACT, price);
        taker = _sideOf(second, PERPETUAL, false, CONTRACT, price);
        vm.expectRevert(halted);
        exchange.trade(maker, taker, CONTRACT);
        // less of it, but not nothing
        maker = _sideOf(second, PERPETUAL, true, CONTRACT, price);
        taker = _sideOf(first, PERPETUAL, false, CONTRACT, price);
        vm.expectRevert(halted);
        exchange.trade(maker, taker, CONTRACT);
        // what an account is by the epoch's words can be said all the same
        house.proveHealth(first, _rich());
        house.settle(first);
    }

    /// Both sides leave the array, at a price they agree on: nobody's margin hangs on it then.
    function test_halt_letsBothSidesOut() public {
        _die();
        MarginProof memory none;
        Side memory maker = _side(_order(second, PERPETUAL, true, 100 * CONTRACT, price / 2), none);
        Side memory taker = _side(_order(first, PERPETUAL, false, 100 * CONTRACT, price / 2), none);
        // the loser would owe
        vm.expectPartialRevert(IClearingHouse.AccountUnhealthy.selector);
        exchange.trade(maker, taker, 100 * CONTRACT);
        maker = _side(_order(second, PERPETUAL, true, 100 * CONTRACT, price * 7 / 10), none);
        taker = _side(_order(first, PERPETUAL, false, 100 * CONTRACT, price * 7 / 10), none);
        exchange.trade(maker, taker, 100 * CONTRACT);
        uint256 all = uint256(_cash(first));
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, all, EID, "", "", none);
        assertEq(house.openInterest(PERPETUAL), 0);
    }

    /// Tokens of the halted underlying count nothing for what is wanted, so their price is not asked for.
    function test_halt_takesCollateralOfTheUnderlyingOut() public {
        _deposit(apart, 0, 10e6);
        _die();
        assertEq(terms.failedLanes(), 1);
        uint256[] memory statement = house.statementWords(apart);
        assertEq(statement[Protocol.MARGIN_COLLATERAL_HAIRCUTS_OFFSET].get(0), 1_000_000);
        assertEq(statement[Protocol.MARGIN_COLLATERAL_PRICES_OFFSET].read(0, 4), price, "the position's spot");
        assertLt(terms.factsAt(epoch)[4].get(0), 200_000, "against liquidation it does");
        assertEq(house.arraysOf(apart), 0);
        _trade(apart, other, FAR_CALL, CONTRACT, 50e12);
        // and asked for again with the next price
        prices[0] = int120(int256(price / 1e4));
        _newEpoch(true);
        assertEq(house.arraysOf(apart), 3);
        assertEq(terms.failedLanes(), 0);
    }
}
