// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {IMarginTerms, PositionLimits} from "../../contracts/interfaces/IMarginTerms.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// @notice H-1.6: what trades may make of a series, and what never looks at it.
contract PositionLimitsTest is HouseFixture {
    /// {ppm of a contract} of the arrays
    uint256 private constant OPEN_INTEREST = 20e6;
    uint256 private constant ACCOUNT = 8e6;
    uint256 private constant PRICE = 1e12;

    bytes32[4] private accounts;
    /// {ppm of a contract} of the far call, by account
    int256[4] private held;
    PositionLimits private limits;

    function setUp() public {
        _deployHouse();
        accounts = [first, second, _account(alice, 1), _account(bob, 1)];
        for (uint256 i; i < 4; ++i) {
            _deposit(accounts[i], CASH_LANE, 1e13);
        }
    }

    function _limits() internal pure override returns (PositionLimits[4] memory each) {
        for (uint256 array; array < 4; ++array) {
            each[array] = PositionLimits(uint64(OPEN_INTEREST), uint64(ACCOUNT));
        }
    }

    function _sides(bytes32 buyer, bytes32 seller, uint256 series, uint256 quantity)
        private
        returns (Side memory maker, Side memory taker)
    {
        maker = _sideOf(buyer, series, true, quantity, PRICE);
        taker = _sideOf(seller, series, false, quantity, PRICE);
    }

    function _magnitude(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }

    // --- trades

    function test_trade_upToTheLimitOfAnAccount() public {
        _trade(first, second, CALL, ACCOUNT, PRICE);
        (Side memory maker, Side memory taker) = _sides(first, accounts[3], CALL, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.PositionAboveLimit.selector, CALL, ACCOUNT + 1, ACCOUNT)
        );
        exchange.trade(maker, taker, 1);
        // of a seller too
        (maker, taker) = _sides(accounts[2], second, CALL, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.PositionAboveLimit.selector, CALL, ACCOUNT + 1, ACCOUNT)
        );
        exchange.trade(maker, taker, 1);
        // another series is another limit, and so is an account of the same owner
        _trade(first, second, PUT, ACCOUNT, PRICE);
        _trade(accounts[2], accounts[3], CALL, 1, PRICE);
    }

    function test_trade_upToTheLimitOfASeries() public {
        _trade(first, second, CALL, ACCOUNT, PRICE);
        uint256 left = OPEN_INTEREST / 2 - ACCOUNT;
        (Side memory maker, Side memory taker) = _sides(accounts[2], accounts[3], CALL, left + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMarginTerms.OpenInterestAboveLimit.selector, CALL, OPEN_INTEREST + 2, OPEN_INTEREST
            )
        );
        exchange.trade(maker, taker, left + 1);
        exchange.trade(maker, taker, left);
        assertEq(house.openInterest(CALL), OPEN_INTEREST);
        // full: what one gives another may take
        _trade(_account(bob, 2), first, CALL, 1, PRICE);
        assertEq(house.openInterest(CALL), OPEN_INTEREST);
    }

    /// Exactly the trades that grow past a limit are refused, and for that: whoever trades with whom, also where limits have
    /// been lowered below what is held.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_trade_refusesOnlyGrowth(uint256[24] memory choices, uint256 lowered) public {
        limits = _limits()[1];
        PositionLimits memory next;
        next.account = uint64(bound(lowered, 1e6, ACCOUNT));
        next.openInterest = uint64(bound(lowered, next.account, OPEN_INTEREST));
        vm.prank(governor);
        terms.schedulePositionLimits(1, next);
        for (uint256 i; i < choices.length; ++i) {
            if (i == choices.length / 2) {
                _afterDelay();
                terms.applyPositionLimits(1);
                limits = next;
            }
            uint256 quantity = bound(choices[i] >> 8, 1, ACCOUNT / 2);
            uint256 buyer = choices[i] % 2 * 2 + (choices[i] >> 1) % 2;
            // the other owner's: alice has 0 and 2
            uint256 seller = (choices[i] >> 2) % 2 * 2 + (buyer + 1) % 2;
            _tradeOrRefuse(buyer, seller, quantity);
        }
    }

    /// A series that holds more than its limit cannot grow, but change hands.
    function test_trade_aboveALimitThatWasLowered() public {
        _trade(first, second, FAR_CALL, 3e6, PRICE);
        vm.prank(governor);
        terms.schedulePositionLimits(1, PositionLimits(4e6, 4e6));
        _afterDelay();
        terms.applyPositionLimits(1);
        (Side memory maker, Side memory taker) = _sides(first, second, FAR_CALL, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.OpenInterestAboveLimit.selector, FAR_CALL, 6e6 + 2, 4e6)
        );
        exchange.trade(maker, taker, 1);
        _trade(accounts[3], first, FAR_CALL, 3e6, PRICE);
        assertEq(_quantity(accounts[3], FAR_CALL), 3e6);
        assertEq(house.openInterest(FAR_CALL), 6e6);
    }

    /// A new epoch when scheduled terms may be applied.
    function _afterDelay() private {
        vm.warp(vm.getBlockTimestamp() + TERMS_DELAY);
        _tick(); // a new base after the gap
        _tick();
        _acceptRiskState(_volatilities(10_000));
        _reportAll();
        _epoch();
    }

    function _tradeOrRefuse(uint256 buyer, uint256 seller, uint256 quantity) private {
        uint256 before = house.openInterest(FAR_CALL);
        (int256 bought, int256 sold) = (held[buyer] + int256(quantity), held[seller] - int256(quantity));
        uint256 afterwards = before - _magnitude(held[buyer]) - _magnitude(held[seller]) + _magnitude(bought)
            + _magnitude(sold);
        uint256 grown = _grown(held[buyer], bought);
        if (_grown(held[seller], sold) > grown) grown = _grown(held[seller], sold);
        bytes memory refusal = _refusal(before, afterwards, grown);
        (Side memory maker, Side memory taker) = _sides(accounts[buyer], accounts[seller], FAR_CALL, quantity);
        if (refusal.length == 0) {
            (held[buyer], held[seller]) = (bought, sold);
        } else {
            vm.expectRevert(refusal);
        }
        exchange.trade(maker, taker, quantity);
        assertEq(_quantity(accounts[buyer], FAR_CALL), held[buyer]);
        assertEq(_quantity(accounts[seller], FAR_CALL), held[seller]);
    }

    /// @return {ppm of a contract} what an account has, where that is more than before
    function _grown(int256 last, int256 next) private pure returns (uint256) {
        return _magnitude(next) > _magnitude(last) ? _magnitude(next) : 0;
    }

    /// @return empty where the trade is within the limits
    function _refusal(uint256 before, uint256 afterwards, uint256 grown) private view returns (bytes memory) {
        if (afterwards > before && afterwards > limits.openInterest) {
            return abi.encodeWithSelector(
                IMarginTerms.OpenInterestAboveLimit.selector, FAR_CALL, afterwards, limits.openInterest
            );
        }
        if (grown <= limits.account) return "";
        return
            abi.encodeWithSelector(IMarginTerms.PositionAboveLimit.selector, FAR_CALL, grown, limits.account);
    }

    // --- what never looks at limits

    function test_moveSlice_andSettleAboveLimits() public {
        _trade(first, second, CALL, ACCOUNT, PRICE);
        _trade(accounts[2], second, PUT, ACCOUNT, PRICE);
        _trade(accounts[2], accounts[3], CALL, OPEN_INTEREST / 2 - ACCOUNT, PRICE);
        vm.startPrank(liquidation);
        house.moveSlice(first, accounts[2], Protocol.PPM);
        vm.stopPrank();
        assertGt(uint256(_quantity(accounts[2], CALL)), ACCOUNT);
        // and trades out, in parts, still above it
        _trade(second, accounts[2], CALL, 1, PRICE);
        assertGt(uint256(_quantity(accounts[2], CALL)), ACCOUNT);
        _trade(second, accounts[2], CALL, ACCOUNT - 1, PRICE);
        _untilSettled(soon);
        house.settle(accounts[2]);
        house.settle(accounts[3]);
        assertEq(house.openInterest(CALL), 0);
    }

    // --- the governor's terms

    function test_schedulePositionLimits_countAfterTheirDelay() public {
        PositionLimits memory next = PositionLimits(7e6, 3e6);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.NotGovernor.selector, address(this)));
        terms.schedulePositionLimits(1, next);
        vm.prank(governor);
        terms.schedulePositionLimits(1, next);
        uint64 readyAt = uint64(vm.getBlockTimestamp()) + TERMS_DELAY;
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.NotReady.selector, readyAt));
        terms.applyPositionLimits(1);
        assertEq(terms.positionLimits(1).account, _limits()[1].account);
        vm.warp(readyAt);
        vm.expectRevert(IMarginTerms.NothingScheduled.selector);
        terms.applyPositionLimits(0);
        vm.expectEmit(address(terms));
        emit IMarginTerms.PositionLimitsApplied(1, next);
        terms.applyPositionLimits(1);
        assertEq(abi.encode(terms.positionLimits(1)), abi.encode(next));
        assertEq(terms.positionLimits(0).account, ACCOUNT);
        vm.expectRevert(IMarginTerms.NothingScheduled.selector);
        terms.applyPositionLimits(1);
    }

    function test_schedulePositionLimits_refusesWhatIsOutOfBounds() public {
        uint256 unknown = Clearing.ARRAY_COUNT;
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.ArrayUnknown.selector, unknown));
        terms.schedulePositionLimits(unknown, PositionLimits(1e6, 1e6));
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.ArrayUnknown.selector, unknown));
        terms.positionLimits(unknown);
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.PositionLimitOutOfBounds.selector, 1e6 - 1, 1e6, 5e6)
        );
        terms.schedulePositionLimits(0, PositionLimits(5e6, 1e6 - 1));
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.PositionLimitOutOfBounds.selector, 5e6 + 1, 1e6, 5e6)
        );
        terms.schedulePositionLimits(0, PositionLimits(5e6, 5e6 + 1));
        terms.schedulePositionLimits(0, PositionLimits(1e6, 1e6));
        terms.schedulePositionLimits(3, PositionLimits(type(uint64).max, type(uint64).max));
    }
}
