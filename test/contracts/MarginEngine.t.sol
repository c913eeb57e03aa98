// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Liquidation} from "../../contracts/clearing/Liquidation.sol";
import {MarginEngine} from "../../contracts/clearing/MarginEngine.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Bid, ILiquidation} from "../../contracts/interfaces/ILiquidation.sol";
import {IMarginEngine} from "../../contracts/interfaces/IMarginEngine.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// What any contract may ask of an account, and what a bid asks of it.
contract MarginEngineTest is LiquidationFixture {
    function setUp() public {
        _deployLiquidation();
        _fund(first, 15_000);
        _fund(second, 1_000_000);
        _fund(third, 1_000_000);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, _spot(0));
        _trade(second, first, CALL, 3 * CONTRACT, 40e12);
        _newEpoch(true);
    }

    function test_constructor_refusesWhatDiffers() public {
        vm.expectRevert(IMarginEngine.AddressZero.selector);
        new MarginEngine(IClearingHouse(address(0)));
        vm.mockCall(address(house), abi.encodeCall(house.liquidation, ()), abi.encode(_next()));
        vm.expectRevert(ILiquidation.AddressZero.selector);
        new Liquidation(house, lossBook, IMarginEngine(address(0)));
        vm.mockCall(address(engine), abi.encodeCall(engine.house, ()), abi.encode(address(hub)));
        vm.mockCall(address(house), abi.encodeCall(house.liquidation, ()), abi.encode(_next()));
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.EngineDiffers.selector, address(hub)));
        new Liquidation(house, lossBook, engine);
    }

    function _next() private view returns (address) {
        return vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
    }

    function test_fullMargin_isTheWorstOfAllScenarios() public view {
        for (uint256 level; level < 2; ++level) {
            (int256 equity, uint256 requirement) = engine.fullMargin(first, level, epoch, provenWords);
            uint256 worst;
            for (uint256 scenario; scenario < 185; ++scenario) {
                (int256 same, uint256 required) = engine.marginIn(first, level, scenario, epoch, provenWords);
                assertEq(same, equity);
                if (required > worst) worst = required;
            }
            assertEq(worst, requirement);
        }
    }

    function test_levels_revertWhenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LevelUnknown.selector, 2));
        engine.fullMargin(first, 2, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LevelUnknown.selector, 2));
        engine.marginIn(first, 2, 0, epoch, provenWords);
    }

    function test_afterSlice_isWhatTheOthersSay() public view {
        (int256 equity, int256 worth, uint256 requirement) =
            engine.afterSlice(first, second, epoch, provenWords);
        (int256 firstEquity,) = engine.fullMargin(first, 1, epoch, provenWords);
        (int256 secondEquity, uint256 secondRequirement) = engine.fullMargin(second, 1, epoch, provenWords);
        assertEq(equity, firstEquity);
        assertEq(worth + _cash(second), secondEquity);
        assertEq(requirement, secondRequirement);
    }

    /// forge-config: default.fuzz.runs = 16
    /// forge-config: deep.fuzz.runs = 256
    /// A bidder's account reaches its requirement with what it has paid: to the last ppm of a dollar.
    function testFuzz_bid_needsTheRequirementExactly(uint256 seed) public {
        _move(0, 880_000 + seed % 70_000);
        _newEpoch(seed >> 100 & 1 == 0);
        uint256[][4] memory given = seed >> 100 & 1 == 0 ? provenWords : factWords;
        _fund(backstop, 100_000); // so that no loss is shared
        (uint256 scenario, int256 excess) = _worstOf(given);
        vm.assume(excess < 0);
        uint256 auction = auctions.start(first, scenario, epoch, given);
        vm.warp(vm.getBlockTimestamp() + 1 + (seed >> 110) % 18 minutes);
        (int256 equity,) = engine.fullMargin(first, 0, epoch, given);
        uint256 share = 100_000 + (seed >> 130) % 900_001;
        Bid memory offer = Bid(auction, equity < 0 ? 1 : 0, third, scenario, epoch, share, 1e15);

        uint256 snapshot = vm.snapshotState();
        int256 spare = _spareAfter(offer, given);
        vm.revertToState(snapshot);
        _drain(spare);
        snapshot = vm.snapshotState();
        assertEq(_spareAfter(offer, given), 0);
        vm.revertToState(snapshot);
        _drain(1);
        vm.expectPartialRevert(ILiquidation.BidderUnhealthy.selector);
        vm.prank(carol);
        auctions.bid(offer, given);
    }

    /// {ppm of a dollar} what the bidder has above its requirement once it has bid
    function _spareAfter(Bid memory offer, uint256[][4] memory given) private returns (int256) {
        vm.prank(carol);
        auctions.bid(offer, given);
        (int256 equity, uint256 requirement) = engine.fullMargin(third, 1, epoch, given);
        return equity - int256(requirement);
    }

    function _worstOf(uint256[][4] memory given) private view returns (uint256 worst, int256 excess) {
        excess = type(int256).max;
        for (uint256 scenario; scenario < 185; ++scenario) {
            (int256 equity, uint256 requirement) = auctions.assess(first, scenario, epoch, given);
            if (equity - int256(requirement) >= excess) continue;
            (worst, excess) = (scenario, equity - int256(requirement));
        }
    }

    function _drain(int256 amount) private {
        vm.prank(address(auctions));
        house.moveCash(third, second, uint256(amount));
    }

    /// Where a loss is shared, the bidder bears its part before it is measured.
    function test_bid_countsTheSharesThatItCauses() public {
        // short, so that what the bidder takes over has cash, which bears losses
        _trade(second, first, PERPETUAL, 300 * CONTRACT, _spot(0));
        _move(0, 1_200_000);
        _newEpoch(true);
        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + 15 minutes);
        (uint256 scenario,) = _worst(first);
        Bid memory offer = Bid(auction, 1, third, scenario, epoch, 1e6, 0);
        int256 drained;
        // what is drained bears nothing: there is always a bit more to drain
        for (uint256 i; i < 12; ++i) {
            uint256 snapshot = vm.snapshotState();
            int256 spare = _spareAfter(offer, provenWords);
            vm.revertToState(snapshot);
            if (i == 1) assertGt(spare, 100e6);
            _drain(spare);
            drained += spare;
        }
        assertLt(drained, 1_000_000e6);
        _drain(1e6);
        vm.expectPartialRevert(ILiquidation.BidderUnhealthy.selector);
        vm.prank(carol);
        auctions.bid(offer, provenWords);
    }
}
