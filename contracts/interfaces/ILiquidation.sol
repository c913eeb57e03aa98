// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse} from "./IClearingHouse.sol";
import {ILossBook} from "./ILossBook.sol";
import {IMarginEngine} from "./IMarginEngine.sol";

/// @notice The auction of an account's slices.
/// @param account 0 where there is none
/// @param startedAt {s}
/// @param insolventAt {s} since when its equity has been shown below 0; 0 where it was last shown above
/// @param shownAt {s} when it was last shown short: by the start, a bid, or a confirmation
/// @param over whether it has been stopped, or has sold everything
struct LiquidationAuction {
    bytes32 account;
    uint64 startedAt;
    uint64 insolventAt;
    uint64 shownAt;
    bool over;
}

/// @notice What a bidder wants, and within which limits.
/// @param auction its number
/// @param phase the only one in which it is meant, 0 solvent, 1 insolvent
/// @param bidder account of the sender that takes the slice
/// @param scenario in which the account is below its maintenance requirement
/// @param epoch of the words
/// @param share {ppm} of everything in the account; as much as may be sold, where that is less
/// @param limit {ppm of a dollar} the most that is paid for this share, below 0 the least that is received; in proportion where
/// less is sold
struct Bid {
    uint256 auction;
    uint256 phase;
    bytes32 bidder;
    uint256 scenario;
    uint64 epoch;
    uint256 share;
    int256 limit;
}

/// @notice What a buyer of a called debtor's collateral wants, and within which limit.
/// @param account that owes
/// @param buyer account of the sender: it has the dollars, and is free afterwards
/// @param lane of collateral
/// @param epoch of the words
/// @param amount {ppm of a token} as much as may be sold, where that is less
/// @param limit {ppt of a dollar} the most that is paid for a token
struct Purchase {
    bytes32 account;
    bytes32 buyer;
    uint256 lane;
    uint64 epoch;
    uint256 amount;
    uint256 limit;
}

/// @title Liquidation without a prover: one scenario decides, and a slice of everything is auctioned (docs/clearing.md, L)
/// @notice `arrayWords` and `epoch` are as IMarginEngine takes them: all four arrays' words, proven or facts, of the newest epoch
/// or for 2 minutes the current one; of debts the newest alone.
interface ILiquidation {
    // --- events

    event AuctionStarted(
        uint256 indexed auction,
        bytes32 indexed account,
        uint256 scenario,
        uint64 epoch,
        int256 equity,
        uint256 requirement
    );
    event InsolvencyDeclared(uint256 indexed auction, int256 equity);
    /// @param share {ppm}
    /// @param value {ppm of a dollar} by marks, of what was sold
    /// @param paid {ppm of a dollar} by the bidder to the account; below 0 by the backstop to the bidder
    event SliceSold(
        uint256 indexed auction,
        bytes32 indexed bidder,
        uint256 phase,
        uint256 share,
        int256 value,
        int256 paid,
        uint256 penalty
    );
    event AuctionStopped(uint256 indexed auction, bytes32 indexed account);
    /// @param debt {ppm of a dollar} of an account that has nothing else
    event DebtWrittenOff(bytes32 indexed account, uint256 debt, uint256 paid);
    /// @param debt {ppm of a dollar} of an account that has collateral or positions
    /// @param opensAt {s} when its collateral is for sale
    event DebtCalled(bytes32 indexed account, uint256 debt, uint64 opensAt);
    /// @param calledAt {s} from when the notice of what `to` owes counts
    event CallCarried(bytes32 indexed from, bytes32 indexed to, uint64 calledAt);
    /// @param amount {ppm of a token}
    /// @param paid {ppm of a dollar} to the account
    event CollateralSold(
        bytes32 indexed account, bytes32 indexed buyer, uint256 indexed lane, uint256 amount, uint256 paid
    );

    // --- errors: facts. None is for what an account holds

    /// @notice Thrown when the house does not have this contract as its liquidation, or the loss book another house.
    error HouseDiffers(address liquidation);
    error AddressZero();
    /// @notice Thrown when the engine measures another house's accounts.
    error EngineDiffers(IClearingHouse house);
    // of the words and the epoch: thrown by IMarginEngine

    // --- errors: auctions

    /// @notice Thrown when the account reaches the maintenance requirement of the scenario.
    error AccountHealthy(int256 equity, uint256 requirement);
    /// @notice Thrown when the account does not reach the maintenance requirement of every scenario yet.
    error AccountNotRecovered(int256 equity, uint256 requirement);
    error AuctionRunning(uint256 auction);
    error AuctionOver(uint256 auction);
    /// @notice Thrown when the account has positions, collateral, or no debt.
    error NoBareDebt(bytes32 account);
    error BackstopAccount();

    // --- errors: bids

    error NotOwner(address sender, bytes32 account);
    /// @notice Thrown when the account and the bidder are one owner's.
    error SelfLiquidation(address owner);
    error PhaseDiffers(uint256 phase);
    /// @notice Thrown when a part of what may be sold is asked for that is too small.
    error SliceTooSmall(uint256 share, uint256 most);
    /// @notice Thrown when the price has passed the bid's limit.
    error LimitPassed(int256 price, int256 limit);
    /// @notice Thrown when the bidder's account does not reach its initial requirement with the slice.
    error BidderUnhealthy(int256 equity, uint256 requirement);

    // --- errors: debts

    error NotExchange(address sender);
    /// @notice Thrown when the account lacks nothing without its collateral.
    error NothingOwed(bytes32 account);
    /// @notice Thrown when the debt has been called and the sale after that is not over.
    error DebtCalledBefore(uint64 calledAt);
    /// @notice Thrown when the sale has not opened yet, or is over; 0 where the debt was never called.
    error SaleNotOpen(uint256 opensAt);
    /// @notice Thrown when the account owes nothing any more, or has none of the lane.
    error CollateralForSale(bytes32 account);
    error NothingToSell(bytes32 account, uint256 lane);
    /// @notice Thrown when the lane's source was silent in the epoch, so that its price says nothing.
    error LaneSilent(uint256 lane);
    /// @notice Thrown when a part of what may be sold is asked for that is too small.
    error PurchaseTooSmall(uint256 amount, uint256 most);
    /// @notice Thrown when a token's price {ppt of a dollar} is above the buyer's limit.
    error PriceAboveLimit(uint256 price, uint256 limit);
    /// @notice Thrown when the buyer has positions, or not the dollars.
    error BuyerNotFree(bytes32 buyer);
    /// @notice Thrown when the account would be below its maintenance requirement without what is sold.
    error AccountShort(int256 equity, uint256 requirement);

    // --- for anyone

    /// @notice Opens the auction of an account whose equity is below the maintenance requirement of one scenario.
    function start(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        returns (uint256 auction);

    /// @notice Shows again that the account is short, so that its auction goes on: without a bid or this it is over after a while.
    /// Starts the clock of the insolvent phase where equity has fallen below 0, and takes it back where equity has risen above.
    function confirm(uint256 auction, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external;

    /// @notice Takes a slice. Only the owner of the bidding account, who is not the owner of the other one.
    /// @return share {ppm} that was sold
    /// @return paid {ppm of a dollar} by the bidder; below 0 to the bidder
    function bid(Bid calldata offer, uint256[][4] calldata arrayWords)
        external
        returns (uint256 share, int256 paid);

    /// @notice Ends the auction of an account that has recovered: equity reaches the maintenance requirement of every scenario, by
    /// the newest epoch. Also of one that has run its time.
    function stop(uint256 auction, uint64 epoch, uint256[][4] calldata arrayWords) external;

    /// @notice Pays the debt of an account that holds nothing, from the backstop.
    function writeOff(bytes32 account) external;

    /// @notice Gives notice to an account that owes dollars against collateral, or has lost them in positions: unless they come, its
    /// collateral will be for sale.
    function callDebt(bytes32 account, uint64 epoch, uint256[][4] calldata arrayWords) external;

    /// @notice Gives an account that took a slice, and owes or holds positions, the clock of the one that gave it: of its call, or from
    /// now on. Only the house's exchange.
    function carryCall(bytes32 from, bytes32 to) external;

    /// @notice Buys collateral of an account whose debt was called, for dollars that pay it. Only the owner of the buying account.
    /// @return amount {ppm of a token} that was sold
    /// @return paid {ppm of a dollar}
    function buyCollateral(Purchase calldata offer, uint256[][4] calldata arrayWords)
        external
        returns (uint256 amount, uint256 paid);

    // --- views

    /// @return {s} when the account's debt was last called, 0 for never
    function debtCalledAt(bytes32 account) external view returns (uint64);

    /// @notice An account in a scenario. It can be started on where equity < requirement.
    /// @return equity {ppm of a dollar} with what is not yet counted of shared losses
    /// @return requirement {ppm of a dollar} maintenance, of this scenario alone
    function assess(bytes32 account, uint256 scenario, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256 equity, uint256 requirement);

    function auctionAt(uint256 auction) external view returns (LiquidationAuction memory);

    /// @return of the account's last auction, 0 where there was none
    function auctionOf(bytes32 account) external view returns (uint256);

    /// @return whether an auction sells the account off
    function isRunning(bytes32 account) external view returns (bool);

    /// @return whether the account's debt has been called, and its sale is not over
    function isCalled(bytes32 account) external view returns (bool);

    /// @return {ppm} of a slice's value that the bidder keeps in the solvent phase
    function discountAfter(uint256 elapsed) external pure returns (uint256);

    function house() external view returns (IClearingHouse);
    function lossBook() external view returns (ILossBook);
    function engine() external view returns (IMarginEngine);
}
