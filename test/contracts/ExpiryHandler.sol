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
        if (house.openInterest(series) == 0) {
            (uint256 one, uint256 other) = (pair % 2, 2 + pair / 2 % 3);
            Order[2] memory orders = _orders([one, other], series, lot, 1e6, 7);
            for (uint256 i; i < 6 && !_canTrade(orders, 7); ++i) {
                orders[0].quantity = orders[1].quantity = (orders[0].quantity + 2) / 3;
            }
            if (!_tradeOnce(orders, 7)) return;
            _count("trade");
        }
        _outlive(series, part);
        uint256[10][] memory expected = _frame();
        for (uint256 i; i < ACCOUNTS; ++i) {
            house.settle(accounts[i]);
        }
        _requireFrame(expected);
        assertEq(house.openInterest(series), 0, "H-1.3: all of an expired series turns into cash");
        _count("expire");
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
