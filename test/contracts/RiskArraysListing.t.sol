// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Listings} from "../../contracts/clearing/Listings.sol";
import {RiskArrays} from "../../contracts/clearing/RiskArrays.sol";
import {ObservationLog} from "../../contracts/facts/ObservationLog.sol";
import {SettlementPrices} from "../../contracts/facts/SettlementPrices.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IListings, Series} from "../../contracts/interfaces/IListings.sol";
import {Epoch, IRiskArrays, RiskArraysConfig} from "../../contracts/interfaces/IRiskArrays.sol";
import {IRiskOracle} from "../../contracts/interfaces/IRiskOracle.sol";
import {ISettlementPrices} from "../../contracts/interfaces/ISettlementPrices.sol";
import {IVolatilityLog} from "../../contracts/interfaces/IVolatilityLog.sol";
import {KeyPolicy} from "../../contracts/proofs/KeyPolicy.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// What a governor lists, when a place is free again, and what risk arrays are made of.
contract RiskArraysListingTest is RiskArraysFixture {
    function setUp() public {
        _deployRiskArrays();
    }

    function _expectRefused(bytes4 selector, uint256 value) private {
        vm.expectRevert(abi.encodeWithSelector(selector, value));
    }

    // --- listing

    function test_listArray_isForEver() public {
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.ArrayListed(2, 1);
        _listArray(2, 1);
        assertEq(riskArrays.underlying(2), 1);
        vm.prank(governor);
        _expectRefused(IRiskArrays.ArrayAlreadyListed.selector, 2);
        riskArrays.listArray(2, 0);
    }

    function test_listArray_revertsWhenUnknown() public {
        vm.startPrank(governor);
        _expectRefused(IRiskArrays.ArrayUnknown.selector, 4);
        riskArrays.listArray(4, 0);
        _expectRefused(IRiskArrays.LaneUnknown.selector, 3);
        riskArrays.listArray(0, 3);
        vm.stopPrank();
        _expectRefused(IRiskArrays.ArrayUnknown.selector, 0);
        riskArrays.underlying(0);
        _expectRefused(IRiskArrays.ArrayUnknown.selector, 4);
        riskArrays.underlying(4);
    }

    function test_list_revertsWhenNotGovernor() public {
        _listArray(0, 0);
        // the same error of both contracts
        bytes memory reason = abi.encodeWithSelector(IRiskArrays.NotGovernor.selector, bob);
        vm.startPrank(bob);
        vm.expectRevert(reason);
        riskArrays.listArray(1, 0);
        vm.expectRevert(reason);
        listings.listSeries(0, 0, Clearing.KIND_PERPETUAL, 0, 0);
        vm.expectRevert(reason);
        riskArrays.setHouse(bob);
    }

    function test_setFundingEnd_revertsWhenNotListings() public {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.NotListings.selector, governor));
        riskArrays.setFundingEnd(0, 1);
    }

    function test_setHouse_onlyOnce() public {
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.HouseAlreadySet.selector, address(openInterest)));
        riskArrays.setHouse(bob);

        RiskArrays other = new RiskArrays(_riskArraysConfig());
        vm.startPrank(governor);
        vm.expectRevert(IRiskArrays.AddressZero.selector);
        other.setHouse(address(0));
        vm.expectEmit(address(other));
        emit IRiskArrays.HouseSet(bob);
        other.setHouse(bob);
        assertEq(other.house(), bob);
    }

    function test_listSeries_numbersByArrayAndPlace() public {
        _listArray(1, 2);
        uint64 expiry = uint64(vm.getBlockTimestamp() + 20 days);
        uint256 strike = _spot(2) * 8;
        vm.expectEmit(address(listings));
        emit IListings.SeriesListed(16 + 7, Clearing.KIND_PUT, 1, expiry, strike, 1);
        assertEq(_listOption(1, 7, Clearing.KIND_PUT, expiry, strike), 23);
        Series memory series = listings.listing(23);
        assertTrue(series.listed);
        assertEq(series.kind, Clearing.KIND_PUT);
        assertEq(series.expirySlot, 1);
        assertEq(series.underlying, 2);
        assertEq(series.firstEpoch, 1);
        assertEq(series.expiry, expiry);
        assertEq(series.strike, strike);
        assertFalse(listings.listing(22).listed);
        assertFalse(listings.listing(64).listed);
        assertFalse(listings.tradable(64));
    }

    function test_listSeries_revertsWhenPlaceTaken() public {
        _listSome();
        uint64 expiry = uint64(vm.getBlockTimestamp() + 20 days);
        vm.startPrank(governor);
        _expectRefused(IListings.PlaceTaken.selector, 1);
        listings.listSeries(0, 1, Clearing.KIND_CALL, expiry, 1000e12);
        _expectRefused(IListings.PlaceTaken.selector, 0);
        listings.listSeries(0, 0, Clearing.KIND_PERPETUAL, 0, 0);
        _expectRefused(IListings.PlaceUnknown.selector, 16);
        listings.listSeries(0, 16, Clearing.KIND_CALL, expiry, 1000e12);
        _expectRefused(IRiskArrays.ArrayUnknown.selector, 2);
        listings.listSeries(2, 0, Clearing.KIND_CALL, expiry, 1000e12);
        _expectRefused(IListings.KindUnknown.selector, 3);
        listings.listSeries(0, 3, 3, expiry, 1000e12);
    }

    function test_listSeries_revertsWhenPerpetualMalformed() public {
        _listArray(0, 0);
        vm.startPrank(governor);
        uint256[3][3] memory wrong = [[uint256(1), 0, 0], [uint256(0), 1, 0], [uint256(0), 0, 1]];
        for (uint256 i; i < 3; ++i) {
            (uint256 place, uint64 expiry, uint256 strike) = (wrong[i][0], uint64(wrong[i][1]), wrong[i][2]);
            vm.expectRevert(
                abi.encodeWithSelector(IListings.PerpetualMalformed.selector, place, expiry, strike)
            );
            listings.listSeries(0, place, Clearing.KIND_PERPETUAL, expiry, strike);
        }
    }

    function test_listSeries_revertsWhenExpiryOutOfBounds() public {
        _listArray(0, 0);
        uint256 spot = _spot(0);
        (uint256 earliest, uint256 last) =
            (vm.getBlockTimestamp() + SETTLEMENT_WINDOW, vm.getBlockTimestamp() + 400 days);
        uint256[3] memory wrong = [earliest - 1, last + 1, 0];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IListings.ExpiryOutOfBounds.selector, uint64(wrong[i]), earliest, last)
            );
            _listOption(0, 1, Clearing.KIND_CALL, wrong[i], spot);
        }
        _listOption(0, 1, Clearing.KIND_CALL, earliest, spot);
        _listOption(0, 2, Clearing.KIND_CALL, last, spot);
    }

    function test_listSeries_revertsWhenStrikeOutOfBounds() public {
        _listArray(0, 0);
        uint256 expiry = vm.getBlockTimestamp() + 20 days;
        (uint256 lowest, uint256 highest) = ((_spot(0) + 7) / 8, _spot(0) * 8);
        uint256[3] memory wrong = [lowest - 1, highest + 1, 0];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IListings.StrikeOutOfBounds.selector, wrong[i], lowest, highest)
            );
            _listOption(0, 1, Clearing.KIND_CALL, expiry, wrong[i]);
        }
        _listOption(0, 1, Clearing.KIND_CALL, expiry, lowest);
        _listOption(0, 2, Clearing.KIND_CALL, expiry, highest);
    }

    function test_listSeries_sharesExpirySlots() public {
        _listArray(0, 0);
        uint256 first = vm.getBlockTimestamp() + 20 days;
        for (uint256 i; i < 7; ++i) {
            _listOption(0, i, Clearing.KIND_CALL, first + i, _spot(0));
            assertEq(listings.listing(i).expirySlot, i + 1);
        }
        _listOption(0, 7, Clearing.KIND_PUT, first + 4, _spot(0));
        assertEq(listings.listing(7).expirySlot, 5);
        uint256 spot = _spot(0);
        _expectRefused(IListings.ExpirySlotsTaken.selector, 0);
        _listOption(0, 8, Clearing.KIND_PUT, first + 7, spot);
        // an array of another underlying has its own
        _listArray(1, 1);
        _listOption(1, 8, Clearing.KIND_PUT, first + 7, _spot(1));
        assertEq(listings.listing(24).expirySlot, 1);
    }

    /// Margin nets deltas by slot over all arrays of an underlying (G-7).
    function test_listSeries_sharesExpirySlotsAmongArraysOfOneUnderlying() public {
        _listArray(0, 0);
        _listArray(2, 0);
        uint256 first = vm.getBlockTimestamp() + 20 days;
        _listOption(0, 1, Clearing.KIND_CALL, first, _spot(0));
        uint256 later = _listOption(2, 1, Clearing.KIND_CALL, first + 60 days, _spot(0));
        assertEq(listings.listing(later).expirySlot, 2, "two expiries in one slot");
        uint256 together = _listOption(2, 2, Clearing.KIND_PUT, first, _spot(0));
        assertEq(listings.listing(together).expirySlot, 1, "one expiry in two slots");
        // in either direction
        uint256 before = _listOption(0, 2, Clearing.KIND_PUT, first + 60 days, _spot(0));
        assertEq(listings.listing(before).expirySlot, 2);
        for (uint256 i; i < 5; ++i) {
            _listOption(2, 3 + i, Clearing.KIND_CALL, first + 1 + i, _spot(0));
        }
        uint256 spot = _spot(0);
        _expectRefused(IListings.ExpirySlotsTaken.selector, 0);
        _listOption(0, 3, Clearing.KIND_CALL, first + 6, spot);
    }

    // --- retiring

    /// Goes past the expiry of series 1, which `_listSome` has listed, and settles it.
    function _settle() private returns (uint64 expiry) {
        expiry = listings.listing(1).expiry;
        vm.warp(expiry - SETTLEMENT_WINDOW);
        for (uint256 i; i < 7; ++i) {
            _tick();
            settlementPrices.record(0, expiry);
            if (i == 5) ++i;
        }
        vm.warp(expiry + 1);
    }

    function test_retire_emptiesThePlaceForAnother() public {
        _listSome();
        _nextEpoch();
        _settle();
        vm.expectEmit(address(listings));
        emit IListings.SeriesRetired(1);
        vm.prank(bob);
        listings.retire(1);
        assertFalse(listings.listing(1).listed);
        assertFalse(listings.tradable(1));

        // and the next one is not traded before an epoch knows it
        publisher.publish(prices);
        _listOption(0, 1, Clearing.KIND_PUT, vm.getBlockTimestamp() + 20 days, _spot(0));
        assertEq(listings.listing(1).expirySlot, 1);
        assertEq(listings.listing(1).firstEpoch, 2);
        assertFalse(listings.tradable(1));
    }

    function test_retire_revertsWhenHeldOrNotSettled() public {
        _listSome();
        _expectRefused(IListings.SeriesNotListed.selector, 3);
        listings.retire(3);
        _expectRefused(IListings.SeriesNotListed.selector, 64);
        listings.retire(64);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotExpired.selector, 0, 0));
        listings.retire(0);
        uint64 expiry = listings.listing(1).expiry;
        vm.warp(expiry);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotExpired.selector, 1, expiry));
        listings.retire(1);
        vm.warp(expiry + 1);
        _expectRefused(IListings.SeriesNotSettled.selector, 1);
        listings.retire(1);
    }

    function test_retire_revertsWhenHeld() public {
        _listSome();
        _settle();
        openInterest.set(1, 5);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesHeld.selector, 1, 5));
        listings.retire(1);
        openInterest.set(1, 0);
        listings.retire(1);
    }

    /// An array whose last series has gone is in no later epoch, and what older epochs left in its place does not show.
    function test_retire_ofTheLastSeriesTakesItsArrayOut() public {
        _listArray(0, 0);
        _listPerpetual(0);
        _listArray(1, 0);
        _listOption(1, 1, Clearing.KIND_CALL, vm.getBlockTimestamp() + 1 days, _spot(0));
        for (uint256 i; i < 9; ++i) {
            _nextEpoch();
        }
        assertEq(riskArrays.current().arrays, 3);
        uint64 expiry = listings.listing(17).expiry;
        vm.warp(expiry - SETTLEMENT_WINDOW);
        for (uint256 i; i < SETTLEMENT_COUNT; ++i) {
            _tick();
            settlementPrices.record(0, expiry);
        }
        vm.warp(expiry + 1);
        listings.retire(17);
        _refreshFacts();
        uint64 number = _nextEpoch();

        Epoch memory current = riskArrays.current();
        assertEq(current.number, number);
        assertEq(current.arrays, 1);
        assertNotEq(current.factsHashes[0], 0);
        assertEq(current.factsHashes[1], 0);
        assertEq(current.spots[1], 0);
        (,,, uint256[4] memory commitments) = riskArrays.marginFacts();
        assertEq(commitments[0], current.arrayCommitments[0]);
        assertEq(commitments[1], 0);
        assertEq(riskArrays.wordsHash(number, 1), 0);
    }

    // --- making one

    function test_constructor_revertsWhenParameterOutOfBounds() public {
        RiskArraysConfig memory config = _riskArraysConfig();
        config.version = 0;
        _refused(config, "version", 0, 1, Protocol.LANE_LIMIT - 1);
        config = _riskArraysConfig();
        // beyond it pricing has no array
        config.upShock = 1_000_001;
        _refused(config, "upShock", 1_000_001, 0, 1_000_000);
        config = _riskArraysConfig();
        config.downShock = 1_000_001;
        _refused(config, "downShock", 1_000_001, 0, 1_000_000);
        config = _riskArraysConfig();
        config.minimumUpVolatility = uint32(Protocol.LANE_LIMIT);
        _refused(config, "minimumUpVolatility", Protocol.LANE_LIMIT, 0, Protocol.LANE_LIMIT - 1);
        config = _riskArraysConfig();
        config.rangeMultiple = 999_999;
        _refused(config, "rangeMultiple", 999_999, 1_000_000, 10_000_000);
        config = _riskArraysConfig();
        config.maximumStep = 200_001;
        _refused(config, "maximumStep", 200_001, 5_000, 200_000);
        config = _riskArraysConfig();
        config.minimumStep = 200_001;
        _refused(config, "minimumStep", 200_001, 5_000, 200_000);
        config.minimumStep = 4_999;
        _refused(config, "minimumStep", 4_999, 5_000, 200_000);
        config = _riskArraysConfig();
        config.maxDeviation = 500_001;
        _refused(config, "maxDeviation", 500_001, 10_000, 500_000);
        config = _riskArraysConfig();
        config.epochInterval = 59;
        _refused(config, "epochInterval", 59, 60, 1 days);
        config = _riskArraysConfig();
        config.maxRiskAge = INTERVAL - 1;
        _refused(config, "maxRiskAge", INTERVAL - 1, INTERVAL, 90 days);
        config = _riskArraysConfig();
        config.maxFunding = 1_001;
        _refused(config, "maxFunding", 1_001, 0, 1_000);
        config = _riskArraysConfig();
        config.minimumFundingTrade = 1e12 - 1;
        _refused(config, "minimumFundingTrade", 1e12 - 1, 1e12, 1 << 84);
    }

    function _refused(
        RiskArraysConfig memory config,
        bytes32 name,
        uint256 value,
        uint256 minimum,
        uint256 maximum
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRiskArrays.ParameterOutOfBounds.selector, name, value, minimum, maximum)
        );
        new RiskArrays(config);
    }

    function test_constructor_revertsWhenAddressZero() public {
        for (uint256 i; i < 5; ++i) {
            RiskArraysConfig memory config = _riskArraysConfig();
            if (i == 0) config.governor = address(0);
            if (i == 1) config.oracle = IRiskOracle(address(0));
            if (i == 2) config.volatilityLog = IVolatilityLog(address(0));
            if (i == 3) config.settlementPrices = ISettlementPrices(address(0));
            if (i == 4) config.listings = IListings(address(0));
            vm.expectRevert(IRiskArrays.AddressZero.selector);
            new RiskArrays(config);
        }
    }

    function test_constructor_ofListingsRevertsWhenTheArraysHaveOthers() public {
        vm.expectRevert(abi.encodeWithSelector(IListings.ArraysDiffer.selector, listings));
        new Listings(riskArrays);
        vm.expectRevert(IListings.AddressZero.selector);
        new Listings(IRiskArrays(address(0)));
    }

    function test_constructor_revertsWhenLogsDiffer() public {
        ObservationLog otherLog = new ObservationLog(sources, INTERVAL, MAX_GAP);
        bytes memory reason =
            abi.encodeWithSelector(IRiskArrays.LogsDiffer.selector, observationLog, otherLog);
        RiskArraysConfig memory config = _riskArraysConfig();
        config.settlementPrices = new SettlementPrices(otherLog, SETTLEMENT_WINDOW, SETTLEMENT_COUNT);
        vm.expectRevert(reason);
        new RiskArrays(config);

        config = _riskArraysConfig();
        vm.mockCall(
            address(volatilityLog),
            abi.encodeCall(IVolatilityLog.observationLog, ()),
            abi.encode(address(otherLog))
        );
        vm.expectRevert(reason);
        new RiskArrays(config);
    }

    function test_constructor_refusesDevelopmentKeyWhereValueMayLive() public {
        RiskArraysConfig memory config = _riskArraysConfig();
        vm.chainId(1);
        _expectRefused(KeyPolicy.DevelopmentKeyRefused.selector, 1);
        new RiskArrays(config);
        verifier.setDevelopmentKey(false);
        new RiskArrays(config);
    }
}
