// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IClearingHouse, MarginProof} from "../interfaces/IClearingHouse.sol";
import {DeskAuction, IDeskAuctions, OptionMark, Protection} from "../interfaces/IDeskAuctions.sol";
import {IExchange, Side} from "../interfaces/IExchange.sol";
import {Allocation, IParityVault} from "../interfaces/IParityVault.sol";
import {Epoch, IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {IVaultDesk} from "../interfaces/IVaultDesk.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Auction} from "./Auction.sol";
import {Basket} from "./Basket.sol";
import {DeskOptions} from "./DeskOptions.sol";

/// @title What a vault's desk trades, and at which prices
/// @notice Of each lane the desk holds in perpetuals what the basket lacks of exposure · weight, or has too much: leverage, and what
/// has drifted since the last rebalance. Options it buys only up to what the vault's governor asks for, and sells only those.
///
/// ASSUMPTIONS  As of the desk. An auction's price is off the live one by no more than its range, whatever the epoch's mark is.
/// LIVENESS     Waits for an allocation of the mandate from a young risk state, an epoch, live prices and proofs. Nothing of the vault
///              waits for it.
/// ROUNDING     Prices for the desk, gaps toward 0.
/// ROLES        The vault's guardian stops an auction for a day. The vault's governor asks for gamma and vega within bounds, after the
///              vault's delay; if malicious, the vault pays the budget of premiums, 5 % of its value in a period of 30 days and twice
///              that about the end of one at most, for options at their marks, and trades them within their ranges.
contract DeskAuctions is IDeskAuctions, ReentrancyGuardTransient {
    using DeskOptions for DeskOptions.Store;
    using Lanes for uint256;
    using SafeCast for uint256;

    uint256 private constant PPM = Protocol.PPM;
    uint256 private constant PPT = Clearing.PPT;
    /// {D18 / ppm of a dollar}
    uint256 private constant D18_PER_PPM = 1e12;
    /// {1} fills of an auction, at most
    uint256 private constant PARTS = 20;
    /// {s} for which a stop by the guardian blocks a series
    uint64 public constant STOP_DURATION = 1 days;

    IParityVault public immutable vault;
    IVaultDesk public immutable desk;
    IClearingHouse public immutable house;
    uint64 public immutable warmUp;
    uint64 public immutable auctionLength;
    uint256 public immutable leastCost;
    IRiskArrays private immutable arrays;
    /// {D18} √(auctionLength / observationInterval)
    uint256 private immutable rootLength;

    mapping(uint256 series => DeskAuction) private auctions;
    DeskOptions.Store private options;
    mapping(uint256 series => uint256) private blockedUntil;
    /// {s} of the auction that ends last, were none stopped
    uint256 private lastEnd;

    /// @notice What the vault's mandate and allocation ask of its desk now.
    /// @param value {ppm of a dollar} of the vault, its part of the desk included
    /// @param supply {unit units}
    /// @param held {unit units} by the vault
    struct Due {
        Allocation latest;
        uint256 terms;
        uint256 value;
        uint256 supply;
        uint256 held;
    }

    /// @notice What is lacking of a series, or too much.
    /// @param lane of the vault
    /// @param size {ppm of a contract}
    /// @param band {ppm of a contract} within which no auction opens
    /// @param most {ppm of a contract} of an auction
    struct Gap {
        uint256 lane;
        bool buying;
        uint256 size;
        uint256 band;
        uint256 most;
    }

    /// @param vault_ names its desk, which is made after this
    /// @param warmUp_ {s} from the opening of an auction to its first fill
    /// @param auctionLength_ {s} from the first fill to the last
    /// @param leastCost_ {ppm} at least what the sources' prices may be off by, and what the house's largest funding brings while an
    /// epoch may be leant on
    constructor(
        IParityVault vault_,
        IClearingHouse house_,
        uint64 warmUp_,
        uint64 auctionLength_,
        uint256 leastCost_
    ) {
        (vault, desk, house, arrays) = (vault_, vault_.desk(), house_, house_.arrays());
        require(address(desk) != address(0), VaultWithoutDesk());
        require(address(vault.riskState()) == address(arrays.oracle()), RiskStateDiffers());
        _requireBounds("warmUp", warmUp_, 1 minutes, 1 days);
        _requireBounds("auctionLength", auctionLength_, 10 minutes, 7 days);
        _requireBounds("leastCost", leastCost_, 5_000, 200_000);
        (warmUp, auctionLength, leastCost) = (warmUp_, auctionLength_, leastCost_);
        rootLength = Math.sqrt(uint256(auctionLength_) * 1e36 / vault.observationInterval());
    }

    // --- auctions

    /// @inheritdoc IDeskAuctions
    function open(uint256 series) external nonReentrant {
        _requireCalm(series);
        uint256 endTime = auctions[series].endTime;
        require(block.timestamp >= endTime, AuctionRunning(endTime));
        uint256 until = Math.max(blockedUntil[series], vault.blockedUntil());
        require(block.timestamp >= until, AuctionBlocked(until));
        DeskAuction memory auction = _auctionOf(_due(), series);
        auctions[series] = auction;
        lastEnd = Math.max(lastEnd, auction.endTime);
        emit AuctionOpened(series, auction);
    }

    /// @inheritdoc IDeskAuctions
    function fill(
        uint256 series,
        uint256 quantity,
        uint256 price,
        Side calldata taker,
        MarginProof calldata proof
    ) external nonReentrant {
        _requireCalm(series);
        DeskAuction memory auction = auctions[series];
        uint256 offered = _priceOf(auction);
        require(auction.buying ? price <= offered : price >= offered, PriceNotReached(price, offered));
        _requireNear(series, auction, price);
        Due memory due = _due();
        Gap memory gap = _gap(due, series);
        uint256 left = gap.buying == auction.buying ? Math.min(gap.size, auction.left) : 0;
        require(quantity != 0 && quantity <= left, NothingLeft(left));
        require(quantity >= Math.min(auction.least, left), FillTooSmall(quantity, auction.least));
        auctions[series].left = auction.left - uint128(quantity);
        if (gap.buying && series % Clearing.SERIES_PER_ARRAY != 0) {
            // {ppm of a dollar} = {ppm of a contract} * {ppt of a dollar per contract} / {ppt}, rounded up
            uint256 premium = Math.mulDiv(quantity, price, PPT, Math.Rounding.Ceil);
            options.spend(premium, Math.mulDiv(due.value, due.supply, due.held));
        }
        desk.trade(series, gap.buying, quantity, price, taker, proof);
    }

    /// @inheritdoc IDeskAuctions
    function stop(uint256 series) external {
        require(msg.sender == vault.guardian(), NotGuardian(msg.sender));
        DeskAuction storage auction = auctions[series];
        require(block.timestamp < auction.endTime, BiddingClosed(auction.startTime, auction.endTime));
        auction.endTime = uint40(block.timestamp);
        blockedUntil[series] = block.timestamp + STOP_DURATION;
        emit AuctionStopped(series);
    }

    // --- options

    /// @inheritdoc IDeskAuctions
    function markOptions(uint256 array, uint256 places, uint256[] calldata words) external {
        options.keep(arrays, array, places, words);
    }

    /// @inheritdoc IDeskAuctions
    function scheduleProtection(Protection calldata asked) external {
        require(msg.sender == vault.governor(), NotGovernor(msg.sender));
        _requireBounds("gamma", asked.gamma, 0, 50_000);
        _requireBounds("vega", asked.vega, 0, 10_000);
        _requireBounds("premium", asked.premium, 0, 50_000);
        options.next = asked;
        options.nextReadyAt = uint64(block.timestamp) + vault.mandateDelay();
        emit ProtectionScheduled(asked, options.nextReadyAt);
    }

    /// @inheritdoc IDeskAuctions
    function applyProtection() external {
        uint64 readyAt = options.nextReadyAt;
        require(readyAt != 0, NothingScheduled());
        require(block.timestamp >= readyAt, NotReady(readyAt));
        options.asked = options.next;
        options.nextReadyAt = 0;
        emit ProtectionApplied(options.asked);
    }

    // --- views

    /// @inheritdoc IDeskAuctions
    function gapOf(uint256 series) external view returns (bool buying, uint256 gap) {
        Gap memory found = _gap(_due(), series);
        return (found.buying, found.size);
    }

    /// @inheritdoc IDeskAuctions
    function auctionOf(uint256 series) external view returns (DeskAuction memory) {
        return auctions[series];
    }

    /// @inheritdoc IDeskAuctions
    function anyRunning() external view returns (bool) {
        return block.timestamp < lastEnd;
    }

    /// @inheritdoc IDeskAuctions
    function auctionPrice(uint256 series) external view returns (uint256) {
        return _priceOf(auctions[series]);
    }

    /// @inheritdoc IDeskAuctions
    function optionValue(uint256 series, uint256 spot, uint256 cost)
        external
        view
        returns (uint256, uint256, int256)
    {
        return options.valueAt(arrays, series, spot, cost);
    }

    /// @inheritdoc IDeskAuctions
    function optionMark(uint256 series) external view returns (OptionMark memory) {
        return options.marks[series];
    }

    /// @inheritdoc IDeskAuctions
    function protection() external view returns (Protection memory, Protection memory, uint64) {
        return (options.asked, options.next, options.nextReadyAt);
    }

    /// @inheritdoc IDeskAuctions
    function costs() external view returns (uint256 word) {
        (uint256 terms, uint256 volatilities) = (vault.mandate().terms, _volatilities());
        uint256 fee = IExchange(house.exchange()).tradeFee();
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            // mandate and length may make the range next to nothing, but no price is so exact
            word = word.put(lane, Math.max(_rangeOf(terms, volatilities, lane), leastCost) + fee);
        }
    }

    // --- what is due

    function _due() private view returns (Due memory due) {
        due.latest = vault.allocation();
        due.terms = vault.mandate().terms;
        require(due.latest.index != 0, NotAllocated());
        uint256 version = due.terms.get(Protocol.TERM_VERSION);
        require(due.latest.mandateVersion == version, AllocationOutdated(due.latest.mandateVersion, version));
        uint256 age = Math.saturatingSub(block.timestamp, due.latest.endTime);
        require(age <= vault.maxRiskAge(), RiskStateTooOld(age, vault.maxRiskAge()));
        (due.supply, due.held) = (desk.totalSupply(), vault.balances()[Basket.UNITS]);
        require(due.held != 0, NotFunded());
        // {ppm of a dollar} = {D18} / {D18 / ppm of a dollar}
        due.value = vault.totalValue() / D18_PER_PPM;
    }

    /// @dev D-5 and D-12.
    function _gap(Due memory due, uint256 series) private view returns (Gap memory gap) {
        uint256 array = series / Clearing.SERIES_PER_ARRAY;
        Epoch memory epoch = arrays.current();
        bool known = array < Clearing.ARRAY_COUNT && (epoch.arrays >> array) & 1 == 1;
        require(known && arrays.listings().tradable(series), SeriesNotTraded(series));
        gap.lane = arrays.underlying(array);
        require(desk.unitOf(gap.lane) != 0, SeriesNotTraded(series));
        // {ppm of a contract} = {ppm of a dollar} * {ppt} / {ppt of a dollar}
        uint256 all = Math.mulDiv(due.value, PPT, arrays.spotNow(array));
        gap.most = Math.mulDiv(all, due.supply, due.held) * due.terms.get(Protocol.TERM_MAX_TRADE) / PPM;
        if (series % Clearing.SERIES_PER_ARRAY != 0) {
            uint256 exposed = due.value * due.latest.exposure * due.latest.weights.get(gap.lane) / (PPM * PPM);
            exposed = Math.mulDiv(exposed, due.supply, due.held);
            uint256[10] memory words = house.accountWords(desk.account());
            (gap.buying, gap.size, gap.band) = options.gapOf(arrays, words, series, gap.lane, exposed);
        } else {
            _requireFirst(epoch, array, gap.lane);
            _perpetualGap(due, gap, all);
        }
    }

    /// @dev D-5. Others' units are hedged as the vault's: what their holders leave with has its shape.
    /// @param all {ppm of a contract} that the vault's value would buy
    function _perpetualGap(Due memory due, Gap memory gap, uint256 all) private view {
        // {ppm of a contract} = {ppm of a contract} * {ppm} * {ppm} / {ppm} / {ppm}
        uint256 exposed = all * due.latest.exposure * due.latest.weights.get(gap.lane) / (PPM * PPM);
        int256 lacking = int256(exposed) - int256(_basketPart(gap.lane));
        int256 signed = lacking * int256(due.supply) / int256(due.held) - desk.read().deltas[gap.lane];
        gap.buying = signed > 0;
        gap.size = uint256(gap.buying ? signed : -signed);
        gap.band = Math.mulDiv(all, due.supply, due.held) * due.terms.get(Protocol.TERM_DRIFT_BAND) / PPM;
    }

    /// @dev Of arrays with one underlying the first one's perpetual is traded.
    function _requireFirst(Epoch memory epoch, uint256 array, uint256 lane) private view {
        for (uint256 first; first < array; ++first) {
            bool kin = (epoch.arrays >> first) & 1 == 1 && arrays.underlying(first) == lane;
            require(!kin, SeriesNotTraded(array * Clearing.SERIES_PER_ARRAY));
        }
    }

    /// @dev {ppm of a token} = {token units} * {ppm} / {token units/token}, rounded down
    function _basketPart(uint256 lane) private view returns (uint256) {
        return Math.mulDiv(vault.balances()[lane], PPM, desk.unitOf(lane));
    }

    function _auctionOf(Due memory due, uint256 series) private view returns (DeskAuction memory auction) {
        Gap memory gap = _gap(due, series);
        require(gap.size > gap.band, GapWithinBand(gap.size, gap.band));
        uint256 size = Math.min(gap.size, gap.most);
        auction.buying = gap.buying;
        (auction.left, auction.least) = (size.toUint128(), uint128(size / PARTS));
        uint256 range = _rangeOf(due.terms, _volatilities(), gap.lane);
        if (series % Clearing.SERIES_PER_ARRAY == 0) {
            auction.mark = arrays.epochAt(arrays.currentNumber()).spots[series / Clearing.SERIES_PER_ARRAY];
        } else {
            OptionMark memory mark = options.current(arrays, series);
            (auction.mark, range) = (mark.price, DeskOptions.rangeOf(mark, range));
        }
        auction.range = uint32(range);
        // a mark that the market has left would only keep others from opening
        uint256 present = _presentOf(series);
        uint256 off = present > auction.mark ? present - auction.mark : auction.mark - present;
        require(off * PPM <= uint256(auction.mark) * auction.range, PriceMoved(auction.mark, present));
        auction.startTime = uint40(block.timestamp + warmUp);
        auction.endTime = auction.startTime + uint40(auctionLength);
    }

    // --- prices

    /// @dev D-9: of the account, and of the array that is traded.
    function _requireCalm(uint256 series) private view {
        desk.requireCalm();
        uint256 array = series / Clearing.SERIES_PER_ARRAY;
        require(array < Clearing.ARRAY_COUNT, SeriesNotTraded(series));
        arrays.requireSpotsNear(1 << array);
    }

    /// @dev {ppm} half the width in which a lane is traded
    function _rangeOf(uint256 terms, uint256 volatilities, uint256 lane) private view returns (uint256) {
        return Auction.halfRange(
            terms.get(Protocol.TERM_PRICE_RANGE_MULTIPLE),
            volatilities.get(lane),
            rootLength,
            terms.get(Protocol.TERM_MAX_PRICE_RANGE)
        );
    }

    function _volatilities() private view returns (uint256) {
        return arrays.oracle().volatilities(arrays.oracle().latestIndex());
    }

    /// @return {ppt of a dollar per contract}
    function _priceOf(DeskAuction memory auction) private view returns (uint256) {
        bool runs = block.timestamp >= auction.startTime && block.timestamp < auction.endTime;
        require(runs, BiddingClosed(auction.startTime, auction.endTime));
        return Auction.price(
            auction.mark, auction.range, block.timestamp - auction.startTime, auctionLength, auction.buying
        );
    }

    /// @dev D-7: marks grow old while an auction runs. At the present price a trade costs no more than the range.
    function _requireNear(uint256 series, DeskAuction memory auction, uint256 price) private view {
        uint256 present = _presentOf(series);
        uint256 worst = Auction.price(present, auction.range, auctionLength, auctionLength, auction.buying);
        require(auction.buying ? price <= worst : price >= worst, PriceMoved(price, worst));
    }

    /// @return {ppt of a dollar per contract} the live price: of an option its mark, moved with its delta
    function _presentOf(uint256 series) private view returns (uint256) {
        uint256 spot = arrays.spotNow(series / Clearing.SERIES_PER_ARRAY);
        if (series % Clearing.SERIES_PER_ARRAY == 0) return spot;
        return DeskOptions.priceAt(options.current(arrays, series), spot);
    }

    function _requireBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        require(value >= minimum && value <= maximum, ParameterOutOfBounds(name, value, minimum, maximum));
    }
}
