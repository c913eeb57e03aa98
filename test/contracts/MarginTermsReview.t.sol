// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {Bid, ILiquidation} from "../../contracts/interfaces/ILiquidation.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// @notice What a pause of a collateral's feed does to accounts, through the real liquidation.
contract MarginTermsFeedPauseTest is LiquidationFixture {
    using Lanes for uint256;

    function setUp() public {
        _deployLiquidation();
        _fund(second, 1_000_000);
    }

    /// One snapshot in a pause of the feed starts no auction of an account with over twice its maintenance requirement.
    function test_snapshot_inAPauseLiquidatesNoHealthyAccount() public {
        _deposit(first, 2, 40_000 * DOLLAR);
        _newEpoch(true);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, _spot(0));
        (int256 before, uint256 requirement) = engine.fullMargin(first, 0, epoch, provenWords);
        assertGt(before, int256(2 * requirement));
        moody.set(0, false);
        _newEpoch(true);
        assertEq(terms.failedLanes(), 1 << 2);
        (int256 equity, uint256 more) = engine.fullMargin(first, 0, epoch, provenWords);
        assertEq(equity, before, "the price stands");
        // 5 volatilities of 1 % over ten minutes, of what G-6 credits
        assertGt(more, requirement + 500 * DOLLAR);
        assertLt(more, requirement + 820 * DOLLAR);
        vm.expectPartialRevert(ILiquidation.AccountHealthy.selector);
        this.startAuction();
        // a pause of a day ends its support
        for (uint256 hour; hour < 24; ++hour) {
            _tick();
        }
        _reportAll();
        _newEpoch(true);
        assertEq(terms.factsAt(epoch)[4].get(2), 1_000_000);
        assertGt(this.startAuction(), 0);
    }

    function startAuction() external returns (uint256) {
        return _start(first);
    }

    // --- H-2.5: tokens that have died with their feed, bought for next to nothing

    function _bringDeadTokens() private {
        _fund(first, 30_000);
        moody.set(0, false);
        _newEpoch(true);
        _deposit(first, 2, 10_000_000 * DOLLAR);
        assertEq(house.statementWords(first)[Protocol.MARGIN_COLLATERAL_HAIRCUTS_OFFSET].get(2), 1_000_000);
    }

    /// No loss can be owed against them by a trade: they support none.
    function test_deadToken_supportsNoTrade() public {
        _bringDeadTokens();
        uint256 quantity = 400 * CONTRACT;
        Side memory maker = _sideOf(first, PERPETUAL, true, quantity, _spot(0));
        Side memory taker = _sideOf(second, PERPETUAL, false, quantity, _spot(0));
        uint256 snapshot = vm.snapshotState();
        exchange.trade(maker, taker, quantity);
        maker.proof = _honestly(first);
        vm.revertToState(snapshot);
        vm.expectPartialRevert(IClearingHouse.AccountUnhealthy.selector);
        exchange.trade(maker, taker, quantity);
        // what dollars support, they do not hinder
        snapshot = vm.snapshotState();
        exchange.trade(_side(maker.order, _rich()), taker, quantity / 4);
        maker.proof = _honestly(first);
        vm.revertToState(snapshot);
        exchange.trade(maker, taker, quantity / 4);
    }

    /// Dollars that a position needs do not leave for them, and the tokens themselves go as they came.
    function test_deadToken_supportsNoWithdrawal() public {
        _bringDeadTokens();
        _trade(second, first, PERPETUAL, 100 * CONTRACT, _spot(0));
        uint256 snapshot = vm.snapshotState();
        _withdraw(CASH_LANE, 25_000 * DOLLAR, _rich());
        MarginProof memory proof = _honestly(first);
        vm.revertToState(snapshot);
        vm.expectPartialRevert(IClearingHouse.AccountUnhealthy.selector);
        this.withdrawFor(CASH_LANE, 25_000 * DOLLAR, proof);

        snapshot = vm.snapshotState();
        _withdraw(2, 10_000_000 * DOLLAR, _rich());
        proof = _honestly(first);
        vm.revertToState(snapshot);
        _withdraw(2, 10_000_000 * DOLLAR, proof);
        assertTrue(house.isHealthy(first, 1));
    }

    /// Nor do they carry a slice of somebody else.
    function test_deadToken_supportsNoBid() public {
        _deposit(third, 2, 10_000_000 * DOLLAR);
        _fund(first, 15_000);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, _spot(0));
        _move(0, 940_000);
        _newEpoch(true);
        uint256 auction = _start(first);
        Bid memory offer = _offer(auction, 0, 1e6, 1e12);
        uint256 snapshot = vm.snapshotState();
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        vm.revertToState(snapshot);
        moody.set(0, false);
        _newEpoch(true);
        offer = _offer(auction, 0, 1e6, 1e12);
        vm.expectPartialRevert(ILiquidation.BidderUnhealthy.selector);
        vm.prank(carol);
        auctions.bid(offer, provenWords);
    }

    function withdrawFor(uint256 lane, uint256 amount, MarginProof calldata proof) external {
        _withdraw(lane, amount, proof);
    }

    function _withdraw(uint256 lane, uint256 amount, MarginProof memory proof) private {
        vm.prank(alice);
        house.withdraw(first, lane, amount, EID, "", "", proof);
    }

    /// What a proof has to say of an account as it is.
    function _honestly(bytes32 account) private view returns (MarginProof memory) {
        (int256 equity, uint256 initial) = engine.fullMargin(account, 1, epoch, provenWords);
        (, uint256 maintenance) = engine.fullMargin(account, 0, epoch, provenWords);
        return _proof(equity, maintenance, initial);
    }
}
