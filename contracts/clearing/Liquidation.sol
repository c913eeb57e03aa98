// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {Bid, ILiquidation, LiquidationAuction} from "../interfaces/ILiquidation.sol";
import {ILossBook} from "../interfaces/ILossBook.sol";
import {IMarginTerms} from "../interfaces/IMarginTerms.sol";
import {Epoch, IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {ArrayWords} from "../libraries/ArrayWords.sol";
import {Book, MarginFacts, ScenarioMargin} from "../libraries/ScenarioMargin.sol";

/// @title Auctions of slices of accounts that one scenario shows to be short of margin
///
/// ASSUMPTIONS  What RiskArrays and MarginTerms snapshot for an epoch. A snapshot is the same whether or not somebody has proven
///              what follows from it, so an unproven one counts as well: only who would rather wait for a prover loses by that.
///              A live price is never read here: whoever could read it can begin an epoch with it.
/// LIVENESS     Anyone starts, bids, stops. Nothing here reverts for what an account holds, for what the backstop lacks, or for
///              what its owner does in between: a bid has limits, not versions, and its taker is measured here, over all
///              scenarios, without a proof of words that others could change. Only the caller's words, limits and account do.
///              A source that holds up all epochs for longer than `maxArrayAge` holds up liquidation.
/// ROUNDING     Against the bidder: what is sold counts up, what is paid in rounds up, what is paid out down.
/// ROLES        None. The house lets this contract, and nobody else, move slices and cash.
/// @dev SELF-LIQUIDATION. Where the account can pay, whoever buys from oneself as another owner pays oneself the discount and
///      the backstop the penalty: both accounts together lose it. Where it cannot, the backstop pays what no other bidder took
///      for less, and the account has lost all its equity before.
///      REENTRANCY. Calls go to the house, its arrays, its terms and the loss book only; none of them calls further.
contract Liquidation is ILiquidation {
    using AccountWords for uint256[10];

    uint256 private constant PHASE_SOLVENT = 0;
    uint256 private constant PHASE_INSOLVENT = 1;

    /// {ppm} of the maintenance requirement that a sold-down account has above it
    uint256 private constant BUFFER = 100_000; /* 10 % */
    /// {ppm} of a slice's value that the account pays to the backstop
    uint256 private constant PENALTY = 10_000; /* 1 % */
    /// {ppm} of the slice's requirement that the backstop pays at most beyond what makes up for its value
    uint256 private constant BONUS = 100_000; /* 10 % */
    /// {ppm} reached after FAST, and all of the value after SOLVENT
    uint256 private constant FAST_DISCOUNT = 300_000; /* 30 % */
    /// {s}
    uint256 private constant FAST = 15 minutes;
    /// {s} of the solvent phase
    uint256 private constant SOLVENT = 60 minutes;
    /// {s} over which the backstop's payment grows
    uint256 private constant INSOLVENT = 15 minutes;
    /// {s} for which an auction's price outlives the last time that its account was shown short: who dips again later meets no old
    /// price
    uint256 public constant LIFE = 20 minutes;
    /// {s} for which the epoch before the newest one still counts
    uint256 public constant GRACE = 2 minutes;
    /// {ppm of a dollar} an account whose requirement would be less is sold whole, and no slice's is less
    uint256 private constant SMALLEST = 100e6;

    /// {ppm of a dollar} what rounding may hide of a slice's value: one for each balance and one for positions
    int256 private constant ROUNDING = int256(Protocol.LANE_COUNT + 1);
    uint256 private constant PPM = Protocol.PPM;

    IClearingHouse public immutable house;
    ILossBook public immutable lossBook;
    IRiskArrays private immutable arrays;
    IMarginTerms private immutable terms;
    bytes32 private immutable backstop;
    uint256 private immutable maxArrayAge;

    LiquidationAuction[] private auctions;
    /// @inheritdoc ILiquidation
    mapping(bytes32 account => uint256) public auctionOf;

    /// @notice An account in a scenario.
    /// @param equity {ppm of a dollar} by marks
    /// @param judged {ppm of a dollar} the same with what is not yet counted of shared losses
    /// @param requirement {ppm of a dollar} maintenance
    struct Assessment {
        int256 equity;
        int256 judged;
        uint256 requirement;
    }

    /// @notice One slice on its way.
    /// @param share {ppm}
    /// @param requirement {ppm of a dollar} of the account
    /// @param value {ppm of a dollar} of the slice by marks, at least; of the account before it is taken
    /// @param paid {ppm of a dollar} by the bidder; below 0 to it
    /// @param penalty {ppm of a dollar} of it
    struct Sale {
        Book book;
        uint256 phase;
        uint256 share;
        uint256 requirement;
        int256 value;
        int256 paid;
        uint256 penalty;
    }

    constructor(IClearingHouse house_, ILossBook lossBook_) {
        require(address(house_) != address(0) && address(lossBook_) != address(0), AddressZero());
        require(house_.liquidation() == address(this), HouseDiffers(house_.liquidation()));
        (house, lossBook) = (house_, lossBook_);
        (arrays, terms, backstop) = (house_.arrays(), house_.terms(), house_.backstop());
        maxArrayAge = house_.maxArrayAge();
        auctions.push(); // so that 0 is none
    }

    // --- auctions

    /// @inheritdoc ILiquidation
    function start(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        returns (uint256 auction)
    {
        require(account != backstop, BackstopAccount());
        auction = auctionOf[account];
        require(auction == 0 || !_isRunning(auctions[auction]), AuctionRunning(auction));
        _bearLosses(account);
        (, Assessment memory found) = _short(_facts(epoch, arrayWords), account, scenario, arrayWords);

        auction = auctions.length;
        auctionOf[account] = auction;
        auctions.push(LiquidationAuction(account, uint64(block.timestamp), 0, 0, false));
        emit AuctionStarted(auction, account, scenario, epoch, found.judged, found.requirement);
        _keep(auction, found.equity);
    }

    /// @inheritdoc ILiquidation
    function confirm(uint256 auction, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external
    {
        _requireNewest(epoch);
        bytes32 account = _running(auction).account;
        _bearLosses(account);
        (, Assessment memory found) = _short(_facts(epoch, arrayWords), account, scenario, arrayWords);
        _keep(auction, found.equity);
    }

    /// @inheritdoc ILiquidation
    function stop(uint256 auction, uint64 epoch, uint256[][4] calldata arrayWords) external {
        LiquidationAuction storage found = _at(auction);
        require(!found.over, AuctionOver(auction));
        if (_isRunning(found)) {
            // the newest alone: where provers wait, the current one would stop every auction whenever an epoch begins
            _requireNewest(epoch);
            (int256 equity, uint256 requirement) =
                _fullMargin(_facts(epoch, arrayWords), found.account, Clearing.LEVEL_MAINTENANCE, arrayWords);
            require(equity >= int256(requirement), AccountNotRecovered(equity, requirement));
        }
        found.over = true;
        emit AuctionStopped(auction, found.account);
    }

    /// @inheritdoc ILiquidation
    function bid(Bid calldata offer, uint256[][4] calldata arrayWords)
        external
        returns (uint256 share, int256 paid)
    {
        LiquidationAuction storage auction = _running(offer.auction);
        _requireBidder(offer.bidder, auction.account);
        _bearLosses(auction.account);
        MarginFacts memory facts = _facts(offer.epoch, arrayWords);
        Sale memory sale = _prepare(auction, offer, facts, arrayWords);
        _keep(offer.auction, sale.value - ROUNDING);

        house.moveSlice(auction.account, offer.bidder, sale.share);
        // what has left the account, as the chain measures it
        sale.value -= ScenarioMargin.equityOf(facts, sale.book, house.accountWords(auction.account));
        if (sale.phase == PHASE_SOLVENT) _sell(auction, offer.bidder, sale);
        else _takeOver(auction, offer.bidder, sale);

        (share, paid) = (sale.share, sale.paid);
        // {ppm of a dollar * ppm}: the same price for each part of the share
        require(paid * int256(offer.share) <= offer.limit * int256(share), LimitPassed(paid, offer.limit));
        _requireInitial(facts, offer.bidder, arrayWords);
        if (share == PPM) auction.over = true;
        emit SliceSold(offer.auction, offer.bidder, sale.phase, share, sale.value, paid, sale.penalty);
    }

    /// @inheritdoc ILiquidation
    function writeOff(bytes32 account) external {
        require(account != backstop, BackstopAccount());
        house.settle(account);
        uint256[10] memory words = house.accountWords(account);
        bool bare = !words.hasPositions() && words.cash() < 0;
        for (uint256 lane; bare && lane < Protocol.LANE_COUNT; ++lane) {
            bare = words.balance(lane) == 0;
        }
        require(bare, NoBareDebt(account));
        uint256 debt = uint256(-words.cash());
        emit DebtWrittenOff(account, debt, _payFromBackstop(account, debt));
    }

    // --- views

    /// @inheritdoc ILiquidation
    function assess(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256, uint256)
    {
        (, Assessment memory found) = _assess(_facts(epoch, arrayWords), account, scenario, arrayWords);
        return (found.judged, found.requirement);
    }

    /// @inheritdoc ILiquidation
    function fullMargin(bytes32 account, uint256 level, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256, uint256)
    {
        require(level <= Clearing.LEVEL_INITIAL, IClearingHouse.LevelUnknown(level));
        return _fullMargin(_facts(epoch, arrayWords), account, level, arrayWords);
    }

    /// @inheritdoc ILiquidation
    function auctionAt(uint256 auction) external view returns (LiquidationAuction memory none) {
        return auction < auctions.length ? auctions[auction] : none;
    }

    /// @inheritdoc ILiquidation
    function discountAfter(uint256 elapsed) public pure returns (uint256) {
        if (elapsed >= SOLVENT) return PPM;
        if (elapsed < FAST) return FAST_DISCOUNT * elapsed / FAST;
        return FAST_DISCOUNT + (PPM - FAST_DISCOUNT) * (elapsed - FAST) / (SOLVENT - FAST);
    }

    // --- slices

    /// @dev Shows again that the account is short, in which phase that is, and how much may be sold.
    function _prepare(
        LiquidationAuction storage auction,
        Bid calldata offer,
        MarginFacts memory facts,
        uint256[][4] calldata arrayWords
    ) private view returns (Sale memory sale) {
        Assessment memory found;
        (sale.book, found) = _short(facts, auction.account, offer.scenario, arrayWords);
        bool solvent = found.equity >= 0 && block.timestamp < auction.startedAt + SOLVENT;
        sale.phase = solvent ? PHASE_SOLVENT : PHASE_INSOLVENT;
        require(sale.phase == offer.phase, PhaseDiffers(sale.phase));
        sale.share =
            _shareOf(offer.share, found, solvent ? discountAfter(block.timestamp - auction.startedAt) : PPM);
        (sale.requirement, sale.value) = (found.requirement, found.equity + ROUNDING);
    }

    /// @dev L-5: {ppm} the share named, or what is the most.
    /// @param discount {ppm}
    function _shareOf(uint256 named, Assessment memory found, uint256 discount)
        private
        pure
        returns (uint256 most)
    {
        most = PPM;
        if (found.judged > 0) {
            (uint256 equity, uint256 target) = (uint256(found.judged), _target(found.requirement));
            // what remains is (1 − f) of the requirement, and of equity f of discount and penalty less. Below the target, so
            // the divisor is above 0
            uint256 lost = equity * Math.min(discount + PENALTY, PPM) / PPM;
            most = Math.min(Math.ceilDiv((target - equity) * PPM, target - lost), PPM);
            if ((PPM - most) * found.requirement < SMALLEST * PPM) most = PPM;
        }
        if (named >= most) return most;
        require(named * found.requirement >= SMALLEST * PPM, SliceTooSmall(named, most));
        return named;
    }

    /// @dev L-6: the bidder pays, the account pays the penalty out of it.
    function _sell(LiquidationAuction storage auction, bytes32 bidder, Sale memory sale) private {
        if (sale.value <= 0) return;
        uint256 value = uint256(sale.value);
        uint256 discount = discountAfter(block.timestamp - auction.startedAt);
        uint256 price = Math.ceilDiv(value * (PPM - discount), PPM);
        uint256 penalty = Math.min(Math.ceilDiv(value * PENALTY, PPM), price);
        if (price != penalty) house.moveCash(bidder, auction.account, price - penalty);
        if (penalty != 0) house.moveCash(bidder, backstop, penalty);
        (sale.paid, sale.penalty) = (int256(price), penalty);
    }

    /// @dev L-7: the backstop pays.
    function _takeOver(LiquidationAuction storage auction, bytes32 bidder, Sale memory sale) private {
        // {ppm of a dollar} = {ppm of a dollar} * {ppm} * {ppm} / {ppm²}, rounded down
        int256 lacking = int256(sale.requirement * sale.share * BONUS / (PPM * PPM)) - sale.value;
        if (lacking <= 0) return;
        uint256 since = auction.startedAt + SOLVENT;
        if (auction.insolventAt != 0 && auction.insolventAt < since) since = auction.insolventAt;
        uint256 elapsed = block.timestamp > since ? Math.min(block.timestamp - since, INSOLVENT) : 0;
        sale.paid = -int256(_payFromBackstop(bidder, uint256(lacking) * elapsed / INSOLVENT));
    }

    function _requireBidder(bytes32 bidder, bytes32 account) private view {
        require(msg.sender == AccountWords.ownerOf(bidder), NotOwner(msg.sender, bidder));
        require(msg.sender != AccountWords.ownerOf(account), SelfLiquidation(msg.sender));
        require(bidder != backstop, BackstopAccount());
    }

    /// @dev Pays what the backstop has or will have, and what it has not is shared out (L-8).
    function _payFromBackstop(bytes32 to, uint256 amount) private returns (uint256 paid) {
        int256 there = house.accountWords(backstop).cash() + lossBook.pending();
        paid = there > 0 ? uint256(there) : 0;
        if (amount <= paid) paid = amount;
        else paid += lossBook.shareOut(amount - paid);
        // the house lets it bear its own part, with the cash it has before it is paid
        if (paid != 0) house.moveCash(backstop, to, paid);
    }

    function _target(uint256 requirement) private pure returns (uint256) {
        return requirement + Math.ceilDiv(requirement * BUFFER, PPM);
    }

    // --- margin

    function _short(
        MarginFacts memory facts,
        bytes32 account,
        uint256 scenario,
        uint256[][4] calldata arrayWords
    ) private view returns (Book memory book, Assessment memory found) {
        (book, found) = _assess(facts, account, scenario, arrayWords);
        require(found.judged < int256(found.requirement), AccountHealthy(found.judged, found.requirement));
    }

    function _assess(
        MarginFacts memory facts,
        bytes32 account,
        uint256 scenario,
        uint256[][4] calldata arrayWords
    ) private view returns (Book memory book, Assessment memory found) {
        book = ScenarioMargin.read(facts, house.accountWords(account), arrayWords);
        uint256 loss = ScenarioMargin.lossIn(facts, book, arrayWords, scenario);
        found.equity = book.equity;
        found.judged = book.equity + int256(lossBook.relief(account));
        found.requirement = ScenarioMargin.requirement(facts, book, Clearing.LEVEL_MAINTENANCE, loss);
    }

    function _fullMargin(
        MarginFacts memory facts,
        bytes32 account,
        uint256 level,
        uint256[][4] calldata arrayWords
    ) private view returns (int256, uint256) {
        Book memory book = ScenarioMargin.read(facts, house.accountWords(account), arrayWords);
        uint256 loss = ScenarioMargin.worstLoss(facts, book, arrayWords);
        return (book.equity, ScenarioMargin.requirement(facts, book, level, loss));
    }

    function _requireInitial(MarginFacts memory facts, bytes32 account, uint256[][4] calldata arrayWords)
        private
        view
    {
        (int256 equity, uint256 requirement) = _fullMargin(facts, account, Clearing.LEVEL_INITIAL, arrayWords);
        require(equity >= int256(requirement), BidderUnhealthy(equity, requirement));
    }

    /// @dev So that what liquidation does not count of them yet is known.
    function _bearLosses(bytes32 account) private {
        if (block.timestamp < lossBook.lastLossAt() + 15 minutes) house.settle(account);
    }

    /// @dev L-1: an epoch's facts, and that the words are of it.
    function _facts(uint64 epoch, uint256[][4] calldata arrayWords)
        private
        view
        returns (MarginFacts memory facts)
    {
        bool graced = epoch == arrays.currentNumber()
            && block.timestamp < arrays.epochAt(arrays.latestNumber()).time + GRACE;
        if (!graced) _requireNewest(epoch);
        Epoch memory found = arrays.epochAt(epoch);
        uint256 age = block.timestamp - found.time;
        require(age <= maxArrayAge, EpochTooOld(epoch, age, maxArrayAge));
        (facts.arrays, facts.jointStates) = (found.arrays, found.jointStates);
        facts.terms = terms.factsAt(epoch);
        uint256[4] memory underlyings;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            facts.leaders[array] = array;
            _requireWords(array, found, arrayWords[array]);
            if ((found.arrays >> array) & 1 == 0) continue;
            (facts.spots[array], facts.steps[array]) = (found.spots[array], found.steps[array]);
            underlyings[array] = arrays.underlying(array) + 1;
            for (uint256 first; first < array; ++first) {
                if (underlyings[first] != underlyings[array]) continue;
                facts.leaders[array] = first;
                break;
            }
        }
    }

    function _requireNewest(uint64 epoch) private view {
        uint64 newest = arrays.latestNumber();
        require(epoch == newest, EpochNotNewest(epoch, newest));
    }

    function _requireWords(uint256 array, Epoch memory epoch, uint256[] calldata words) private pure {
        if (words.length == 0) return;
        bytes32 hash = ArrayWords.hash(words);
        if (words.length == Protocol.RISK_ARRAY_LENGTH) {
            require(hash == epoch.wordsHashes[array], WordsDiffer(array));
        } else {
            require(words.length == ArrayWords.FACT_WORDS, WordCountWrong(array, words.length));
            require(hash == epoch.factsHashes[array], WordsDiffer(array));
        }
    }

    // --- private

    /// @dev L-2, L-7: the account has been shown short, with this equity {ppm of a dollar}.
    function _keep(uint256 auction, int256 equity) private {
        LiquidationAuction storage found = auctions[auction];
        found.shownAt = uint64(block.timestamp);
        if (equity >= 0) {
            found.insolventAt = 0;
        } else if (found.insolventAt == 0) {
            found.insolventAt = uint64(block.timestamp);
            emit InsolvencyDeclared(auction, equity);
        }
    }

    function _at(uint256 auction) private view returns (LiquidationAuction storage found) {
        require(auction != 0 && auction < auctions.length, AuctionOver(auction));
        return auctions[auction];
    }

    function _running(uint256 auction) private view returns (LiquidationAuction storage found) {
        found = _at(auction);
        require(_isRunning(found), AuctionOver(auction));
    }

    function _isRunning(LiquidationAuction storage auction) private view returns (bool) {
        return !auction.over && block.timestamp < auction.shownAt + LIFE;
    }
}
