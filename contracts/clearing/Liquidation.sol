// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {Bid, ILiquidation, LiquidationAuction, Purchase} from "../interfaces/ILiquidation.sol";
import {ILossBook} from "../interfaces/ILossBook.sol";
import {IMarginEngine} from "../interfaces/IMarginEngine.sol";
import {AccountWords} from "../libraries/AccountWords.sol";

/// @title Auctions of slices of accounts that one scenario shows to be short of margin, and of collateral of those that owe dollars
///
/// ASSUMPTIONS  Margins are what MarginEngine says they are, by the words that a caller brings.
/// LIVENESS     Anyone starts, bids, stops. Nothing here reverts for what an account holds, for what the backstop lacks, or for
///              what its owner does in between: a bid has limits, not versions, and its taker is measured here, over all
///              scenarios, without a proof of words that others could change. Only the caller's words, limits and account do.
/// ROUNDING     Against the bidder: what is sold counts up, what is paid in rounds up, what is paid out down.
/// ROLES        Exchange, the house's: tells which account a slice went to; if malicious, it sets clocks of calls. The house lets this
///              contract, and nobody else, move slices and cash.
/// @dev SELF-LIQUIDATION. Where the account can pay, whoever buys from oneself as another owner pays oneself the discount and
///      the backstop the penalty: both accounts together lose it. Where it cannot, the backstop pays what no other bidder took
///      for less, and the account has lost all its equity before.
///      REENTRANCY. Calls go to the house, the engine and the loss book only; what these call further are the house's own parts.
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
    /// {ppm of a dollar} an account whose requirement would be less is sold whole, and no slice's is less
    uint256 private constant SMALLEST = 100e6;
    /// {s} between calling a debt and the sale of what stands against it: for dollars to come from anywhere
    uint256 private constant NOTICE = 12 hours;
    /// {s} over which the price of a sale falls
    uint256 private constant SALE = 4 hours;

    /// {ppm of a dollar} what rounding may hide of a slice's value: one for each balance and one for positions
    int256 private constant ROUNDING = int256(Protocol.LANE_COUNT + 1);
    uint256 private constant PPM = Protocol.PPM;

    IClearingHouse public immutable house;
    ILossBook public immutable lossBook;
    IMarginEngine public immutable engine;
    bytes32 private immutable backstop;

    LiquidationAuction[] private auctions;
    /// @inheritdoc ILiquidation
    mapping(bytes32 account => uint256) public auctionOf;
    /// @inheritdoc ILiquidation
    mapping(bytes32 account => uint64) public debtCalledAt;

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
        uint256 phase;
        uint256 share;
        uint256 requirement;
        int256 value;
        int256 paid;
        uint256 penalty;
    }

    constructor(IClearingHouse house_, ILossBook lossBook_, IMarginEngine engine_) {
        require(address(house_) != address(0) && address(lossBook_) != address(0), AddressZero());
        require(address(engine_) != address(0), AddressZero());
        require(house_.liquidation() == address(this), HouseDiffers(house_.liquidation()));
        require(engine_.house() == house_, EngineDiffers(engine_.house()));
        (house, lossBook, engine, backstop) = (house_, lossBook_, engine_, house_.backstop());
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
        Assessment memory found = _short(account, scenario, epoch, arrayWords);

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
        engine.requireNewest(epoch);
        bytes32 account = _running(auction).account;
        _bearLosses(account);
        Assessment memory found = _short(account, scenario, epoch, arrayWords);
        _keep(auction, found.equity);
    }

    /// @inheritdoc ILiquidation
    function stop(uint256 auction, uint64 epoch, uint256[][4] calldata arrayWords) external {
        LiquidationAuction storage found = _at(auction);
        require(!found.over, AuctionOver(auction));
        if (_isRunning(found)) {
            // the newest alone: where provers wait, the current one would stop every auction whenever an epoch begins
            engine.requireNewest(epoch);
            (int256 equity, uint256 requirement) =
                engine.fullMargin(found.account, Clearing.LEVEL_MAINTENANCE, epoch, arrayWords);
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
        Sale memory sale = _prepare(auction, offer, arrayWords);
        _keep(offer.auction, sale.value - ROUNDING);

        house.moveSlice(auction.account, offer.bidder, sale.share);
        (int256 equity, int256 worth, uint256 requirement) =
            engine.afterSlice(auction.account, offer.bidder, offer.epoch, arrayWords);
        // what has left the account, as the chain measures it
        sale.value -= equity;
        if (sale.phase == PHASE_SOLVENT) _sell(auction, offer.bidder, sale);
        else _takeOver(auction, offer.bidder, sale);

        (share, paid) = (sale.share, sale.paid);
        // {ppm of a dollar * ppm}: the same price for each part of the share
        require(paid * int256(offer.share) <= offer.limit * int256(share), LimitPassed(paid, offer.limit));
        // with what it has paid or been paid, and borne of losses
        worth += house.accountWords(offer.bidder).cash();
        require(worth >= int256(requirement), BidderUnhealthy(worth, requirement));
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

    // --- debts against collateral

    /// @inheritdoc ILiquidation
    function callDebt(bytes32 account, uint64 epoch, uint256[][4] calldata arrayWords) external {
        require(account != backstop, BackstopAccount());
        require(!isCalled(account), DebtCalledBefore(debtCalledAt[account]));
        engine.requireNewest(epoch);
        (uint256 debt,,) = engine.debtOf(account, 0, epoch, arrayWords);
        // however little: a minimum would be that of each of any number of accounts
        require(debt != 0, NothingOwed(account));
        debtCalledAt[account] = uint64(block.timestamp);
        emit DebtCalled(account, debt, uint64(block.timestamp + NOTICE));
    }

    /// @inheritdoc ILiquidation
    function carryCall(bytes32 from, bytes32 to) external {
        require(msg.sender == house.exchange(), NotExchange(msg.sender));
        // a debt that leaves before it can be called is called by that
        uint64 calledAt = isCalled(from) ? debtCalledAt[from] : uint64(block.timestamp);
        // a purchase names an account: what it buys must not leap away in front of it
        require(block.timestamp < calledAt + NOTICE, CollateralForSale(from));
        debtCalledAt[to] = calledAt;
        emit CallCarried(from, to, calledAt);
    }

    /// @inheritdoc ILiquidation
    function buyCollateral(Purchase calldata offer, uint256[][4] calldata arrayWords)
        external
        returns (uint256 amount, uint256 paid)
    {
        // whoever begins an epoch would have two prices to choose from
        engine.requireNewest(offer.epoch);
        require(msg.sender == AccountWords.ownerOf(offer.buyer), NotOwner(msg.sender, offer.buyer));
        require(offer.buyer != backstop, BackstopAccount());
        (amount, paid) = _priced(offer, arrayWords);
        house.moveCollateral(offer.account, offer.buyer, offer.lane, amount);
        house.moveCash(offer.buyer, offer.account, paid);
        require(house.accountWords(offer.buyer).owesNothing(), BuyerNotFree(offer.buyer));
        if (!house.accountWords(offer.account).owesNothing()) {
            // what hedges positions is sold no further than they allow
            (int256 equity, uint256 requirement) =
                engine.fullMargin(offer.account, Clearing.LEVEL_MAINTENANCE, offer.epoch, arrayWords);
            require(equity >= int256(requirement), AccountShort(equity, requirement));
        }
        emit CollateralSold(offer.account, offer.buyer, offer.lane, amount, paid);
    }

    /// @dev L-12: what is sold, as much as pays the debt at most, and for what.
    function _priced(Purchase calldata offer, uint256[][4] calldata arrayWords)
        private
        view
        returns (uint256 amount, uint256 paid)
    {
        uint256 opensAt = debtCalledAt[offer.account];
        if (opensAt != 0) opensAt += NOTICE;
        require(
            opensAt != 0 && block.timestamp >= opensAt && block.timestamp < opensAt + SALE,
            SaleNotOpen(opensAt)
        );
        (uint256 debt, uint256 price, uint256 haircut) =
            engine.debtOf(offer.account, offer.lane, offer.epoch, arrayWords);
        require(haircut < PPM, LaneSilent(offer.lane));
        // {ppm}: from what the haircut says a token may be worth more, down to what it counts
        uint256 part = PPM + haircut - 2 * haircut * (block.timestamp - opensAt) / SALE;
        price = Math.ceilDiv(price * part, PPM);
        require(price <= offer.limit, PriceAboveLimit(price, offer.limit));
        // {ppm of a token} = {ppm of a dollar} * {ppt} / {ppt of a dollar}
        uint256 most = Math.min(
            Math.ceilDiv(debt * Clearing.PPT, price), house.accountWords(offer.account).balance(offer.lane)
        );
        require(most != 0, NothingToSell(offer.account, offer.lane));
        amount = Math.min(offer.amount, most);
        paid = Math.ceilDiv(amount * price, Clearing.PPT);
        require(amount == most || paid >= SMALLEST, PurchaseTooSmall(amount, most));
    }

    // --- views

    /// @inheritdoc ILiquidation
    function assess(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256, uint256)
    {
        Assessment memory found = _assess(account, scenario, epoch, arrayWords);
        return (found.judged, found.requirement);
    }

    /// @inheritdoc ILiquidation
    function auctionAt(uint256 auction) external view returns (LiquidationAuction memory none) {
        return auction < auctions.length ? auctions[auction] : none;
    }

    /// @inheritdoc ILiquidation
    function isRunning(bytes32 account) external view returns (bool) {
        uint256 auction = auctionOf[account];
        return auction != 0 && _isRunning(auctions[auction]);
    }

    /// @inheritdoc ILiquidation
    function isCalled(bytes32 account) public view returns (bool) {
        return block.timestamp < debtCalledAt[account] + NOTICE + SALE;
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
        uint256[][4] calldata arrayWords
    ) private view returns (Sale memory sale) {
        Assessment memory found = _short(auction.account, offer.scenario, offer.epoch, arrayWords);
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

    function _short(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        private
        view
        returns (Assessment memory found)
    {
        found = _assess(account, scenario, epoch, arrayWords);
        require(found.judged < int256(found.requirement), AccountHealthy(found.judged, found.requirement));
    }

    function _assess(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        private
        view
        returns (Assessment memory found)
    {
        (found.equity, found.requirement) =
            engine.marginIn(account, Clearing.LEVEL_MAINTENANCE, scenario, epoch, arrayWords);
        found.judged = found.equity + int256(lossBook.relief(account));
    }

    /// @dev So that what liquidation does not count of them yet is known.
    function _bearLosses(bytes32 account) private {
        if (block.timestamp < lossBook.lastLossAt() + 15 minutes) house.settle(account);
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
