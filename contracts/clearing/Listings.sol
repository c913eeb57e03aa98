// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IListings, IOpenInterest, Series} from "../interfaces/IListings.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {ISettlementPrices} from "../interfaces/ISettlementPrices.sol";
import {IVolatilityLog} from "../interfaces/IVolatilityLog.sol";
import {ArrayWords, SeriesTerms} from "../libraries/ArrayWords.sol";

/// @title Which series stand in which places, and what each pays in the end
///
/// ASSUMPTIONS  Of risk arrays: which epochs there are, spots and underlyings. Settlement prices never change once final. The
///              volatility log vouches for what it returns.
/// LIVENESS     Anyone empties the place of a series that is over. Nothing here holds up an epoch, a settlement or a liquidation.
/// ROUNDING     None: prices are settled as SettlementPrices rounds them.
/// ROLES        Governor, the arrays': puts series into empty places, and gives notice to perpetuals. If malicious, it fills the
///              places with series nobody wants, lists none, or ends perpetuals that are in use: their holders have the notice to
///              leave, and are settled by the rule of options, not by the governor. It changes no option and takes no notice back.
contract Listings is IListings {
    uint256 private constant SERIES_COUNT = Clearing.ARRAY_COUNT * Clearing.SERIES_PER_ARRAY;
    /// {s} from a listing to its expiry; pricing covers 1,553 days
    uint256 private constant MAX_TENOR = 400 days;
    /// Strikes are listed within this factor of the spot; pricing covers 2¹⁰ of the forward
    uint256 private constant MAX_STRIKE_RATIO = 8;
    /// {s}
    uint64 private constant NOTICE = 7 days;
    /// {s} where the array has been halted for longer than that
    uint64 private constant HALTED_NOTICE = 1 days;
    /// {s} after which the spot at which a perpetual has ended is what its feed died with
    uint64 private constant SPOT_LIFE = 1 days;
    int256 private constant MAXIMUM_BASIS = int256(Clearing.MAXIMUM_BASIS);
    uint256 private constant QUAD_LIMIT = 1 << (Protocol.LANE_BITS * Clearing.QUAD_LANES);

    IRiskArrays public immutable arrays;
    address public immutable governor;
    ISettlementPrices private immutable settlementPrices;
    IVolatilityLog private immutable volatilityLog;

    /// bit s is set where series s is listed
    uint64 private listedSeries;
    Series[64] private stored;

    constructor(IRiskArrays arrays_) {
        require(address(arrays_) != address(0), AddressZero());
        require(address(arrays_.listings()) == address(this), ArraysDiffer(address(arrays_.listings())));
        (arrays, governor) = (arrays_, arrays_.governor());
        (settlementPrices, volatilityLog) = (arrays_.settlementPrices(), arrays_.volatilityLog());
    }

    // --- listing

    /// @inheritdoc IListings
    function listSeries(uint256 array, uint256 place, uint256 kind, uint64 expiry, uint256 strike)
        external
        returns (uint256 series)
    {
        require(msg.sender == governor, NotGovernor(msg.sender));
        uint256 spot = arrays.spotNow(array);
        uint256 underlying = arrays.underlying(array);
        require(place < Clearing.SERIES_PER_ARRAY, PlaceUnknown(place));
        series = array * Clearing.SERIES_PER_ARRAY + place;
        require(!stored[series].listed, PlaceTaken(series));

        uint256 expirySlot;
        if (kind == Clearing.KIND_PERPETUAL) {
            require(place == 0 && expiry == 0 && strike == 0, PerpetualMalformed(place, expiry, strike));
            arrays.setFundingEnd(array, type(uint64).max);
        } else {
            require(kind == Clearing.KIND_CALL || kind == Clearing.KIND_PUT, KindUnknown(kind));
            // the whole averaging window is still to come
            (uint256 earliest, uint256 last) =
                (block.timestamp + settlementPrices.window(), block.timestamp + MAX_TENOR);
            require(expiry >= earliest && expiry <= last, ExpiryOutOfBounds(expiry, earliest, last));
            (uint256 lowest, uint256 highest) =
                (Math.ceilDiv(spot, MAX_STRIKE_RATIO), Math.min(spot * MAX_STRIKE_RATIO, QUAD_LIMIT - 1));
            require(strike >= lowest && strike <= highest, StrikeOutOfBounds(strike, lowest, highest));
            expirySlot = _expirySlot(array, underlying, expiry);
        }

        uint64 firstEpoch = arrays.latestNumber() + 1;
        // orders for the one that stood here before name another: before it was traded an epoch had to begin
        if (kind == Clearing.KIND_PERPETUAL) strike = firstEpoch;
        stored[series] = Series({
            listed: true,
            kind: uint8(kind),
            expirySlot: uint8(expirySlot),
            underlying: uint8(underlying),
            firstEpoch: firstEpoch,
            expiry: expiry,
            strike: uint96(strike)
        });
        listedSeries |= uint64(1 << series);
        emit SeriesListed(series, kind, expirySlot, expiry, strike, firstEpoch);
    }

    /// @inheritdoc IListings
    function giveNotice(uint256 series) external returns (uint64 end) {
        require(msg.sender == governor, NotGovernor(msg.sender));
        Series memory old = listing(series);
        require(old.listed, SeriesNotListed(series));
        require(old.kind == Clearing.KIND_PERPETUAL, SeriesNotPerpetual(series));
        require(old.expiry == 0, NoticeAlreadyGiven(series, old.expiry));
        uint256 array = series / Clearing.SERIES_PER_ARRAY;
        uint64 since = arrays.haltedSince(array);
        bool isHalted = since != 0 && block.timestamp > since + HALTED_NOTICE;
        end = uint64(block.timestamp) + (isHalted ? HALTED_NOTICE : NOTICE);
        stored[series].expiry = end;
        arrays.setFundingEnd(array, end);
        emit NoticeGiven(series, end);
    }

    /// @inheritdoc IListings
    function retire(uint256 series) external {
        Series memory old = listing(series);
        require(old.listed, SeriesNotListed(series));
        require(old.expiry != 0 && block.timestamp > old.expiry, SeriesNotExpired(series, old.expiry));
        (bool isFinal,) = payoff(series);
        require(isFinal, SeriesNotSettled(series));
        address house = arrays.house();
        if (house != address(0)) {
            uint256 openInterest = IOpenInterest(house).openInterest(series);
            require(openInterest == 0, SeriesHeld(series, openInterest));
        }
        delete stored[series];
        listedSeries &= ~uint64(1 << series);
        if (old.kind == Clearing.KIND_PERPETUAL) arrays.setFundingEnd(series / Clearing.SERIES_PER_ARRAY, 0);
        emit SeriesRetired(series);
    }

    // --- views

    /// @inheritdoc IListings
    function listing(uint256 series) public view returns (Series memory none) {
        return series < SERIES_COUNT ? stored[series] : none;
    }

    /// @inheritdoc IListings
    function tradable(uint256 series) external view returns (bool) {
        Series memory found = listing(series);
        return found.listed && arrays.currentNumber() >= found.firstEpoch
            && (found.expiry == 0 || block.timestamp < found.expiry);
    }

    /// @inheritdoc IListings
    function termsOf(uint256 array)
        external
        view
        returns (bool listed, bool areOld, uint256[16] memory terms)
    {
        uint256 inArray = uint16(listedSeries >> (array * Clearing.SERIES_PER_ARRAY));
        listed = inArray != 0;
        uint256 count;
        uint256[16] memory places;
        SeriesTerms[16] memory options;
        uint64[] memory expiries = new uint64[](Clearing.SERIES_PER_ARRAY);
        uint256[] memory strikes = new uint256[](Clearing.SERIES_PER_ARRAY);
        for (uint256 place; inArray >> place != 0; ++place) {
            if ((inArray >> place) & 1 == 0) continue;
            Series memory found = stored[array * Clearing.SERIES_PER_ARRAY + place];
            if (found.kind == Clearing.KIND_PERPETUAL) continue;
            (places[count], expiries[count], strikes[count]) = (place, found.expiry, found.strike);
            SeriesTerms memory option = options[count];
            (option.kind, option.expirySlot, option.strike) = (found.kind, found.expirySlot, found.strike);
            uint256 left = found.expiry > block.timestamp ? found.expiry - block.timestamp : 0;
            option.secondsToExpiry = Math.max(left, Clearing.MINIMUM_SECONDS);
            ++count;
        }
        if (count == 0) return (listed, false, terms);
        assembly ("memory-safe") {
            // only shorter
            mstore(expiries, count)
            mstore(strikes, count)
        }

        uint256 lane = arrays.underlying(array);
        (uint64 observedAt,) = volatilityLog.latest(lane);
        areOld = block.timestamp > observedAt + volatilityLog.maxAge();
        // before the first report there is none: nobody has held one
        if (observedAt == 0) return (listed, areOld, terms);
        (uint256[] memory volatilities, int256[] memory bases,) =
            volatilityLog.lastVolatilities(lane, expiries, strikes);
        for (uint256 i; i < count; ++i) {
            // what a report may say and pricing does not cover must not hold up an epoch: it counts as the bound
            options[i].volatility = Math.min(Math.max(volatilities[i], 1), Clearing.MAXIMUM_VOLATILITY);
            options[i].basis = SignedMath.min(SignedMath.max(bases[i], -MAXIMUM_BASIS), MAXIMUM_BASIS);
            terms[places[i]] = ArrayWords.packTerms(options[i]);
        }
    }

    /// @inheritdoc IListings
    function payoff(uint256 series) public view returns (bool, uint256) {
        Series memory found = listing(series);
        bool isPerpetual = found.kind == Clearing.KIND_PERPETUAL;
        if (isPerpetual) {
            (bool settles, bool isOver, uint256 spot) = _endSpot(series, found);
            if (settles) return (isOver, spot);
        }
        if (!settlementPrices.isFinal(found.underlying, found.expiry)) return (false, 0);
        uint256 price = settlementPrices.settlementPrice(found.underlying, found.expiry);
        if (isPerpetual) return (true, price);
        if (found.kind == Clearing.KIND_CALL) return (true, price > found.strike ? price - found.strike : 0);
        return (true, price < found.strike ? found.strike - price : 0);
    }

    // --- private

    /// @dev A-12. The average decides where there is one of `minimumCount` observations; it cannot come about any more once fewer
    /// are settled for.
    /// @return settles whether the spot does and not the average
    /// @return isFinal whether that is known
    function _endSpot(uint256 series, Series memory perpetual)
        private
        view
        returns (bool settles, bool isFinal, uint256 spot)
    {
        uint64 time;
        (isFinal, spot, time) = arrays.endOf(series / Clearing.SERIES_PER_ARRAY);
        if (!isFinal) return (true, false, 0);
        if (time + SPOT_LIFE < perpetual.expiry) return (true, true, spot);
        (uint256 count,) = settlementPrices.recorded(perpetual.underlying, perpetual.expiry);
        if (count >= settlementPrices.minimumCount()) return (false, false, 0);
        return (true, block.timestamp > perpetual.expiry + settlementPrices.patience(), spot);
    }

    /// @dev The slot of an expiry in all arrays of its underlying, or the lowest one free. Margin nets deltas by slot over all
    /// of them (G-7): two expiries in one slot would pay no basis charge against each other.
    function _expirySlot(uint256 array, uint256 underlying, uint64 expiry) private view returns (uint256) {
        uint256 taken = 1; // slot 0 is for perpetuals
        for (uint256 series; series < SERIES_COUNT; ++series) {
            Series memory other = stored[series];
            if (!other.listed || other.underlying != underlying) continue;
            // the end of a notice is no expiry of an option
            if (other.kind == Clearing.KIND_PERPETUAL) continue;
            if (other.expiry == expiry) return other.expirySlot;
            taken |= 1 << other.expirySlot;
        }
        for (uint256 slot = 1; slot < Clearing.EXPIRY_SLOTS; ++slot) {
            if ((taken >> slot) & 1 == 0) return slot;
        }
        revert ExpirySlotsTaken(array);
    }
}
