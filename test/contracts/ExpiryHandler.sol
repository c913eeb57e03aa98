// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Order} from "../../contracts/interfaces/IExchange.sol";
import {Series} from "../../contracts/interfaces/IListings.sol";
import {ClearingHandler} from "./ClearingHandler.sol";

/// @notice Series that end while somebody holds them, often enough to say something of what they pay (H-1.3).
abstract contract ExpiryHandler is ClearingHandler {
    /// Two trade in an option that is soon over, a new one where there is none, and hours pass until it has turned into cash: by
    /// what is due to everybody (H-1.3), and nothing more when somebody asks for it.
    function expire(uint256 pair, uint256 lot, uint256 part, uint256 seed) external {
        _wake(seed | 7);
        uint256 series = _soonOver(seed / 8);
        if (!_hold(series, pair, lot)) return;
        _outlive(series, part);
        _settleAll(series);
        _count("expire");
    }

    /// Notice of a perpetual that somebody holds is given, its end comes, with an average, without one or with a dead feed, and
    /// another one takes its place (A-12).
    function endPerpetual(uint256 pair, uint256 lot, uint256 part, uint256 seed) external {
        _wake(seed | 7);
        uint256 array = seed / 8 % 2;
        uint256 series = 16 * array;
        if (!_hold(series, pair, lot)) return;
        vm.prank(governor);
        uint64 end = listings.giveNotice(series);
        _untilEnd(array, end, part, seed / 16 % 3);
        _settleAll(series);
        listings.retire(series);
        _reviveAll();
        _publish();
        while (!_answers(array)) {
            skip(INTERVAL);
            _publish();
            _observeIfDue();
        }
        _listPerpetual(array);
        _nextEpochNow();
        _count("endPerpetual");
    }

    /// @param manner 0: observations in time; 1: none; 2: and the feed is dead since the notice
    function _untilEnd(uint256 array, uint64 end, uint256 part, uint256 manner) private {
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        uint256 lane = _underlyingOf(array);
        _reviveFeeds();
        if (manner == 2) _setDead(lane, true);
        vm.warp(end - SETTLEMENT_WINDOW - EPOCH_INTERVAL);
        _publish();
        _observeIfDue();
        _beginEpoch(3, true);
        _requireDue(before, indices);
        for (uint256 k; k < 6 && manner == 0; ++k) {
            part = uint256(keccak256(abi.encode(part)));
            skip(INTERVAL);
            _jump(lane, part, 50_000);
            _publish();
            _observeIfDue();
        }
        (before, indices) = (_frame(), _indices());
        vm.warp(end + 1);
        _noteEnd(array);
        _publish();
        if (part % 2 == 0) riskArrays.endFunding(array);
        else _beginEpoch(3, true);
        _requireDue(before, indices);
        if (manner == 0) return;
        // where no average has come
        (before, indices) = (_frame(), _indices());
        vm.warp(end + 7 days + 1);
        _publish();
        _requireDue(before, indices);
    }

    /// @return held whether somebody holds some of a series, if need be by a trade
    function _hold(uint256 series, uint256 pair, uint256 lot) private returns (bool held) {
        if (house.openInterest(series) != 0) return true;
        Order[2] memory orders = _orders([pair % 2, 2 + pair / 2 % 3], series, lot, 1e6, 7);
        for (uint256 i; i < 6 && !_canTrade(orders, 7); ++i) {
            orders[0].quantity = orders[1].quantity = (orders[0].quantity + 2) / 3;
        }
        held = _tradeOnce(orders, 7);
        if (held) _count("trade");
    }

    /// What is due to everybody is what everybody gets, and then nobody holds any.
    function _settleAll(uint256 series) private {
        uint256[10][] memory expected = _frame();
        for (uint256 i; i < ACCOUNTS; ++i) {
            house.settle(accounts[i]);
        }
        _requireFrame(expected);
        assertEq(house.openInterest(series), 0, "H-1.3, A-12.2: all of a series that is over turns into cash");
    }

    /// An option that can be traded and is over within half a day; a new one where there is none.
    function _soonOver(uint256 seed) private returns (uint256 series) {
        for (uint256 k; k < 64; ++k) {
            series = (seed + k) % 64;
            uint256 expiry = listings.listing(series).expiry;
            if (listings.tradable(series) && expiry != 0 && expiry < vm.getBlockTimestamp() + 12 hours) {
                return series;
            }
        }
        series = _freePlace(seed);
        uint256 array = series / 16;
        if (!_answers(array)) _skip("no live price");
        uint256 strike = _spot(_underlyingOf(array)) * (80 + seed / 64 % 40) / 100;
        uint64 soonest = uint64(vm.getBlockTimestamp() + SETTLEMENT_WINDOW);
        vm.prank(governor);
        try listings.listSeries(array, series % 16, 1 + seed % 2, soonest, strike) {}
        catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
        _nextEpochNow();
    }

    /// As soon as there can be one, current.
    function _nextEpochNow() private {
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        if (vm.getBlockTimestamp() < _nextEpochAt()) vm.warp(_nextEpochAt());
        _publish();
        _observeIfDue();
        _beginEpoch(3, true);
        _requireDue(before, indices);
    }

    /// A place for an option, where need be that of one that nobody holds any more.
    function _freePlace(uint256 seed) private returns (uint256 series) {
        for (uint256 k; k < 9; ++k) {
            uint256 which = (seed + k) % 9;
            series = 16 * (which / 3) + 1 + which % 3;
            if (!listings.listing(series).listed) return series;
            try listings.retire(series) {
                return series;
            } catch {}
        }
        _skip("no place");
    }

    /// Prices move until a series is settled.
    function _outlive(uint256 series, uint256 part) private {
        Series memory its = listings.listing(series);
        uint256[10][] memory before = _frame();
        _reviveFeeds();
        while (!settlementPrices.isFinal(its.underlying, its.expiry)) {
            part = uint256(keccak256(abi.encode(part)));
            skip(INTERVAL);
            _jump(its.underlying, part, 50_000);
            _publish();
            _observeIfDue();
        }
        _requireDue(before, _indices());
    }
}
