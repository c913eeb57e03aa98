// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";

/// @title What is held of every series, and what it pays: settlement at expiry or at the end of a notice, funding of perpetuals
/// @notice Accounts come one by one, so a series owes or is owed in the meantime: `unsettled` is the other side of every
/// payment. When nobody holds the series any more, what is left there is what rounding took, never below 0.
/// @dev ROUNDING     Every account gets the floor of what it is owed, so pays the ceiling of what it owes.
///      TOTALITY     Nothing here reverts for what an account holds: cash that does not fit its range stays unsettled.
library SeriesBook {
    using AccountWords for uint256[10];

    /// @param held {ppm of a contract} Σ |quantity| over accounts
    /// @param unsettled {ppm of a dollar}
    struct Entry {
        uint128 held;
        int128 unsettled;
    }

    /// @param expiries {s} eight to a word of 32 bits each, so that looking for what has expired takes few reads; 0 for a
    /// perpetual, whose end the arrays know. Of series that are held
    /// @param fundingPaid {ppt of a dollar per contract} of each array's perpetual: its index when the account last paid
    struct Store {
        mapping(uint256 series => Entry) entries;
        mapping(uint256 group => uint256) expiries;
        mapping(bytes32 account => int128[4]) fundingPaid;
    }

    /// @notice One payment that is due.
    /// @param quantity {ppm of a contract} that is settled; 0 for funding
    /// @param cash {ppm of a dollar} to the account
    /// @param index {ppt of a dollar per contract} of the funding
    struct Due {
        uint256 series;
        int256 quantity;
        int256 cash;
        int256 index;
    }

    /// at most: a perpetual that has ended pays its last funding and its price
    uint256 private constant ITEMS = AccountWords.PLACES + Clearing.ARRAY_COUNT;
    uint256 private constant EXPIRY_BITS = 32;
    uint256 private constant EXPIRIES_PER_WORD = 8;
    /// {ppm} = {ppm} * {ppt} / this
    int256 private constant PPT = int256(Clearing.PPT);

    /// @notice Keeps a series' expiry, before anyone holds it.
    /// @param expiry {s} below 2³², 0 for a perpetual
    function note(Store storage store, uint256 series, uint256 expiry) internal {
        if (expiryOf(store, series) == expiry) return;
        uint256 shift = EXPIRY_BITS * (series % EXPIRIES_PER_WORD);
        uint256 word = store.expiries[series / EXPIRIES_PER_WORD];
        uint256 mask = (1 << EXPIRY_BITS) - 1;
        store.expiries[series / EXPIRIES_PER_WORD] = (word & ~(mask << shift)) | (expiry << shift);
    }

    function expiryOf(Store storage store, uint256 series) internal view returns (uint256) {
        return
            uint32(store.expiries[series / EXPIRIES_PER_WORD] >> (EXPIRY_BITS * (series % EXPIRIES_PER_WORD)));
    }

    /// @notice Changes what an account holds of a series, whose funding it has paid.
    /// @return grown {ppm of a contract} magnitude of what it then holds, where that is more than before, else 0
    function change(
        Store storage store,
        IRiskArrays arrays,
        bytes32 account,
        uint256[10] memory words,
        uint256 series,
        int256 quantity
    ) internal returns (uint256 grown) {
        int256 counted = _add(store, arrays, account, words, series, quantity);
        _count(store, series, counted);
        if (counted > 0) grown = _magnitude(words.quantityOf(series));
    }

    /// @notice Moves part / whole of every position from one account to another, which both have paid their funding.
    /// @param part at most whole, which is below 2¹²⁸
    function move(
        Store storage store,
        IRiskArrays arrays,
        uint256[10] memory giving,
        bytes32 to,
        uint256[10] memory taking,
        uint256 part,
        uint256 whole,
        Math.Rounding rounding
    ) internal {
        int256[16] memory parts;
        uint256 count;
        for (; count < AccountWords.PLACES; ++count) {
            (bool held, uint256 series, int256 quantity) = giving.positionAt(count);
            if (!held) break;
            quantity = shareOf(quantity, part, whole, rounding);
            parts[count] = quantity;
            if (quantity != 0) _receive(store, arrays, to, taking, series, quantity);
        }
        // from the last place down: emptying one moves those after it
        for (; count != 0; --count) {
            (, uint256 series,) = giving.positionAt(count - 1);
            giving.addQuantity(series, -parts[count - 1]);
        }
    }

    /// @notice part / whole of an amount, rounded toward zero (Trunc) or down (Floor).
    /// @dev 62 and 128 bits.
    function shareOf(int256 amount, uint256 part, uint256 whole, Math.Rounding rounding)
        internal
        pure
        returns (int256 moved)
    {
        int256 product = amount * int256(part);
        moved = product / int256(whole);
        if (rounding == Math.Rounding.Floor && product % int256(whole) < 0) --moved;
    }

    /// @notice Whether anything may be due to an account: without looking at what it holds.
    function isDue(IRiskArrays arrays, uint256[10] memory words) internal view returns (bool) {
        uint256 expiry = words.nextExpiry();
        if (expiry != 0 && block.timestamp >= expiry) return true;
        uint256 epoch = words.fundingEpoch();
        if (epoch == 0) return false;
        (uint256 current, uint256 ended) = arrays.fundingState();
        return epoch != current || ended != 0;
    }

    /// @notice Arrays in which an account holds something, and whose perpetual's end is not booked: bit a for array a.
    function toEnd(IRiskArrays arrays, uint256[10] memory words) internal view returns (uint256) {
        return arrays.fundingsToEnd() & words.arraysHeld();
    }

    /// @notice Brings words to where nothing is due.
    /// @return items what was due
    /// @return count of them
    function collect(Store storage store, IRiskArrays arrays, bytes32 account, uint256[10] memory words)
        internal
        view
        returns (Due[] memory items, uint256 count)
    {
        if (!isDue(arrays, words)) return (items, 0);
        items = new Due[](ITEMS);
        uint256 next;
        bool perpetual;
        // from the last place down: settling one moves those after it
        for (uint256 left = AccountWords.PLACES; left != 0; --left) {
            (, uint256 series, int256 quantity) = words.positionAt(left - 1);
            // a place without a position
            if (quantity == 0) continue;
            uint256 expiry = expiryOf(store, series);
            Due memory item = items[count];
            if (expiry == 0 && _funding(store, arrays, account, series, quantity, item)) {
                _apply(words, item, series);
                item = items[++count];
            }
            if (_isOver(arrays, series, expiry) && _settlement(arrays, series, quantity, item)) {
                words.addQuantity(series, -quantity);
                _apply(words, item, series);
                ++count;
            } else if (expiry == 0) {
                perpetual = true;
            } else if (next == 0 || expiry < next) {
                next = expiry;
            }
        }
        words.setDue(next, perpetual ? arrays.currentNumber() : 0);
    }

    /// @return whether a series has expired, or the last funding of a perpetual is booked
    function _isOver(IRiskArrays arrays, uint256 series, uint256 expiry) private view returns (bool) {
        if (expiry != 0) return block.timestamp >= expiry;
        (, uint256 ended) = arrays.fundingState();
        return (ended >> (series / Clearing.SERIES_PER_ARRAY)) & 1 == 1;
    }

    function _apply(uint256[10] memory words, Due memory item, uint256 series) private pure {
        item.series = series;
        item.cash = words.addCashClamped(item.cash);
    }

    function _setPaid(Store storage store, bytes32 account, uint256 series, int256 index) private {
        // RiskArrays keeps an index within 96 bits
        store.fundingPaid[account][series / Clearing.SERIES_PER_ARRAY] = int128(index);
    }

    /// @return whether there is any
    function _funding(
        Store storage store,
        IRiskArrays arrays,
        bytes32 account,
        uint256 series,
        int256 quantity,
        Due memory item
    ) private view returns (bool) {
        item.index = arrays.fundingIndex(series);
        int256 since = item.index - store.fundingPaid[account][series / Clearing.SERIES_PER_ARRAY];
        // the item may have been that of an expired series that is not final
        (item.quantity, item.cash) = (0, _floor(-quantity * since));
        return since != 0;
    }

    /// @return isFinal whether the price of an expired series is known
    function _settlement(IRiskArrays arrays, uint256 series, int256 quantity, Due memory item)
        private
        view
        returns (bool isFinal)
    {
        uint256 payoff;
        (isFinal, payoff) = arrays.listings().payoff(series);
        (item.quantity, item.cash) = (quantity, _floor(quantity * int256(payoff)));
    }

    /// @notice The same, and writes what it takes.
    function settle(Store storage store, IRiskArrays arrays, bytes32 account, uint256[10] memory words)
        internal
    {
        (Due[] memory items, uint256 count) = collect(store, arrays, account, words);
        for (uint256 i; i < count; ++i) {
            Due memory item = items[i];
            Entry storage entry = store.entries[item.series];
            // cash of accounts has 63 bits
            entry.unsettled -= int128(item.cash);
            if (item.quantity == 0) {
                _setPaid(store, account, item.series, item.index);
                emit IClearingHouse.FundingPaid(account, item.series, item.cash);
            } else {
                entry.held -= uint128(_magnitude(item.quantity));
                emit IClearingHouse.Settled(account, item.series, item.quantity, item.cash);
            }
        }
    }

    /// @notice Takes what is left of a series that nobody holds; 0 of one that somebody does.
    function sweep(Store storage store, uint256 series) internal returns (int256 dust) {
        Entry storage entry = store.entries[series];
        if (entry.held != 0) return 0;
        dust = entry.unsettled;
        if (dust != 0) entry.unsettled = 0;
    }

    /// @return counted {ppm of a contract} change of the quantity's magnitude
    function _add(
        Store storage store,
        IRiskArrays arrays,
        bytes32 account,
        uint256[10] memory words,
        uint256 series,
        int256 quantity
    ) private returns (int256 counted) {
        (int256 before, int256 afterwards) = words.addQuantity(series, quantity);
        if (before == 0 && afterwards != 0) {
            uint256 expiry = expiryOf(store, series);
            uint256 next = words.nextExpiry();
            if (expiry == 0) {
                _setPaid(store, account, series, arrays.fundingIndex(series));
                words.setDue(next, arrays.currentNumber());
            } else if (next == 0 || expiry < next) {
                words.setDue(expiry, words.fundingEpoch());
            }
        }
        // magnitudes have 62 bits
        return int256(_magnitude(afterwards)) - int256(_magnitude(before));
    }

    /// @dev What one account holds less another holds more, unless it held some of the other side.
    function _receive(
        Store storage store,
        IRiskArrays arrays,
        bytes32 to,
        uint256[10] memory taking,
        uint256 series,
        int256 part
    ) private {
        int256 counted = _add(store, arrays, to, taking, series, part);
        _count(store, series, counted - int256(_magnitude(part)));
    }

    function _count(Store storage store, uint256 series, int256 change_) private {
        if (change_ == 0) return;
        Entry storage entry = store.entries[series];
        // what an account holds is counted in
        entry.held = uint128(uint256(int256(uint256(entry.held)) + change_));
    }

    /// @dev a / 10¹², rounded toward minus infinity.
    function _floor(int256 a) private pure returns (int256 quotient) {
        quotient = a / PPT;
        if (a % PPT < 0) --quotient;
    }

    function _magnitude(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
