// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Listings} from "../../contracts/clearing/Listings.sol";
import {RiskArrays} from "../../contracts/clearing/RiskArrays.sol";
import {SettlementPrices} from "../../contracts/facts/SettlementPrices.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IListings, IOpenInterest} from "../../contracts/interfaces/IListings.sol";
import {RiskArraysConfig} from "../../contracts/interfaces/IRiskArrays.sol";
import {VolatilityReport} from "../../contracts/interfaces/IVolatilityLog.sol";
import {VolatilityFixture} from "./VolatilityFixture.sol";

/// @notice What listings ask of a house, with answers to be set. The real house has its own tests.
contract OpenInterestFixture is IOpenInterest {
    mapping(uint256 series => uint256) public openInterest;

    function set(uint256 series, uint256 value) external {
        openInterest[series] = value;
    }
}

/// @notice Facts, volatilities, settlement prices and risk arrays of three underlyings; only the verifier is
/// AcceptAnyVerifier, and only the house is a fixture.
abstract contract RiskArraysFixture is VolatilityFixture {
    uint64 internal constant EPOCH_INTERVAL = 10 minutes;
    uint64 internal constant SETTLEMENT_WINDOW = 6 hours;
    uint256 internal constant SETTLEMENT_COUNT = 4;

    SettlementPrices internal settlementPrices;
    RiskArrays internal riskArrays;
    Listings internal listings;
    OpenInterestFixture internal openInterest;

    function _deployRiskArrays() internal {
        _deployArraysWithoutHouse();
        openInterest = new OpenInterestFixture();
        vm.prank(governor);
        riskArrays.setHouse(address(openInterest));
    }

    function _deployArraysWithoutHouse() internal {
        _deployFacts(3);
        _observeWindow();
        _acceptRiskState(_volatilities(10_000));
        _deployVolatilityLog();
        _reportAll();
        settlementPrices = new SettlementPrices(observationLog, SETTLEMENT_WINDOW, SETTLEMENT_COUNT);
        _makeRiskArrays();
    }

    function _makeRiskArrays() internal {
        riskArrays = new RiskArrays(_riskArraysConfig());
        listings = new Listings(riskArrays);
    }

    /// Where the next contract but one of this test will be.
    function _nextButOne() internal view returns (address) {
        return vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
    }

    /// Of risk arrays that are the next contract of this test, with their listings after them.
    function _riskArraysConfig() internal view returns (RiskArraysConfig memory config) {
        config.governor = governor;
        config.oracle = oracle;
        config.volatilityLog = volatilityLog;
        config.settlementPrices = settlementPrices;
        config.verifier = verifier;
        config.listings = IListings(_nextButOne());
        config.version = 1;
        config.upShock = 500_000;
        config.downShock = 250_000;
        config.minimumUpVolatility = 500_000;
        config.rangeMultiple = 3_000_000;
        config.minimumStep = 20_000;
        config.maximumStep = 200_000;
        config.maxDeviation = 200_000;
        config.epochInterval = EPOCH_INTERVAL;
        config.maxRiskAge = MAX_RISK_AGE;
        config.maxFunding = 500;
        config.minimumFundingTrade = 100e12;
    }

    /// A plain report of every underlying.
    function _reportAll() internal {
        for (uint256 lane; lane < prices.length; ++lane) {
            VolatilityReport memory report = _plainReport();
            report.underlying = lane;
            report.spot = _spot(lane);
            _fillSlice(report, 0, 7 days, 1_000, 5, 0.62e12);
            _fillSlice(report, 1, 30 days, 4_000, 5, 0.6e12);
            _fillSlice(report, 2, 180 days, 25_000, 5, 0.58e12);
            _report(report);
        }
    }

    /// Prices, a risk state and volatilities of now, however long the log has rested.
    function _refreshFacts() internal {
        _tick();
        if (observationLog.index() == riskIndex) _tick(); // the first one was a new base
        _acceptRiskState(_volatilities(10_000));
        _reportAll();
    }

    /// A risk state one hour on.
    function _acceptState(uint256 volatilities, uint256[6] memory correlations) internal {
        _tick();
        riskIndex = observationLog.index();
        uint256[] memory statement = _covarianceWords(volatilities);
        for (uint256 i; i < 6; ++i) {
            statement[Protocol.COVARIANCE_CORRELATIONS_OFFSET + i] = correlations[i];
        }
        oracle.accept(riskIndex, statement, 1, _anyProof());
    }

    /// {ppt of a dollar} of the present price
    function _spot(uint256 lane) internal view returns (uint256) {
        return uint256(int256(prices[lane])) * 1e4;
    }

    function _listArray(uint256 array, uint256 lane) internal {
        vm.prank(governor);
        riskArrays.listArray(array, lane);
    }

    function _listPerpetual(uint256 array) internal returns (uint256) {
        vm.prank(governor);
        return listings.listSeries(array, 0, Clearing.KIND_PERPETUAL, 0, 0);
    }

    function _listOption(uint256 array, uint256 place, uint256 kind, uint256 expiry, uint256 strike)
        internal
        returns (uint256)
    {
        vm.prank(governor);
        return listings.listSeries(array, place, kind, uint64(expiry), strike);
    }

    /// Array 0 of lane 0 with a perpetual, a call and a put; array 1 of lane 1 with a call.
    function _listSome() internal {
        uint256 expiry = vm.getBlockTimestamp() + 20 days;
        _listArray(0, 0);
        _listPerpetual(0);
        _listOption(0, 1, Clearing.KIND_CALL, expiry, _spot(0));
        _listOption(0, 2, Clearing.KIND_PUT, expiry + 30 days, _spot(0) * 9 / 10);
        _listArray(1, 1);
        _listOption(1, 15, Clearing.KIND_CALL, expiry, _spot(1) * 11 / 10);
    }

    /// An epoch's words of an array: its facts, then values from the hash of their place.
    function _arrayWords(uint64 number, uint256 array) internal view returns (uint256[] memory statement) {
        statement = new uint256[](Protocol.RISK_ARRAY_LENGTH);
        uint256[19] memory facts = riskArrays.factsNow(array);
        for (uint256 i; i < Protocol.RISK_ARRAY_LENGTH; ++i) {
            statement[i] = i < facts.length
                ? facts[i]
                : uint256(keccak256(abi.encode(number, array, i))) % Protocol.WORD_LIMIT;
        }
    }

    /// Accepts every array of the epoch that has just begun; facts have not changed since.
    function _acceptAll(uint64 number) internal {
        uint256 arrays = riskArrays.epochAt(number).arrays;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((arrays >> array) & 1 == 1) {
                riskArrays.accept(number, array, _arrayWords(number, array), 1, _anyProof());
            }
        }
    }

    /// Another epoch, current; time goes on by its interval.
    function _nextEpoch() internal returns (uint64 number) {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        number = riskArrays.beginEpoch();
        _acceptAll(number);
    }
}
