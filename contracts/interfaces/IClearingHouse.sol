// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralHub} from "./ICollateralHub.sol";
import {IGroth16Verifier, Proof} from "./IGroth16Verifier.sol";
import {IOpenInterest} from "./IListings.sol";
import {ILossBook} from "./ILossBook.sol";
import {IMarginTerms} from "./IMarginTerms.sol";
import {IRiskArrays} from "./IRiskArrays.sol";

/// @notice What a clearing house is made of and never changes.
/// @param arrays listed series and proven risk arrays
/// @param terms collateral, its prices, and `marginTerms`
/// @param verifier of the margin circuit
/// @param solvencyVerifier of the solvency circuit
/// @param collateralHub the only one that credits, and the one that pays withdrawals out
/// @param exchange the only one that trades between accounts
/// @param liquidation the only one that moves between accounts without their owners
/// @param lossBook what accounts bear of losses that the backstop could not pay
/// @param backstop account that receives fees and dust
/// @param maxArrayAge {s} no proof leans on an older epoch
struct HouseConfig {
    IRiskArrays arrays;
    IMarginTerms terms;
    IGroth16Verifier verifier;
    IGroth16Verifier solvencyVerifier;
    ICollateralHub collateralHub;
    address exchange;
    address liquidation;
    ILossBook lossBook;
    bytes32 backstop;
    uint64 maxArrayAge;
}

/// @notice What of a margin statement only the prover knows. All other words are the house's own.
/// @param result lanes as in Clearing.MARGIN_RESULT_*
/// @param greeks signed triples of the four arrays: delta, gamma, vega
/// @param commitment C, the sponge of the statement's words
struct MarginProof {
    uint256 result;
    uint256[3] greeks;
    uint256 commitment;
    Proof proof;
}

/// @notice What of a statement of solvency only the prover knows. All other words are the house's own.
/// @param results of the accounts, in their order; of a place that is not used what an account that holds nothing has
/// @param totals what all results come to, lanes as in Clearing.SOLVENCY_TOTALS_*
/// @param commitment C, the sponge of the statement's words
struct SolvencyProof {
    uint256[4] results;
    uint256 totals;
    uint256 commitment;
    Proof proof;
}

/// @notice What a trade changes, once the exchange has found both orders in order.
/// @param expiry {s} of an option; 0 for a perpetual, with or without its notice
/// @param quantity {ppm of a contract}
/// @param price {ppt of a dollar per contract}
/// @param cash {ppm of a dollar} from buyer to seller
/// @param fee {ppm of a dollar} from either side
struct Deal {
    bytes32 buyer;
    bytes32 seller;
    uint256 series;
    uint256 expiry;
    uint256 quantity;
    uint256 price;
    uint256 cash;
    uint256 fee;
}

/// @notice The last proven figures of an account.
/// @param version of the account's state that they are of
/// @param epoch of the arrays that they are over
/// @param equity {ppm of a dollar} at most the true one
/// @param maintenanceMargin {ppm of a dollar} at least the true one
/// @param initialMargin {ppm of a dollar} at least the true one
struct Health {
    uint32 version;
    uint32 epoch;
    int64 equity;
    uint64 maintenanceMargin;
    uint64 initialMargin;
}

/// @notice What all open accounts come to, by what has been proven of them {ppm of a dollar}.
/// @param epoch of the arrays
/// @param equity at most the true one
/// @param maintenanceMargin at least the true one
/// @param initialMargin at least the true one
/// @param shortfall Σ of what accounts owe beyond what they have, at least the true one
/// @param backstopCash what is there for it
struct Solvency {
    uint32 epoch;
    int256 equity;
    uint256 maintenanceMargin;
    uint256 initialMargin;
    uint256 shortfall;
    int256 backstopCash;
}

/// @title Accounts, and how they change
/// @notice An account is ten words, the first of its margin statement: `positions` [6], `cash`, `collateral` [3]. Amounts are
/// {ppm of a token}, money {ppm of a dollar}. Lanes 0 to 11 are collateral tokens, lane 12 is the dollar token, which is
/// cash. Every function that changes an account applies to it, first, what has been settled and what funding has accrued.
interface IClearingHouse is IOpenInterest {
    // --- events

    /// @param words after the change: what a prover needs
    event AccountChanged(bytes32 indexed account, uint32 version, uint256[10] words);
    event HealthProven(
        bytes32 indexed account,
        uint32 version,
        uint64 indexed epoch,
        int256 equity,
        uint256 maintenanceMargin,
        uint256 initialMargin,
        uint256[3] greeks
    );
    /// @notice What one proof said of several accounts; what is kept of each may be tighter.
    /// @param totals as in SolvencyProof
    /// @param left open accounts that are not among them: 0 where the totals are those of the house
    event SolvencyProven(
        uint64 indexed epoch, bytes32[] accounts, uint256[4] results, uint256 totals, uint256 left
    );
    /// @param eid endpoint of the chain it lies on
    event Credited(bytes32 indexed account, uint256 indexed lane, uint256 amount, uint32 eid);
    /// @notice A deposit that nobody but the owner may bring into the account waits for `accept`.
    event DepositWaiting(bytes32 indexed account, uint256 indexed lane, uint256 amount, uint32 eid);
    event Withdrawn(
        bytes32 indexed account, uint256 indexed lane, uint256 amount, uint32 eid, bytes32 receiver
    );
    /// @param cash {ppm of a dollar} that the account got for its position, negative where it paid
    event Settled(bytes32 indexed account, uint256 indexed series, int256 quantity, int256 cash);
    /// @param cash {ppm of a dollar} that the account got, negative where it paid
    event FundingPaid(bytes32 indexed account, uint256 indexed series, int256 cash);
    /// @notice What rounding left over of a series came to the backstop.
    event DustSwept(uint256 indexed series, int256 cash);
    /// @param share {ppm}
    event SliceMoved(bytes32 indexed from, bytes32 indexed to, uint256 share);
    event SliceGiven(bytes32 indexed from, bytes32 indexed to, uint256 part, uint256 whole);
    event CashMoved(bytes32 indexed from, bytes32 indexed to, uint256 amount);
    event CollateralMoved(bytes32 indexed from, bytes32 indexed to, uint256 indexed lane, uint256 amount);

    // --- errors: making a house

    /// @notice Thrown when a parameter is outside its bounds.
    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    error AddressZero();

    // --- errors: health

    /// @notice Thrown when the proven equity is below the requirement of the level.
    error AccountUnhealthy(bytes32 account, int256 equity, uint256 requirement);
    /// @notice Thrown when there is no current epoch, or it is too old to lean on.
    error ArraysTooOld(uint256 time, uint256 maxAge);
    error LevelUnknown(uint256 level);
    /// @notice Thrown when one proof would be of no account, or of more than it has places for.
    error AccountCountOutOfRange(uint256 count, uint256 maximum);
    error AccountsNotAscending(bytes32 account);
    /// @notice Thrown when the accounts are not as many as are open.
    error AccountsMissing(uint256 count, uint256 open);
    /// @notice Thrown when an account among the open ones has no position and owes nothing.
    error AccountFree(bytes32 account);
    /// @notice Thrown when an account as it is, with all that is due to it, has not been proven over the current epoch.
    error HealthNotProven(bytes32 account);

    // --- errors: collateral

    error NotOwner(address sender, bytes32 account);
    error NotCollateralHub(address sender);
    error NotExchange(address sender);
    error NotLiquidation(address sender);
    /// @notice Thrown when an account would be moved to itself.
    error AccountsEqual(bytes32 account);
    error LaneUnknown(uint256 lane);
    error AmountZero();
    error CollateralMissing(bytes32 account, uint256 lane, uint256 amount, uint256 balance);
    /// @notice Thrown when a withdrawal would leave cash below 0.
    error CashMissing(bytes32 account, uint256 amount, int256 cash);
    /// @notice Thrown when a withdrawal of cash would leave cash and positions together below 0: what an account's own
    /// collateral is worth is not paid out in dollars.
    /// @param equity {ppm of a dollar} proven
    error CashLent(bytes32 account, int256 equity, uint256 collateralValue);
    error NothingWaiting(bytes32 account, uint256 lane);

    // --- errors: slices

    error PartOutOfRange(uint256 part, uint256 whole);
    /// @notice Thrown when the account that takes a slice holds something or owes something.
    error AccountUsed(bytes32 account);

    // --- errors: ranges (thrown by AccountWords)
    // TooManyPositions(), QuantityOutOfRange(int256), CashOutOfRange(int256), BalanceOutOfRange(uint256, uint256)

    // --- trading: only `exchange`

    /// @notice Applies a trade: what either account holds and pays, its fees, and what it says of funding. Either account must
    /// be healthy at the initial level after it, by its proof, over prices that are still those of now
    /// (IRiskArrays.requireSpotsNear), unless it then has no position and owes nothing. What grows by it, of the series or of
    /// either account, stays within IMarginTerms.positionLimits.
    /// @param buyerProof of the account after the trade; not looked at where it then has no position and owes nothing
    /// @param sellerProof likewise
    function applyDeal(Deal calldata deal, MarginProof calldata buyerProof, MarginProof calldata sellerProof)
        external;

    // --- health

    /// @notice Proves an account as it is, over the current epoch, for others to read. Anyone.
    function proveHealth(bytes32 account, MarginProof calldata proof) external;

    /// @notice Proves up to four accounts as they are, over the current epoch, at once. Anyone. Each is then worth what `proveHealth`
    /// would have made it.
    /// @param accounts strictly ascending
    function proveSolvency(bytes32[] calldata accounts, SolvencyProof calldata proof) external;

    /// @notice What all open accounts come to. Reverts unless each has been proven as it is over the current epoch, and that is
    /// not older than `maxArrayAge` (docs/clearing.md, Q-5 and Q-6: what this says and what not).
    /// @param accounts all that are open, strictly ascending
    function solvency(bytes32[] calldata accounts) external view returns (Solvency memory);

    /// @notice Keeps what all statements of the current epoch share where it is cheap to read. Anyone; the first proof of an
    /// epoch does it too, and pays for it.
    function keepFacts() external;

    /// @notice Whether the account, as it is now, has been proven over the current epoch, the epoch is not older than
    /// `maxArrayAge`, and equity reaches the level's requirement. An account without positions that owes nothing is
    /// healthy without any proof. Whoever lets the owner act on the answer asks `arrays.requireSpotsNear(arraysOf(account))`
    /// too: the epoch's prices may have been left behind since.
    /// @param level Clearing.LEVEL_*
    function isHealthy(bytes32 account, uint256 level) external view returns (bool);

    // --- collateral

    /// @notice Books a deposit. Only the hub, which has counted it. Never reverts for what the account holds: a deposit that
    /// the account's owner did not send, or that does not fit, waits for the owner.
    /// @param lane 0 to 11, or 12 for the dollar token
    /// @param amount {ppm of a token}
    /// @param eid endpoint of the chain it lies on
    /// @param depositor who sent it, on that chain
    function credit(bytes32 account, uint256 lane, uint256 amount, uint32 eid, bytes32 depositor) external;

    /// @notice Brings a waiting deposit into the account. Only its owner.
    function accept(bytes32 account, uint256 lane) external;

    /// @notice Takes from the account and has the hub pay it out. Only the owner. Value is what the hub asks for its message.
    /// The account must be healthy at the initial level after it, by the proof, as after a trade, unless it then has no
    /// position and owes nothing. Cash is paid out only as far as the account owns it: see CashMissing and CashLent.
    /// @param amount {ppm of a token}
    /// @param eid endpoint of the chain to be paid on
    /// @param receiver on that chain
    /// @param options of the message
    function withdraw(
        bytes32 account,
        uint256 lane,
        uint256 amount,
        uint32 eid,
        bytes32 receiver,
        bytes calldata options,
        MarginProof calldata proof
    ) external payable;

    /// @notice Gives part / whole of everything in an account, debts too, to one that holds nothing. Only the exchange, which has
    /// looked at what owners want. Everything is rounded down, debts up. Both must be healthy at the initial level afterwards, as
    /// after a trade, unless they then have no position and owe nothing.
    /// @param part at most whole
    /// @param whole below 2¹²⁸
    /// @param proof of the account after it
    /// @param receiverProof of the one that takes it
    function applySlice(
        bytes32 from,
        bytes32 to,
        uint256 part,
        uint256 whole,
        MarginProof calldata proof,
        MarginProof calldata receiverProof
    ) external;

    /// @notice Settles the account's expired series whose prices are final, and its funding. Anyone.
    function settle(bytes32 account) external;

    /// @notice Brings to the backstop what rounding has left of a series that nobody holds. Anyone.
    function sweep(uint256 series) external;

    // --- liquidation: only `liquidation`

    /// @notice Moves a share of every position, of cash and of collateral from one account to another. Quantities and cash
    /// round toward zero, balances down; a share of 10⁶ moves all. Reverts only for what `to` cannot hold: an account that
    /// has never been used can hold any.
    /// @param share {ppm} at most 10⁶
    function moveSlice(bytes32 from, bytes32 to, uint256 share) external;

    /// @notice Moves cash, which may leave `from` below 0. Reverts where either account's cash would leave its range.
    function moveCash(bytes32 from, bytes32 to, uint256 amount) external;

    /// @notice Moves tokens of one lane, dollars too. Reverts where `from` has fewer, or `to` cannot hold them.
    function moveCollateral(bytes32 from, bytes32 to, uint256 lane, uint256 amount) external;

    // --- views

    /// @return owner in the high 160 bits, number in the low 96
    function accountOf(address owner, uint96 number) external pure returns (bytes32);

    /// @notice An account's words after what is due: positions [6], cash, collateral [3].
    function accountWords(bytes32 account) external view returns (uint256[10] memory);

    /// @notice The words of an account's margin statement over the current epoch; `result` and `greeks` are 0, to be
    /// filled in by the prover.
    function statementWords(bytes32 account) external view returns (uint256[] memory);

    /// @notice Bit a is set where the account has anything in array a of the current epoch: a position, or collateral that counts
    /// and is its underlying.
    function arraysOf(bytes32 account) external view returns (uint256);

    /// @notice Counts the changes of an account.
    function version(bytes32 account) external view returns (uint32);

    /// @notice The last proven figures, whether or not they are still of the account's state.
    function health(bytes32 account) external view returns (Health memory);

    /// @notice How many accounts have a position or negative cash, by what is stored: before what is due to them. No account
    /// comes to have either by what is due to it, so no other account has; some of these may be free once they are settled.
    /// The backstop counts like any other.
    function openAccounts() external view returns (uint256);

    /// @return {ppm of a token} that wait for `accept`
    function waiting(bytes32 account, uint256 lane) external view returns (uint256);

    /// @notice Cash that settlement and funding of a series have taken and not yet paid; negative the other way round.
    /// Σ cash of accounts + Σ of this over series = cash credited − cash withdrawn.
    /// @return {ppm of a dollar}
    function unsettled(uint256 series) external view returns (int256);

    /// @return whether a call into the house is running: while it is, what it says of accounts may be half done
    function entered() external view returns (bool);

    function arrays() external view returns (IRiskArrays);
    function terms() external view returns (IMarginTerms);
    function verifier() external view returns (IGroth16Verifier);
    function solvencyVerifier() external view returns (IGroth16Verifier);
    function collateralHub() external view returns (ICollateralHub);
    function exchange() external view returns (address);
    function liquidation() external view returns (address);
    function lossBook() external view returns (ILossBook);
    function backstop() external view returns (bytes32);
    function maxArrayAge() external view returns (uint64);
}
