// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Bid} from "../../contracts/interfaces/ILiquidation.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// @notice Gas of liquidation with sixteen options in three arrays, each call a transaction of its own, calldata included.
/// forge-config: default.isolate = true
contract GasLiquidationTest is LiquidationFixture {
    function setUp() public {
        _deployLiquidation();
        for (uint256 place = 3; place < 10; ++place) {
            uint256 kind = place % 2 == 0 ? Clearing.KIND_CALL : Clearing.KIND_PUT;
            _listOption(0, place, kind, soon + (place % 3) * 10 days, _spot(0) * (80 + 5 * place) / 100);
        }
        for (uint256 place = 10; place < 15; ++place) {
            _listOption(1, place, Clearing.KIND_CALL, soon + 20 days, _spot(1) * (80 + 3 * place) / 100);
        }
        _listArray(2, 2);
        _listOption(2, 1, Clearing.KIND_CALL, soon + 20 days, _spot(2));
        _newEpoch(true);
        _fund(first, 100_000);
        _fund(second, 10_000_000);
        _fund(third, 10_000_000);
        _deposit(first, 0, 1e6);
        _deposit(first, 1, 1e6);
        uint256 count;
        for (uint256 series; series < 64 && count < 16; ++series) {
            if (!listings.listing(series).listed || series == PERPETUAL) continue;
            // alice sells for next to nothing, and cannot carry it
            _trade(second, first, series, 40 * CONTRACT, 1e12);
            ++count;
        }
        assertEq(count, 16);
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    function _scenario() private view returns (uint256 scenario) {
        (scenario,) = _worst(first);
    }

    function test_start_fromProvenWords() public {
        uint256 scenario = _scenario();
        auctions.start(first, scenario, epoch, provenWords);
        _figure("liquidation: start, 16 options, proven arrays", 700_000);
    }

    function test_start_pricedOnChain() public {
        uint256 scenario = _scenario();
        auctions.start(first, scenario, epoch, factWords);
        _figure("liquidation: start, 16 options, priced on chain", 700_000);
    }

    function test_bid() public {
        _fund(backstop, 5_000_000);
        uint256 auction = auctions.start(first, _scenario(), epoch, provenWords);
        uint256 phase = _equity(first) < 0 ? 1 : 0;
        vm.warp(vm.getBlockTimestamp() + 10 minutes);
        Bid memory offer = Bid(auction, phase, third, _scenario(), epoch, 100_000, 1e13);
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        _figure("liquidation: bid of an unused account, 16 options, proven arrays", 1_800_000);
        offer.scenario = _scenario();
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        _figure("liquidation: bid, 16 options, proven arrays", 1_700_000);
    }

    function test_bid_pricedOnChain() public {
        _fund(backstop, 5_000_000);
        uint256 auction = auctions.start(first, _scenario(), epoch, provenWords);
        uint256 phase = _equity(first) < 0 ? 1 : 0;
        Bid memory offer = Bid(auction, phase, third, _scenario(), epoch, 500_000, 1e13);
        vm.prank(carol);
        auctions.bid(offer, factWords);
        _figure("liquidation: bid of an unused account, 16 options, priced on chain", 4_000_000);
    }
}
