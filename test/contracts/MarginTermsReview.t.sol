// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidation} from "../../contracts/interfaces/ILiquidation.sol";
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
        assertEq(terms.facts()[4].get(2), 1_000_000);
        assertGt(this.startAuction(), 0);
    }

    function startAuction() external returns (uint256) {
        return _start(first);
    }
}
