// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// @notice What two accounts of one person can do to the others, with real arrays; margin proofs say what is asked for.
contract ClearingHouseReviewTest is LiquidationFixture {
    /// {ppm} of a price: further than the 20 % at which no epoch can begin until the next observation
    uint256 private constant FALL = 790_000;

    function setUp() public {
        _deployLiquidation();
        _fund(second, 1_000_000);
        _fund(third, 1_000_000);
    }

    /// The price becomes this part of what it was, without another epoch.
    function _moveLive(uint256 part) private {
        _move(0, part);
        vm.warp(vm.getBlockTimestamp() + 1 minutes);
        publisher.publish(prices);
    }

    function _sides(uint256 quantity, uint256 price) private returns (Side memory maker, Side memory taker) {
        maker = _sideOf(first, PERPETUAL, true, quantity, price);
        taker = _sideOf(second, PERPETUAL, false, quantity, price);
    }

    function _step() private view returns (uint256) {
        return riskArrays.current().steps[0];
    }

    // --- H-2.6: marks of the past

    /// The reviewer's case: no epoch can begin until the next observation, and the old one is young.
    function test_trade_revertsAtMarksThatAFallHasLeft() public {
        _fund(first, 18_300);
        _newEpoch(true);
        uint256 old = _spot(0);
        _moveLive(FALL);
        (Side memory maker, Side memory taker) = _sides(100 * CONTRACT, old);
        vm.expectPartialRevert(IRiskArrays.PriceDeviates.selector);
        exchange.trade(maker, taker, 100 * CONTRACT);
        // an epoch that begins now has the old price, and says so
        _newEpoch(true);
        assertEq(riskArrays.current().spots[0], old);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.ArrayIsHalted.selector, epoch, 0));
        exchange.trade(maker, taker, 100 * CONTRACT);
        assertEq(_quantity(first, PERPETUAL), 0);

        _tick();
        _newEpoch(true);
        (maker, taker) = _sides(100 * CONTRACT, _spot(0));
        exchange.trade(maker, taker, 100 * CONTRACT);
        assertEq(_quantity(first, PERPETUAL), int256(100 * CONTRACT), "and passes over prices of now");
    }

    /// One step either way is let through, to the last ppt that a feed can say.
    function test_trade_withinOneStepOfTheEpoch() public {
        _fund(first, 20_000);
        (uint256 measured, uint256 step) = (_spot(0), _step());
        bool[2] memory ups = [true, false];
        for (uint256 i; i < 2; ++i) {
            int120 start = prices[0];
            int120 most = start * int120(int256(step)) / 1e6;
            prices[0] = ups[i] ? start + most : start - most;
            publisher.publish(prices);
            (Side memory maker, Side memory taker) = _sides(CONTRACT, measured);
            exchange.trade(maker, taker, CONTRACT);

            prices[0] = ups[i] ? start + most + 1 : start - most - 1;
            publisher.publish(prices);
            (maker, taker) = _sides(CONTRACT, measured);
            vm.expectRevert(
                abi.encodeWithSelector(IRiskArrays.SpotMoved.selector, 0, _spot(0), measured, step)
            );
            exchange.trade(maker, taker, CONTRACT);
            prices[0] = start;
        }
    }

    /// Of an array in which neither has anything, no price matters; of one in which either has, it does.
    function test_trade_needsThePricesOfWhatIsHeld() public {
        _fund(first, 20_000);
        _move(1, 950_000);
        publisher.publish(prices);
        assertEq(house.arraysOf(first), 0);
        _trade(first, second, PERPETUAL, CONTRACT, _spot(0));
        assertEq(house.arraysOf(first), 1);
        (Side memory maker, Side memory taker) = _sides(CONTRACT, _spot(0));
        _newEpoch(true);
        _trade(second, first, FAR_CALL, CONTRACT, 50e12);
        assertEq(house.arraysOf(second), 3);
        _move(1, 950_000);
        publisher.publish(prices);
        vm.expectPartialRevert(IRiskArrays.SpotMoved.selector);
        exchange.trade(maker, taker, CONTRACT);
    }

    /// Collateral that counts moves with its array.
    function test_trade_needsThePriceOfCollateral() public {
        _fund(first, 20_000);
        _trade(first, second, FAR_CALL, CONTRACT, 50e12);
        _move(0, 950_000);
        publisher.publish(prices);
        _trade(first, second, FAR_CALL, CONTRACT, 50e12);
        _deposit(first, 0, 1);
        assertEq(house.arraysOf(first), 3);
        Side memory maker = _sideOf(first, FAR_CALL, true, CONTRACT, 50e12);
        Side memory taker = _sideOf(second, FAR_CALL, false, CONTRACT, 50e12);
        vm.expectPartialRevert(IRiskArrays.SpotMoved.selector);
        exchange.trade(maker, taker, CONTRACT);
    }

    function test_withdraw_ofWhoHoldsPositionsNeedsPricesOfNow() public {
        _fund(first, 50_000);
        _trade(first, second, PERPETUAL, CONTRACT, _spot(0));
        _deposit(first, 2, 10 * DOLLAR);
        _moveLive(950_000);
        vm.prank(alice);
        vm.expectPartialRevert(IRiskArrays.SpotMoved.selector);
        house.withdraw(first, 2, DOLLAR, EID, "", "", _rich());
        // a record says what it says of the epoch, and needs none
        house.proveHealth(first, _rich());
        _newEpoch(true);
        vm.prank(alice);
        house.withdraw(first, 2, DOLLAR, EID, "", "", _rich());
        assertEq(_balance(first, 2), 9 * DOLLAR);
    }

    /// Whoever is free leaves, and whoever is free afterwards trades out, whatever prices do.
    function test_free_neverDependsOnAPrice() public {
        _fund(first, 50_000);
        _trade(first, second, PERPETUAL, CONTRACT, _spot(0));
        uint256 price = _spot(0);
        _moveLive(FALL);
        uint256 which = house.arraysOf(first);
        vm.expectPartialRevert(IRiskArrays.PriceDeviates.selector);
        riskArrays.requireSpotsNear(which);
        MarginProof memory none;
        Side memory maker = _side(_order(second, PERPETUAL, true, CONTRACT, price), none);
        Side memory taker = _side(_order(first, PERPETUAL, false, CONTRACT, price), none);
        exchange.trade(maker, taker, CONTRACT);
        uint256 all = uint256(_cash(first));
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, all, EID, "", "", none);
        assertEq(_cash(first), 0);
    }

    // --- H-2.2: what is owed against collateral

    /// A loss may be owed against collateral, however it was made: the loser withdraws no dollar of it, and the winner,
    /// free, is paid. Two accounts of one person can do it on purpose.
    function test_loss_isOwedAgainstCollateral() public {
        _deposit(first, 2, 100_000 * DOLLAR);
        _trade(first, second, FAR_CALL, 1000, 8e19);
        _trade(second, first, FAR_CALL, 1000, 1e12);
        int256 owed = _cash(first);
        assertLt(owed, -79_000 * int256(DOLLAR));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CashMissing.selector, first, 1, owed));
        house.withdraw(first, CASH_LANE, 1, EID, "", "", _rich());
        // what secures it: the collateral, which does not leave below the initial level
        (int256 equity, uint256 requirement) = engine.fullMargin(first, 1, epoch, provenWords);
        assertGe(equity, int256(requirement));
        vm.prank(alice);
        vm.expectPartialRevert(IClearingHouse.AccountUnhealthy.selector);
        house.withdraw(first, 2, 50_000 * DOLLAR, EID, "", "", _proof(equity - 50_000 * 1e6, 1, requirement));
        MarginProof memory none;
        uint256 all = uint256(_cash(second));
        vm.prank(bob);
        house.withdraw(second, CASH_LANE, all, EID, "", "", none);
        assertEq(hub.released(CASH_LANE), all, "more than was deposited for it: dollars of the third");
        assertGt(all, 1_000_000 * DOLLAR);
    }
}
