// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {
    Deal,
    Health,
    HouseConfig,
    IClearingHouse,
    MarginProof,
    Solvency,
    SolvencyProof
} from "../interfaces/IClearingHouse.sol";
import {ICollateralHub} from "../interfaces/ICollateralHub.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IOpenInterest} from "../interfaces/IListings.sol";
import {ILossBook} from "../interfaces/ILossBook.sol";
import {IMarginTerms} from "../interfaces/IMarginTerms.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Statement} from "../libraries/Statement.sol";
import {KeyPolicy} from "../proofs/KeyPolicy.sol";
import {MarginStatement} from "./MarginStatement.sol";
import {SeriesBook} from "./SeriesBook.sol";

/// @title The ledger of accounts: what trades change, collateral, settlement, and what proofs say of them
///
/// ASSUMPTIONS  The margin circuit proves rules G-1 to G-9, the solvency circuit Q-1 to Q-3, and their keys are sound. The hub credits what has arrived and pays
///              what is released, once. RiskArrays and MarginTerms do not call back.
/// LIVENESS     Anyone settles and proves. Whoever has no position and owes nothing withdraws without
///              a proof, a price or a message from anyone, and no role can stop it. Dollars are paid as far as the hub
///              holds them: while another owes dollars against collateral, the last to leave waits until that is paid or
///              liquidated (H-2.2). Everything else that lowers health waits for a current epoch that is young enough, its
///              snapshot of collateral, and live prices of what the account has within a step of it. Settlement reverts for nothing that an
///              account holds, and with it neither liquidation nor deposits do.
/// ROUNDING     Against the account in settlement and funding, and against whoever takes a slice (of trades see Exchange). What
///              one account pays another gets, to the last ppm of a dollar; what rounding takes ends at the backstop.
/// ROLES        Hub: credits and pays. Exchange: trades and slices between accounts. Liquidation: moves slices and cash between accounts. All
///              are fixed at deployment; if malicious, any of them takes everything. No governor, no pause, no proxy.
contract ClearingHouse is IClearingHouse, ReentrancyGuardTransient {
    using AccountWords for uint256[10];
    using SeriesBook for SeriesBook.Store;

    /// of the dollar token, after those of collateral
    uint256 public constant CASH_LANE = Protocol.LANE_COUNT;

    IRiskArrays public immutable arrays;
    IMarginTerms public immutable terms;
    IGroth16Verifier public immutable verifier;
    IGroth16Verifier public immutable solvencyVerifier;
    ICollateralHub public immutable collateralHub;
    ILossBook public immutable lossBook;
    address public immutable exchange;
    address public immutable liquidation;
    bytes32 public immutable backstop;
    uint64 public immutable maxArrayAge;

    mapping(bytes32 account => uint256[10]) private accounts;
    mapping(bytes32 account => Health) private healths;
    mapping(bytes32 account => mapping(uint256 lane => uint256)) public waiting;
    /// @inheritdoc IClearingHouse
    uint256 public openAccounts;
    SeriesBook.Store private book;
    MarginStatement.Kept private kept;

    constructor(HouseConfig memory config) {
        require(
            address(config.arrays) != address(0) && address(config.terms) != address(0)
                && address(config.collateralHub) != address(0) && config.exchange != address(0)
                && config.liquidation != address(0) && address(config.lossBook) != address(0)
                && AccountWords.ownerOf(config.backstop) != address(0),
            AddressZero()
        );
        KeyPolicy.requireAllowed(config.verifier);
        KeyPolicy.requireAllowed(config.solvencyVerifier);
        _requireBounds("maxArrayAge", config.maxArrayAge, 1 minutes, 1 days);
        (arrays, terms) = (config.arrays, config.terms);
        (verifier, solvencyVerifier) = (config.verifier, config.solvencyVerifier);
        (collateralHub, exchange, liquidation) = (config.collateralHub, config.exchange, config.liquidation);
        (lossBook, backstop, maxArrayAge) = (config.lossBook, config.backstop, config.maxArrayAge);
    }

    // --- trading

    /// @inheritdoc IClearingHouse
    function applyDeal(Deal calldata deal, MarginProof calldata buyerProof, MarginProof calldata sellerProof)
        external
        nonReentrant
    {
        _requireExchange();
        book.note(deal.series, deal.expiry);
        (int256 quantity, int256 cash, int256 fee) =
            (int256(deal.quantity), int256(deal.cash), int256(deal.fee));
        uint256 held = book.entries[deal.series].held;
        MarginStatement.Facts memory facts;
        uint256 grown = _change(deal.buyer, deal.series, quantity, -cash - fee, buyerProof, facts);
        uint256 sold = _change(deal.seller, deal.series, -quantity, cash - fee, sellerProof, facts);
        if (sold > grown) grown = sold;
        // who trades out is never held up
        if (grown != 0) terms.requireWithinLimits(deal.series, held, book.entries[deal.series].held, grown);
        _addToBackstop(2 * fee);
        if (deal.expiry == 0) arrays.recordTrade(deal.series, deal.price, deal.quantity);
    }

    // --- health

    /// @inheritdoc IClearingHouse
    function proveHealth(bytes32 account, MarginProof calldata proof) external nonReentrant {
        uint256[10] memory words = _due(account);
        _save(account, words);
        MarginStatement.Facts memory facts;
        _prove(account, words, proof, facts);
    }

    /// @inheritdoc IClearingHouse
    function proveSolvency(bytes32[] calldata proven, SolvencyProof calldata proof) external nonReentrant {
        uint256 places = Protocol.SOLVENCY_RESULTS_LENGTH;
        uint256 count = proven.length;
        require(count != 0 && count <= places, AccountCountOutOfRange(count, places));
        // all are settled before any is read: what one bears of a loss changes the backstop, which may be another
        for (uint256 i; i < count; ++i) {
            require(i == 0 || proven[i] > proven[i - 1], AccountsNotAscending(proven[i]));
            _save(proven[i], _due(proven[i]));
        }
        MarginStatement.Facts memory facts;
        _read(facts);
        uint256[] memory statement = MarginStatement.solvencyWords(facts.words, proof);
        uint256 left = openAccounts;
        for (uint256 i; i < places; ++i) {
            uint256[10] memory words = i < count ? _load(proven[i]) : AccountWords.empty();
            words.strip();
            if (!words.owesNothing()) --left;
            MarginStatement.place(statement, i, words);
        }
        Statement.verify(
            solvencyVerifier,
            Protocol.DOMAIN_SOLVENCY_STATEMENT,
            statement,
            Protocol.SOLVENCY_LANE_WORDS,
            proof.commitment,
            proof.proof
        );
        for (uint256 i; i < count; ++i) {
            _record(proven[i], facts.epoch, proof.results[i]);
        }
        emit SolvencyProven(facts.epoch, proven, proof.results, proof.totals, left);
    }

    /// @inheritdoc IClearingHouse
    function solvency(bytes32[] calldata open)
        external
        view
        nonReentrantView
        returns (Solvency memory total)
    {
        require(open.length == openAccounts, AccountsMissing(open.length, openAccounts));
        MarginStatement.Kept memory latest = kept;
        require(_isCurrent(latest), ArraysTooOld(latest.time, maxArrayAge));
        total.epoch = latest.epoch;
        for (uint256 i; i < open.length; ++i) {
            bytes32 account = open[i];
            require(i == 0 || account > open[i - 1], AccountsNotAscending(account));
            require(!AccountWords.storedOwesNothing(accounts[account]), AccountFree(account));
            Health memory proven = healths[account];
            require(_isOf(account, proven, latest.epoch), HealthNotProven(account));
            total.equity += proven.equity;
            total.maintenanceMargin += proven.maintenanceMargin;
            total.initialMargin += proven.initialMargin;
            // 63 bits
            if (proven.equity < 0) total.shortfall += uint256(-int256(proven.equity));
        }
        total.backstopCash = _cashOf(backstop);
    }

    /// @inheritdoc IClearingHouse
    function keepFacts() external nonReentrant {
        MarginStatement.Facts memory facts;
        _read(facts);
    }

    /// @inheritdoc IClearingHouse
    function isHealthy(bytes32 account, uint256 level) external view nonReentrantView returns (bool) {
        require(level <= Clearing.LEVEL_INITIAL, LevelUnknown(level));
        if (AccountWords.storedOwesNothing(accounts[account])) return true;
        Health memory proven = healths[account];
        MarginStatement.Kept memory latest = kept;
        if (!_isOf(account, proven, latest.epoch) || !_isCurrent(latest)) return false;
        uint256 requirement =
            level == Clearing.LEVEL_INITIAL ? proven.initialMargin : proven.maintenanceMargin;
        // 63 bits
        return int256(proven.equity) >= int256(requirement);
    }

    // --- collateral

    /// @inheritdoc IClearingHouse
    function credit(bytes32 account, uint256 lane, uint256 amount, uint32 eid, bytes32 depositor)
        external
        nonReentrant
    {
        require(msg.sender == address(collateralHub), NotCollateralHub(msg.sender));
        require(lane <= CASH_LANE, LaneUnknown(lane));
        if (depositor == bytes32(uint256(uint160(AccountWords.ownerOf(account))))) {
            uint256[10] memory words = _due(account);
            if (_fits(words, lane, amount)) {
                _add(words, lane, amount);
                _save(account, words);
                emit Credited(account, lane, amount, eid);
                return;
            }
        }
        waiting[account][lane] += amount;
        emit DepositWaiting(account, lane, amount, eid);
    }

    /// @inheritdoc IClearingHouse
    function accept(bytes32 account, uint256 lane) external nonReentrant {
        _requireOwner(account);
        require(lane <= CASH_LANE, LaneUnknown(lane));
        uint256 amount = waiting[account][lane];
        require(amount != 0, NothingWaiting(account, lane));
        waiting[account][lane] = 0;
        uint256[10] memory words = _due(account);
        _add(words, lane, amount);
        _save(account, words);
        emit Credited(account, lane, amount, 0);
    }

    /// @inheritdoc IClearingHouse
    function withdraw(
        bytes32 account,
        uint256 lane,
        uint256 amount,
        uint32 eid,
        bytes32 receiver,
        bytes calldata options,
        MarginProof calldata proof
    ) external payable nonReentrant {
        _requireOwner(account);
        require(amount != 0, AmountZero());
        uint256[10] memory words = _due(account);
        _take(account, words, lane, amount);
        _save(account, words);
        if (!words.owesNothing()) {
            MarginStatement.Facts memory facts;
            int256 equity = _requireInitial(account, words, proof, facts);
            if (lane == CASH_LANE) {
                uint256 value = MarginStatement.collateralValue(words, facts.words);
                // 12 products of 62 and 84 bits
                require(equity >= int256(value), CashLent(account, equity, value));
            }
        }
        emit Withdrawn(account, lane, amount, eid, receiver);
        collateralHub.release{value: msg.value}(eid, lane, amount, receiver, options, msg.sender);
    }

    /// @inheritdoc IClearingHouse
    function applySlice(
        bytes32 from,
        bytes32 to,
        uint256 part,
        uint256 whole,
        MarginProof calldata proof,
        MarginProof calldata receiverProof
    ) external nonReentrant {
        _requireExchange();
        (uint256[10] memory giving, uint256[10] memory taking) = _duePair(from, to);
        require(taking.isEmpty(), AccountUsed(to));
        _move(giving, to, taking, part, whole, Math.Rounding.Floor);
        MarginStatement.Facts memory facts;
        _saveProven(from, giving, proof, facts);
        _saveProven(to, taking, receiverProof, facts);
        emit SliceGiven(from, to, part, whole);
    }

    /// @inheritdoc IClearingHouse
    function settle(bytes32 account) external nonReentrant {
        _save(account, _due(account));
    }

    /// @inheritdoc IClearingHouse
    function sweep(uint256 series) external nonReentrant {
        int256 dust = book.sweep(series);
        _addToBackstop(dust);
        emit DustSwept(series, dust);
    }

    // --- liquidation

    /// @inheritdoc IClearingHouse
    function moveSlice(bytes32 from, bytes32 to, uint256 share) external nonReentrant {
        _requireLiquidation();
        (uint256[10] memory giving, uint256[10] memory taking) = _duePair(from, to);
        _move(giving, to, taking, share, Protocol.PPM, Math.Rounding.Trunc);
        _save(from, giving);
        _save(to, taking);
        emit SliceMoved(from, to, share);
    }

    /// @inheritdoc IClearingHouse
    function moveCash(bytes32 from, bytes32 to, uint256 amount) external nonReentrant {
        require(amount <= AccountWords.LARGEST, AccountWords.CashOutOfRange(int256(amount)));
        _requireLiquidation();
        (uint256[10] memory giving, uint256[10] memory taking) = _duePair(from, to);
        giving.addCash(-int256(amount));
        taking.addCash(int256(amount));
        _save(from, giving);
        _save(to, taking);
        emit CashMoved(from, to, amount);
    }

    /// @inheritdoc IClearingHouse
    function moveCollateral(bytes32 from, bytes32 to, uint256 lane, uint256 amount) external nonReentrant {
        _requireLiquidation();
        (uint256[10] memory giving, uint256[10] memory taking) = _duePair(from, to);
        _take(from, giving, lane, amount);
        _add(taking, lane, amount);
        _save(from, giving);
        _save(to, taking);
        emit CollateralMoved(from, to, lane, amount);
    }

    // --- views

    /// @inheritdoc IClearingHouse
    function accountOf(address owner, uint96 number) external pure returns (bytes32) {
        return AccountWords.nameOf(owner, number);
    }

    /// @inheritdoc IClearingHouse
    function accountWords(bytes32 account) public view nonReentrantView returns (uint256[10] memory words) {
        words = _load(account);
        words.addCash(-int256(_lossOwed(account)));
        book.collect(arrays, account, words);
        words.strip();
    }

    /// @inheritdoc IClearingHouse
    function statementWords(bytes32 account) external view returns (uint256[] memory) {
        return MarginStatement.words(_shared(), accountWords(account), 0, [uint256(0), 0, 0]);
    }

    /// @inheritdoc IClearingHouse
    function arraysOf(bytes32 account) external view returns (uint256) {
        return MarginStatement.arraysOf(accountWords(account), _shared());
    }

    /// @inheritdoc IClearingHouse
    function version(bytes32 account) public view returns (uint32) {
        return AccountWords.versionOf(accounts[account]);
    }

    /// @inheritdoc IClearingHouse
    function health(bytes32 account) external view returns (Health memory) {
        return healths[account];
    }

    /// @inheritdoc IOpenInterest
    function openInterest(uint256 series) external view returns (uint256) {
        return book.entries[series].held;
    }

    /// @inheritdoc IClearingHouse
    function unsettled(uint256 series) external view returns (int256) {
        return book.entries[series].unsettled;
    }

    /// @inheritdoc IClearingHouse
    function entered() external view returns (bool) {
        return _reentrancyGuardEntered();
    }

    // --- trading

    /// @dev One side of a trade: what the account holds, pays and must prove.
    /// @return grown {ppm of a contract} as in SeriesBook.change
    function _change(
        bytes32 account,
        uint256 series,
        int256 quantity,
        int256 cash,
        MarginProof calldata proof,
        MarginStatement.Facts memory facts
    ) private returns (uint256 grown) {
        uint256[10] memory words = _due(account);
        grown = book.change(arrays, account, words, series, quantity);
        words.addCash(cash);
        _saveProven(account, words, proof, facts);
    }

    // --- health

    /// @dev The facts of the current epoch, once.
    function _read(MarginStatement.Facts memory facts) private {
        if (facts.epoch == 0) MarginStatement.read(facts, kept, arrays, terms, maxArrayAge);
    }

    /// @dev H-2: free, or at the initial level.
    function _saveProven(
        bytes32 account,
        uint256[10] memory words,
        MarginProof calldata proof,
        MarginStatement.Facts memory facts
    ) private {
        _save(account, words);
        if (!words.owesNothing()) _requireInitial(account, words, proof, facts);
    }

    /// @dev Who acts chooses the moment, and which of two accounts keeps what a late mark gives away: the epoch's prices must
    /// still be those of now, to one step of the at least three that the requirement covers.
    /// @return equity {ppm of a dollar}
    function _requireInitial(
        bytes32 account,
        uint256[10] memory words,
        MarginProof calldata proof,
        MarginStatement.Facts memory facts
    ) private returns (int256 equity) {
        _read(facts);
        MarginStatement.requireNear(facts, arrays, words);
        Health memory proven = _prove(account, words, proof, facts);
        equity = proven.equity;
        // 63 bits
        require(
            equity >= int256(uint256(proven.initialMargin)),
            AccountUnhealthy(account, equity, proven.initialMargin)
        );
    }

    /// @return proven what is kept of the account as it is, over the facts
    function _prove(
        bytes32 account,
        uint256[10] memory words,
        MarginProof calldata proof,
        MarginStatement.Facts memory facts
    ) private returns (Health memory proven) {
        _read(facts);
        MarginStatement.verify(facts, words, verifier, proof);
        proven = _record(account, facts.epoch, proof.result);
        emit HealthProven(
            account,
            proven.version,
            facts.epoch,
            proven.equity,
            proven.maintenanceMargin,
            proven.initialMargin,
            proof.greeks
        );
    }

    /// @dev Records what a proof says of an account. Every figure is a bound on one side, so of two proofs of the same the
    /// tighter bounds stand: nobody makes an account look worse by proving it badly.
    function _record(bytes32 account, uint32 epoch, uint256 result) private returns (Health memory proven) {
        proven = MarginStatement.figures(result);
        (proven.version, proven.epoch) = (version(account), epoch);
        Health memory last = healths[account];
        if (last.version == proven.version && last.epoch == proven.epoch) {
            if (last.equity > proven.equity) proven.equity = last.equity;
            if (last.maintenanceMargin < proven.maintenanceMargin) {
                proven.maintenanceMargin = last.maintenanceMargin;
            }
            if (last.initialMargin < proven.initialMargin) proven.initialMargin = last.initialMargin;
        }
        healths[account] = proven;
    }

    /// @return whether what has been proven is of the account as it is, with all that is due, over the epoch
    function _isOf(bytes32 account, Health memory proven, uint32 epoch) private view returns (bool) {
        uint256[10] memory words = _load(account);
        if (
            proven.epoch != epoch || proven.version != version(account) || _lossOwed(account) != 0
                || SeriesBook.toEnd(arrays, words) != 0
        ) return false;
        (, uint256 count) = book.collect(arrays, account, words);
        return count == 0;
    }

    /// @return whether these facts are of the current epoch, and young enough to lean on
    function _isCurrent(MarginStatement.Kept memory latest) private view returns (bool) {
        return MarginStatement.isYoung(latest, maxArrayAge) && latest.epoch == arrays.currentNumber();
    }

    function _shared() private view returns (bytes memory shared) {
        (,, shared) = MarginStatement.gather(arrays, terms);
    }

    // --- accounts

    /// @dev An account after what is due to it and from it. To be followed by `_save`. What it bears of a loss goes to the backstop
    /// in storage: no words of the backstop may be held in memory over it.
    function _due(bytes32 account) private returns (uint256[10] memory words) {
        words = _load(account);
        uint256 share = account == backstop ? 0 : lossBook.take(account, words.cash());
        if (share != 0) {
            words.addCash(-int256(share));
            _write(account, words);
            _addToBackstop(int256(share));
            words = _load(account);
        }
        book.settle(arrays, account, words);
    }

    function _load(bytes32 account) private view returns (uint256[10] memory) {
        return AccountWords.load(accounts[account]);
    }

    function _cashOf(bytes32 account) private view returns (int256) {
        return AccountWords.storedCash(accounts[account]);
    }

    function _requireExchange() private view {
        require(msg.sender == exchange, NotExchange(msg.sender));
    }

    function _requireLiquidation() private view {
        require(msg.sender == liquidation, NotLiquidation(msg.sender));
    }

    /// @dev Moves part / whole of all that an account holds, after what is due to it.
    function _move(
        uint256[10] memory giving,
        bytes32 to,
        uint256[10] memory taking,
        uint256 part,
        uint256 whole,
        Math.Rounding rounding
    ) private {
        require(part <= whole && whole <= type(uint128).max, PartOutOfRange(part, whole));
        book.move(arrays, giving, to, taking, part, whole, rounding);
        int256 cash = SeriesBook.shareOf(giving.cash(), part, whole, rounding);
        giving.addCash(-cash);
        taking.addCash(cash);
        for (uint256 lane; lane < CASH_LANE; ++lane) {
            uint256 held = giving.balance(lane);
            uint256 moved = held * part / whole;
            if (moved == 0) continue;
            giving.setBalance(lane, held - moved);
            taking.setBalance(lane, taking.balance(lane) + moved);
        }
    }

    /// @dev Two accounts that something moves between. Either may be the backstop, which the other's share of a loss changes: its
    /// words are loaded after that.
    function _duePair(bytes32 from, bytes32 to)
        private
        returns (uint256[10] memory giving, uint256[10] memory taking)
    {
        require(from != to, AccountsEqual(to));
        _save(from, _due(from));
        taking = _due(to);
        giving = _load(from);
    }

    /// @return {ppm of a dollar} of shared losses that the account has not borne yet
    function _lossOwed(bytes32 account) private view returns (uint256) {
        return account == backstop ? 0 : lossBook.owed(account, _cashOf(account));
    }

    function _save(bytes32 account, uint256[10] memory words) private {
        (int256 before, int256 cash) = (_cashOf(account), words.cash());
        if (before != cash && account != backstop) lossBook.count(account, before, cash);
        _write(account, words);
    }

    /// @dev All that is ever stored of an account is stored here.
    function _write(bytes32 account, uint256[10] memory words) private {
        uint256[10] storage stored = accounts[account];
        bool wasFree = AccountWords.storedOwesNothing(stored);
        (uint32 accountVersion, bool changed) = AccountWords.save(stored, words);
        if (!changed) return;
        bool isFree = words.owesNothing();
        if (wasFree && !isFree) ++openAccounts;
        if (isFree && !wasFree) --openAccounts;
        emit AccountChanged(account, accountVersion, words);
    }

    /// @dev In storage: no words of the backstop may be held in memory over it.
    function _addToBackstop(int256 cash) private {
        if (cash == 0) return;
        uint256[10] memory words = _load(backstop);
        words.addCash(cash);
        _write(backstop, words);
    }

    function _add(uint256[10] memory words, uint256 lane, uint256 amount) private pure {
        require(amount <= AccountWords.LARGEST, AccountWords.BalanceOutOfRange(lane, amount));
        if (lane == CASH_LANE) words.addCash(int256(amount));
        else words.setBalance(lane, words.balance(lane) + amount);
    }

    function _take(bytes32 account, uint256[10] memory words, uint256 lane, uint256 amount) private pure {
        require(lane <= CASH_LANE, LaneUnknown(lane));
        if (lane == CASH_LANE) {
            int256 cash = words.cash();
            require(cash >= 0 && amount <= uint256(cash), CashMissing(account, amount, cash));
            words.setCash(cash - int256(amount));
        } else {
            uint256 balance = words.balance(lane);
            require(amount <= balance, CollateralMissing(account, lane, amount, balance));
            words.setBalance(lane, balance - amount);
        }
    }

    function _fits(uint256[10] memory words, uint256 lane, uint256 amount) private pure returns (bool) {
        if (amount > AccountWords.LARGEST) return false;
        if (lane == CASH_LANE) return words.cash() + int256(amount) <= int256(AccountWords.LARGEST);
        return words.balance(lane) + amount <= AccountWords.LARGEST;
    }

    function _requireOwner(bytes32 account) private view {
        require(msg.sender == AccountWords.ownerOf(account), NotOwner(msg.sender, account));
    }

    function _requireBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        require(value >= minimum && value <= maximum, ParameterOutOfBounds(name, value, minimum, maximum));
    }
}
