// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IDeskAuctions, OptionMark, Protection} from "../interfaces/IDeskAuctions.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {ArrayWords, SeriesTerms} from "../libraries/ArrayWords.sol";

/// @title Options of a desk: what they are worth between epochs, and how many bring gamma and vega to what is asked
/// @notice Marks and greeks are the proven ones of the current epoch (B-6, B-8), kept for each series once somebody has shown the
/// array's words. Between epochs a mark moves with its delta.
/// @dev ROUNDING     Marks down, what they may be off by up, quantities down.
library DeskOptions {
    using AccountWords for uint256[10];
    using ArrayWords for uint256[];

    uint256 private constant PPM = Protocol.PPM;
    uint256 private constant PPT = Clearing.PPT;
    /// {1} points of volatility that a mark may be off by while an auction runs
    uint256 private constant AUCTION_POINTS = 2;
    /// {1} and while somebody buys units: reports are hours old
    uint256 private constant ENTRY_POINTS = 10;
    /// {ppm} of the mark: half of it is what the cheapest option may be traded away from it
    uint256 private constant LARGEST_RANGE = 500_000;
    /// {s} what is bought expires at least so much later
    uint256 private constant LEAST_TENOR = 7 days;
    /// {ppm} of what is asked: nothing is traded for less
    uint256 private constant BAND = 100_000;
    /// {1} a sale that leaves less than this part of itself leaves nothing
    uint256 private constant DUST = 1000;
    /// {1} options of an account: the places left are those of the perpetuals that hedge them
    uint256 private constant MOST_OPTIONS = AccountWords.PLACES - Clearing.ARRAY_COUNT;
    /// {s} of a budget of premiums. They begin at fixed times: within 30 days about such a time two budgets may be spent
    uint256 private constant PERIOD = 30 days;
    /// {ppm} G-8: S Σ Q γ f / 10³² and S Σ Q vega / 10²⁴
    uint256 private constant GAMMA_UNIT = 1e32;
    uint256 private constant VEGA_UNIT = 1e24;

    struct Store {
        mapping(uint256 series => OptionMark) marks;
        Protection asked;
        Protection next;
        uint64 nextReadyAt;
        /// {1} periods since 1970
        uint64 period;
        /// {ppm of a dollar} paid for options in it
        uint128 spent;
    }

    /// @notice Of an account's options of one lane, and of one series.
    /// @param gamma {ppm of a dollar per 1 % and 1 %}
    /// @param vega {ppm of a dollar per point}
    /// @param gammaOf {10⁻³² of gamma's unit} of one ppm of a contract
    /// @param vegaOf {10⁻²⁴ of vega's unit} of one ppm of a contract
    struct Greeks {
        int256 gamma;
        int256 vega;
        uint256 gammaOf;
        uint256 vegaOf;
    }

    // --- marks

    /// @notice Keeps what the current epoch's proven words say of an array's places.
    /// @param places bit k for place k
    function keep(
        Store storage store,
        IRiskArrays arrays,
        uint256 array,
        uint256 places,
        uint256[] calldata words
    ) internal {
        uint64 epoch = arrays.currentNumber();
        bytes32 proven = arrays.wordsHash(epoch, array);
        require(proven != 0 && words.hash() == proven, IDeskAuctions.WordsDiffer(array));
        for (uint256 place; place < Clearing.SERIES_PER_ARRAY; ++place) {
            if ((places >> place) & 1 == 0) continue;
            uint256 series = array * Clearing.SERIES_PER_ARRAY + place;
            SeriesTerms memory terms = words.terms(place);
            require(terms.kind != Clearing.KIND_PERPETUAL, IDeskAuctions.SeriesNotTraded(series));
            store.marks[series] = _markOf(epoch, words, place, terms);
            emit IDeskAuctions.OptionMarked(series, epoch, store.marks[series]);
        }
    }

    function _markOf(uint64 epoch, uint256[] calldata words, uint256 place, SeriesTerms memory terms)
        private
        pure
        returns (OptionMark memory mark)
    {
        uint256 spot = words.spot();
        int256 forward = int256(PPM) + terms.basis;
        // {10⁻²⁴ dollar} G-5: call + K − F of a put, K exact
        int256 worth = int256(spot) * words.mark(place);
        if (terms.kind == Clearing.KIND_PUT) {
            worth += int256(PPT) * int256(terms.strike) - int256(spot) * int256(PPM) * forward;
        }
        mark.epoch = uint32(epoch);
        mark.spot = uint96(spot);
        // below 2⁸⁵; rounding may leave one that is worth nothing a ppt below 0
        mark.price = worth > 0 ? uint96(uint256(worth) / PPT) : 0;
        // pairs of 42 bits, delta and gamma with the forward's {ppm}
        mark.delta = int64(words.figureOf(place, Clearing.FIGURE_DELTA) * forward / int256(PPM));
        mark.gamma = int64(words.figureOf(place, Clearing.FIGURE_GAMMA) * forward / int256(PPM));
        mark.vega = int64(words.figureOf(place, Clearing.FIGURE_VEGA));
        mark.errorBound = uint64(uint256(words.errorBound(place)));
    }

    /// @notice The mark of the current epoch, or OptionNotMarked.
    function current(Store storage store, IRiskArrays arrays, uint256 series)
        internal
        view
        returns (OptionMark memory mark)
    {
        mark = store.marks[series];
        require(
            mark.epoch != 0 && mark.epoch == arrays.currentNumber(), IDeskAuctions.OptionNotMarked(series)
        );
    }

    /// @notice {ppt of a dollar per contract} the mark at the live spot: it moves with its delta.
    function priceAt(OptionMark memory mark, uint256 spot) internal pure returns (uint256) {
        int256 price = int256(uint256(mark.price)) + mark.delta * (int256(spot) - int256(uint256(mark.spot)))
            / int256(PPT);
        return price > 0 ? uint256(price) : 0;
    }

    /// @notice {ppt of a dollar per contract} what `priceAt` may be off by: the range of the underlying, volatility, curvature
    /// since the epoch, and the proven error.
    /// @param range {ppm} of the underlying
    function widthAt(OptionMark memory mark, uint256 spot, uint256 range, uint256 points)
        internal
        pure
        returns (uint256)
    {
        uint256 base = mark.spot;
        uint256 delta = uint256(uint64(mark.delta < 0 ? -mark.delta : mark.delta));
        uint256 vega = mark.vega > 0 ? uint256(uint64(mark.vega)) : 0;
        uint256 gamma = mark.gamma > 0 ? uint256(uint64(mark.gamma)) : 0;
        // {ppm} of the epoch's spot
        uint256 moved = Math.ceilDiv((spot > base ? spot - base : base - spot) * PPM, base);
        // {ppt of spot}: twice the second term of gamma, which is per 1 %
        uint256 wide =
            delta * range / PPM + vega * points + gamma * moved * moved / (PPM * PPM / 100) + mark.errorBound;
        return Math.ceilDiv(wide * base, PPT);
    }

    /// @notice {ppm} half the range of an option's auction, of its mark.
    function rangeOf(OptionMark memory mark, uint256 range) internal pure returns (uint256) {
        if (mark.price == 0) return LARGEST_RANGE;
        uint256 width = widthAt(mark, mark.spot, range, AUCTION_POINTS);
        return Math.min(Math.ceilDiv(width * PPM, mark.price), LARGEST_RANGE);
    }

    /// @notice What one contract is worth to whoever prices units.
    /// @param range {ppm} of the underlying, with what trading costs
    /// @return price {ppt of a dollar}
    /// @return width {ppt of a dollar}
    /// @return delta {ppt of a contract}
    function valueAt(Store storage store, IRiskArrays arrays, uint256 series, uint256 spot, uint256 range)
        internal
        view
        returns (uint256 price, uint256 width, int256 delta)
    {
        OptionMark memory mark = current(store, arrays, series);
        (price, delta) = (priceAt(mark, spot), mark.delta);
        width = widthAt(mark, spot, range, ENTRY_POINTS) + settlingWidth(arrays, series, spot);
    }

    /// @notice {ppt of a dollar per contract} the price range, from the start of a series' settlement window on: part of what it
    /// will pay is known, and no mark knows it. 0 before, and of a perpetual without notice.
    function settlingWidth(IRiskArrays arrays, uint256 series, uint256 spot) internal view returns (uint256) {
        uint256 expiry = arrays.listings().listing(series).expiry;
        if (expiry == 0 || block.timestamp + arrays.settlementPrices().window() < expiry) return 0;
        uint256 array = series / Clearing.SERIES_PER_ARRAY;
        uint256 step = arrays.epochAt(arrays.currentNumber()).steps[array];
        return Math.ceilDiv(Clearing.SPOT_STEPS * step * spot, PPM);
    }

    // --- what is asked

    /// @notice D-12: how many contracts bring gamma and vega of a lane to what is asked, without passing either.
    /// @param words of the account
    /// @param exposed {ppm of a dollar} of the lane, for all units
    /// @return buying whether both are below
    /// @return gap {ppm of a contract} 0 where one is above and the other below, and of what is not held where both are above
    /// @return band {ppm of a contract} within which nothing is opened
    function gapOf(
        Store storage store,
        IRiskArrays arrays,
        uint256[10] memory words,
        uint256 series,
        uint256 lane,
        uint256 exposed
    ) internal view returns (bool buying, uint256 gap, uint256 band) {
        Greeks memory greeks = _greeks(store, arrays, words, lane);
        {
            OptionMark memory mark = current(store, arrays, series);
            require(mark.gamma > 0 && mark.vega > 0, IDeskAuctions.SeriesNotTraded(series));
            greeks.gammaOf = uint256(mark.spot) * uint256(uint64(mark.gamma)) * PPM;
            greeks.vegaOf = uint256(mark.spot) * uint256(uint64(mark.vega));
        }
        // the exposure's delta for 1 % is a hundredth of it
        (int256 gamma, int256 vega) =
            (int256(exposed * store.asked.gamma / (100 * PPM)), int256(exposed * store.asked.vega / PPM));
        (int256 gammaLacks, int256 vegaLacks) = (gamma - greeks.gamma, vega - greeks.vega);
        buying = gammaLacks > 0 && vegaLacks > 0;
        if (!buying && (gammaLacks >= 0 || vegaLacks >= 0)) return (false, 0, 0);
        band = _contracts(greeks, gamma, vega) * BAND / PPM;
        gap = _contracts(greeks, gammaLacks, vegaLacks);
        if (buying) {
            uint256 expiry = arrays.listings().listing(series).expiry;
            require(block.timestamp + LEAST_TENOR < expiry, IDeskAuctions.SeriesNotTraded(series));
            _requirePlace(words, series);
        } else {
            // nothing is ever sold short, and no dust is left that would have to be marked in every epoch
            uint256 held = _magnitude(words.quantityOf(series));
            if (gap + gap / DUST >= held) gap = held;
        }
    }

    /// @dev D-12: or it is held.
    function _requirePlace(uint256[10] memory words, uint256 series) private pure {
        if (words.quantityOf(series) != 0) return;
        uint256 count;
        for (uint256 place; place < AccountWords.PLACES; ++place) {
            (bool held, uint256 other,) = words.positionAt(place);
            if (!held) break;
            if (other % Clearing.SERIES_PER_ARRAY != 0) ++count;
        }
        require(count < MOST_OPTIONS, IDeskAuctions.OptionPlacesTaken(count));
    }

    /// @dev {ppm of a contract} that bring both to what is lacking, without passing either; rounded down.
    function _contracts(Greeks memory greeks, int256 gamma, int256 vega) private pure returns (uint256) {
        return Math.min(
            Math.mulDiv(_magnitude(gamma), GAMMA_UNIT, greeks.gammaOf),
            Math.mulDiv(_magnitude(vega), VEGA_UNIT, greeks.vegaOf)
        );
    }

    /// @dev G-8 of the account's options of a lane.
    function _greeks(Store storage store, IRiskArrays arrays, uint256[10] memory words, uint256 lane)
        private
        view
        returns (Greeks memory greeks)
    {
        for (uint256 place; place < AccountWords.PLACES; ++place) {
            (bool held, uint256 series, int256 quantity) = words.positionAt(place);
            if (!held) break;
            if (series % Clearing.SERIES_PER_ARRAY == 0) continue;
            if (arrays.underlying(series / Clearing.SERIES_PER_ARRAY) != lane) continue;
            OptionMark memory mark = current(store, arrays, series);
            int256 sized = quantity * int256(uint256(mark.spot));
            greeks.gamma += sized * mark.gamma * int256(PPM);
            greeks.vega += sized * mark.vega;
        }
        greeks.gamma /= int256(GAMMA_UNIT);
        greeks.vega /= int256(VEGA_UNIT);
    }

    /// @notice Counts a premium against the budget of its period.
    /// @param cash {ppm of a dollar}
    /// @param value {ppm of a dollar} behind all units
    function spend(Store storage store, uint256 cash, uint256 value) internal {
        uint64 period = uint64(block.timestamp / PERIOD);
        if (store.period != period) (store.period, store.spent) = (period, 0);
        uint256 spent = store.spent + cash;
        uint256 budget = value * store.asked.premium / PPM;
        require(spent <= budget, IDeskAuctions.PremiumBeyondBudget(spent, budget));
        store.spent = uint128(spent);
    }

    function _magnitude(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
