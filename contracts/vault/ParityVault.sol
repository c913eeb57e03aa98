// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {Allocation, IParityVault, MandateWords, Rebalance, VaultConfig} from "../interfaces/IParityVault.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {IRiskState} from "../interfaces/IRiskState.sol";
import {IVaultDesk} from "../interfaces/IVaultDesk.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Mandate} from "../libraries/Mandate.sol";
import {Statement} from "../libraries/Statement.sol";
import {TokenTransfer} from "../libraries/TokenTransfer.sol";
import {KeyPolicy} from "../proofs/KeyPolicy.sol";
import {Auction} from "./Auction.sol";
import {Basket} from "./Basket.sol";

/// @title A basket kept at risk parity by proofs and auctions
///
/// ASSUMPTIONS  Cash is the numeraire: prices are in whole units of it, and the vault does not look whether cash itself
///              holds its peg. Lanes mean the same assets as those of the log behind the risk state. Tokens neither rebase
///              nor take fees (a fee is refused when the token comes in) and have 18 decimals or fewer.
/// LIVENESS     Redemption in kind needs no price, proof, message, auction or permission, and no role can stop it. A leg
///              whose token fails is kept for its receiver and does not hold up the others. Allocating and rebalancing wait
///              for a risk state young enough; opening a rebalance also waits for every price source of the basket, and a
///              bid for that of its lane. A lane whose market moves against the vault by more than its range rests.
/// ROUNDING     For the vault, always: minting and bidding for its tokens round up, redeeming and selling to it round down,
///              trades stop short of their target.
/// ROLES        Governor: seeds once; schedules mandates within bounds in code, which anyone may apply after a delay. If
///              malicious, it makes the vault follow another risk-parity mandate, or none new; holders have the delay to
///              leave. Guardian: stops the running rebalance, which blocks new ones for a day. If malicious, it keeps
///              the basket as it is. Neither moves a token. Nobody can change the verifier, the risk state, the tokens or
///              the price sources.
contract ParityVault is IParityVault, ERC20, ReentrancyGuardTransient {
    using Lanes for uint256;
    using SafeCast for uint256;
    using Basket for Basket.Store;

    uint256 private constant CASH = Basket.CASH;
    /// {share units} of the seed that nobody owns, so that the supply stays above 0
    uint256 public constant LOCKED_SHARES = 1e15;
    address public constant LOCKED_SHARES_OWNER = 0x000000000000000000000000000000000000dEaD;
    /// {s} for which a stop by the guardian blocks new rebalances
    uint64 public constant STOP_DURATION = 1 days;
    /// {gas} left before a leg of a redemption, so that the token gets LEG_GAS and the rest can still be done: an estimate
    /// of gas that starves a leg fails instead of leaving a claim behind
    uint256 private constant GAS_BEFORE_LEG = TokenTransfer.LEG_GAS * 64 / 63 + 60_000;

    /// @param supply {share units} when the rebalance opened, which `Leg.target` is for
    struct Header {
        uint32 id;
        uint40 startTime;
        uint40 endTime;
        uint16 buying;
        uint128 supply;
    }

    /// @param mark {D18} cash per whole token; 0 where the lane does not trade
    /// @param target {token units}
    struct Leg {
        uint128 mark;
        uint128 target;
    }

    IRiskState public immutable riskState;
    IVaultDesk public immutable desk;
    IGroth16Verifier public immutable verifier;
    address public immutable governor;
    address public immutable guardian;
    uint64 public immutable observationInterval;
    uint64 public immutable maxRiskAge;
    uint64 public immutable warmUp;
    uint64 public immutable auctionLength;
    uint64 public immutable mandateDelay;
    /// {D18} √(auctionLength / observationInterval)
    uint256 private immutable rootLength;
    /// bit i is set where lane i has a token
    uint256 private immutable usedLanes;

    Basket.Store private basket;
    mapping(address owner => mapping(uint256 asset => uint256)) public claimable;

    MandateWords private currentMandate;
    MandateWords private nextMandate;
    uint64 private nextMandateReadyAt;

    Allocation private currentAllocation;

    Header private header;
    Leg[12] private legs;
    /// lanes {ppm}
    uint256 private ranges;
    uint64 public blockedUntil;
    /// {cash units} that the allocation leaves in cash, for `Header.supply` shares
    uint128 private cashTarget;

    constructor(VaultConfig memory config, MandateWords memory mandate_) ERC20(config.name, config.symbol) {
        require(config.governor != address(0) && config.guardian != address(0), AddressZero());
        KeyPolicy.requireAllowed(config.verifier);
        _requireTime("observationInterval", config.observationInterval, 1 minutes, 30 days);
        _requireTime("maxRiskAge", config.maxRiskAge, config.observationInterval, 90 days);
        _requireTime("warmUp", config.warmUp, 1 minutes, 1 days);
        _requireTime("auctionLength", config.auctionLength, 10 minutes, 7 days);
        _requireTime("mandateDelay", config.mandateDelay, 1 days, 30 days);

        (governor, guardian) = (config.governor, config.guardian);
        (riskState, verifier) = (config.riskState, config.verifier);
        observationInterval = config.observationInterval;
        maxRiskAge = config.maxRiskAge;
        warmUp = config.warmUp;
        auctionLength = config.auctionLength;
        mandateDelay = config.mandateDelay;
        rootLength = Math.sqrt(uint256(config.auctionLength) * 1e36 / config.observationInterval);
        desk = config.desk;
        usedLanes = basket.prepare(config.cash, config.tokens, config.sources, address(config.desk));

        Mandate.validate(mandate_, usedLanes, 0, _highestExposure());
        currentMandate = mandate_;
        emit MandateApplied(mandate_.terms.get(Protocol.TERM_VERSION), mandate_);

        // written so that the first allocation costs what later ones cost; index 0 says that there is none
        currentAllocation.endTime = 1;
        currentAllocation.weights = 1;
    }

    // --- shares

    /// @inheritdoc IParityVault
    function seed(uint256[14] calldata amounts, uint256 shares, address receiver) external nonReentrant {
        require(msg.sender == governor, NotGovernor(msg.sender));
        require(totalSupply() == 0, AlreadySeeded());
        require(shares > LOCKED_SHARES && shares <= type(uint128).max, SeedOutOfBounds(shares));
        uint256 any;
        for (uint256 asset; asset < Basket.ASSETS; ++asset) {
            any |= amounts[asset];
        }
        require(any != 0, SeedEmpty());

        basket.takeAll(msg.sender, amounts);
        _mint(LOCKED_SHARES_OWNER, LOCKED_SHARES);
        _mint(receiver, shares - LOCKED_SHARES);
        emit Seeded(receiver, shares, amounts);
    }

    /// @inheritdoc IParityVault
    function mint(uint256 shares, address receiver)
        external
        nonReentrant
        returns (uint256[14] memory amounts)
    {
        uint256 supply = totalSupply();
        require(supply != 0, NotSeeded());
        require(shares != 0, SharesZero());
        require(shares <= type(uint128).max - supply, SupplyOutOfBounds());

        amounts = basket.proRata(shares, supply, Math.Rounding.Ceil);
        basket.takeAll(msg.sender, amounts);
        _mint(receiver, shares);
        emit Minted(msg.sender, receiver, shares, amounts);
    }

    /// @inheritdoc IParityVault
    function redeem(uint256 shares, address receiver)
        external
        nonReentrant
        returns (uint256[14] memory amounts)
    {
        require(shares != 0, SharesZero());
        require(receiver != address(0), AddressZero());

        amounts = basket.proRata(shares, totalSupply(), Math.Rounding.Floor);
        _burn(msg.sender, shares);
        basket.release(amounts);
        emit Redeemed(msg.sender, receiver, shares, amounts);

        for (uint256 asset; asset < Basket.ASSETS; ++asset) {
            uint256 amount = amounts[asset];
            if (amount == 0) continue;
            require(gasleft() >= GAS_BEFORE_LEG, LegGasMissing(gasleft(), GAS_BEFORE_LEG));
            if (!TokenTransfer.tryPush(basket.assets[asset].token, receiver, amount)) {
                claimable[receiver][asset] += amount;
                emit LegFailed(asset, receiver, amount);
            }
        }
    }

    /// @inheritdoc IParityVault
    function claim(uint256 asset, address receiver) external nonReentrant returns (uint256 amount) {
        require(receiver != address(0), AddressZero());
        amount = claimable[msg.sender][asset];
        require(amount != 0, NothingToClaim(asset));
        claimable[msg.sender][asset] = 0;
        emit Claimed(asset, msg.sender, receiver, amount);
        TokenTransfer.push(basket.assets[asset].token, receiver, amount);
    }

    // --- risk parity

    /// @inheritdoc IParityVault
    function allocate(
        uint64 index,
        uint256 weights,
        uint256 portfolio,
        uint256 commitment,
        Proof calldata proof
    ) external nonReentrant {
        MandateWords memory words = currentMandate;
        uint256 version = words.terms.get(Protocol.TERM_VERSION);
        _requireBetter(index, version, portfolio.get(Protocol.PORTFOLIO_VOLATILITY));
        (uint256 covarianceCommitment, uint64 endTime) =
            riskState.covarianceCommitment(index, words.terms.get(Protocol.TERM_DECAY_INDEX));
        _requireYoung(endTime);
        uint256 exposure = portfolio.get(Protocol.PORTFOLIO_EXPOSURE);
        Mandate.requireWithin(words, weights, exposure);

        _requireProven(words, weights, portfolio, covarianceCommitment, commitment, proof);

        uint256 volatility = portfolio.get(Protocol.PORTFOLIO_VOLATILITY);
        // lanes are below 2²¹
        currentAllocation = Allocation({
            index: index,
            endTime: endTime,
            mandateVersion: uint32(version),
            portfolioVolatility: uint32(volatility),
            exposure: uint32(exposure),
            weights: weights
        });
        emit Allocated(index, version, weights, volatility, exposure);
    }

    /// @inheritdoc IParityVault
    function openRebalance() external nonReentrant returns (uint64 id) {
        Allocation memory latest = currentAllocation;
        require(latest.index != 0, NotAllocated());
        uint256 terms = currentMandate.terms;
        uint256 version = terms.get(Protocol.TERM_VERSION);
        require(latest.mandateVersion == version, AllocationOutdated(latest.mandateVersion, version));
        _requireYoung(latest.endTime);
        require(!rebalanceRunning(), RebalanceRunning(header.endTime));
        require(block.timestamp >= blockedUntil, RebalanceBlocked(blockedUntil));

        Basket.Valuation memory valuation = basket.valuate();
        require(valuation.value != 0, ValueZero());
        latest.exposure = _spotExposure(latest.exposure);
        uint16 buying = _setLegs(latest, terms, valuation);
        ranges = _rangesOf(terms);
        cashTarget = basket.cashTarget(valuation, latest.exposure).toUint128();

        id = header.id + 1;
        uint64 startTime = uint64(block.timestamp) + warmUp;
        uint64 endTime = startTime + auctionLength;
        header = Header({
            id: uint32(id),
            startTime: uint40(startTime),
            endTime: uint40(endTime),
            buying: buying,
            supply: uint128(totalSupply()) // kept below 2¹²⁸ by seed and mint
        });
        emit RebalanceOpened(id, startTime, endTime, valuation.value, ranges);
    }

    /// @inheritdoc IParityVault
    function bid(uint64 id, uint256 lane, uint256 amount, uint256 limit, address receiver)
        external
        nonReentrant
        returns (uint256 filled, uint256 cashAmount)
    {
        Header memory current = header;
        require(id == current.id, RebalanceNotCurrent(id, current.id));
        bool buying = (current.buying >> lane) & 1 == 1;
        uint256 price = _auctionPrice(current, lane);
        require(buying ? price >= limit : price <= limit, PriceBeyondLimit(price, limit));
        uint256 worst = _worstPrice(lane, buying);
        require(buying ? price <= worst : price >= worst, PriceMoved(lane, price, worst));
        filled = Math.min(amount, _left(current, lane, price));
        require(filled != 0, NothingLeft(lane));

        (uint256 unit, uint256 cashUnit) = (basket.assets[lane].unit, basket.assets[CASH].unit);
        if (buying) {
            cashAmount = Auction.cashDown(filled, price, unit, cashUnit);
            basket.swap(lane, filled, CASH, cashAmount, receiver);
        } else {
            cashAmount = Auction.cashUp(filled, price, unit, cashUnit);
            basket.swap(CASH, cashAmount, lane, filled, receiver);
        }
        emit BidFilled(id, lane, msg.sender, buying, filled, cashAmount, price);
    }

    // --- desk

    /// @inheritdoc IParityVault
    function giveToDesk(uint256 asset, uint256 amount, uint256 units) external nonReentrant {
        _requireDesk(asset);
        basket.give(asset, amount, units.toUint128());
        emit GivenToDesk(asset, amount, units);
    }

    /// @inheritdoc IParityVault
    function takeFromDesk(uint256 asset, uint256 amount, uint256 units) external nonReentrant {
        _requireDesk(asset);
        basket.take(asset, amount, units.toUint128());
        emit TakenFromDesk(asset, amount, units);
    }

    // --- roles

    /// @inheritdoc IParityVault
    function scheduleMandate(MandateWords calldata mandate_) external {
        require(msg.sender == governor, NotGovernor(msg.sender));
        Mandate.validate(
            mandate_, usedLanes, currentMandate.terms.get(Protocol.TERM_VERSION), _highestExposure()
        );
        nextMandate = mandate_;
        nextMandateReadyAt = uint64(block.timestamp) + mandateDelay;
        emit MandateScheduled(mandate_.terms.get(Protocol.TERM_VERSION), mandate_, nextMandateReadyAt);
    }

    /// @inheritdoc IParityVault
    function cancelMandate() external {
        require(msg.sender == governor, NotGovernor(msg.sender));
        require(nextMandateReadyAt != 0, NoMandateScheduled());
        emit MandateCancelled(nextMandate.terms.get(Protocol.TERM_VERSION));
        delete nextMandate;
        nextMandateReadyAt = 0;
    }

    /// @inheritdoc IParityVault
    function applyMandate() external {
        uint64 readyAt = nextMandateReadyAt;
        require(readyAt != 0, NoMandateScheduled());
        require(block.timestamp >= readyAt, MandateNotReady(readyAt));
        MandateWords memory words = nextMandate;
        currentMandate = words;
        delete nextMandate;
        nextMandateReadyAt = 0;
        emit MandateApplied(words.terms.get(Protocol.TERM_VERSION), words);
    }

    /// @inheritdoc IParityVault
    function stopRebalance() external {
        require(msg.sender == guardian, NotGuardian(msg.sender));
        require(rebalanceRunning(), NoRebalanceRunning());
        header.endTime = uint40(block.timestamp);
        blockedUntil = uint64(block.timestamp) + STOP_DURATION;
        emit RebalanceStopped(header.id, blockedUntil);
    }

    // --- views

    /// @inheritdoc IParityVault
    function mandate() external view returns (MandateWords memory) {
        return currentMandate;
    }

    /// @inheritdoc IParityVault
    function scheduledMandate() external view returns (MandateWords memory words, uint64 readyAt) {
        return (nextMandate, nextMandateReadyAt);
    }

    /// @inheritdoc IParityVault
    function allocation() external view returns (Allocation memory latest) {
        if (currentAllocation.index != 0) latest = currentAllocation;
    }

    /// @inheritdoc IParityVault
    function rebalance() external view returns (Rebalance memory current) {
        Header memory stored = header;
        current.id = stored.id;
        current.startTime = stored.startTime;
        current.endTime = stored.endTime;
        current.buying = stored.buying;
        current.ranges = ranges;
        for (uint256 lane; lane < CASH; ++lane) {
            Leg memory leg = legs[lane];
            if (leg.mark == 0) continue;
            current.marks[lane] = leg.mark;
            bool buying = (stored.buying >> lane) & 1 == 1;
            current.targets[lane] = Math.mulDiv(
                leg.target, totalSupply(), stored.supply, buying ? Math.Rounding.Floor : Math.Rounding.Ceil
            );
        }
    }

    /// @inheritdoc IParityVault
    function rebalanceRunning() public view returns (bool) {
        return block.timestamp < header.endTime;
    }

    /// @inheritdoc IParityVault
    function auctionPrice(uint256 lane) external view returns (uint256) {
        return _auctionPrice(header, lane);
    }

    /// @inheritdoc IParityVault
    function auctionAmount(uint256 lane) external view returns (uint256) {
        Header memory current = header;
        if (!_biddingOpen(current) || legs[lane].mark == 0) return 0;
        uint256 price = _auctionPrice(current, lane);
        bool buying = (current.buying >> lane) & 1 == 1;
        uint256 worst = _worstPrice(lane, buying);
        if (buying ? price > worst : price < worst) return 0;
        return _left(current, lane, price);
    }

    /// @inheritdoc IParityVault
    function drift() external view returns (uint256 largest) {
        Allocation memory latest = currentAllocation;
        require(latest.index != 0, NotAllocated());
        latest.exposure = _spotExposure(latest.exposure);
        Basket.Valuation memory valuation = basket.valuate();
        require(valuation.value != 0, ValueZero());
        for (uint256 lane; lane < CASH; ++lane) {
            if (valuation.prices[lane] == 0) continue;
            (uint256 gap,,) = _plan(latest, valuation, lane, 0);
            largest = Math.max(largest, gap * Protocol.PPM / valuation.value);
        }
    }

    /// @inheritdoc IParityVault
    function balances() external view returns (uint256[14] memory amounts) {
        return basket.balances();
    }

    /// @inheritdoc IParityVault
    function totalValue() external view returns (uint256) {
        return basket.valuate().value;
    }

    /// @inheritdoc IParityVault
    function previewMint(uint256 shares) external view returns (uint256[14] memory) {
        require(totalSupply() != 0, NotSeeded());
        return basket.proRata(shares, totalSupply(), Math.Rounding.Ceil);
    }

    /// @inheritdoc IParityVault
    function previewRedeem(uint256 shares) external view returns (uint256[14] memory) {
        require(totalSupply() != 0, NotSeeded());
        return basket.proRata(shares, totalSupply(), Math.Rounding.Floor);
    }

    /// @inheritdoc IParityVault
    function token(uint256 asset) external view returns (address) {
        return basket.assets[asset].token;
    }

    /// @inheritdoc IParityVault
    function source(uint256 lane) external view returns (IPriceSource) {
        return basket.sources[lane];
    }

    /// @inheritdoc IParityVault
    function entered() external view returns (bool) {
        return _reentrancyGuardEntered();
    }

    // --- making a vault

    function _requireTime(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        require(value >= minimum && value <= maximum, TimeOutOfBounds(name, value, minimum, maximum));
    }

    /// @return {ppm} only a desk can hold more than all of the value
    function _highestExposure() private view returns (uint256) {
        return
            address(desk) == address(0)
                ? Protocol.PPM
                : Protocol.TERM_MAXIMUMS.get(Protocol.TERM_MAX_EXPOSURE);
    }

    /// @dev Units belong to redeemers and minters alone: the desk takes and gives lanes and cash.
    function _requireDesk(uint256 asset) private view {
        require(msg.sender == address(desk), NotDesk(msg.sender));
        require(asset <= CASH, AssetUnknown(asset));
    }

    // --- risk parity

    /// @dev A spoke's clock may be behind the hub's: a state from the future is young.
    function _requireYoung(uint256 endTime) private view {
        uint256 age = Math.saturatingSub(block.timestamp, endTime);
        require(age <= maxRiskAge, RiskStateTooOld(age, maxRiskAge));
    }

    /// @dev Newer facts, else a newer mandate, else less volatility: with binding caps and assets that hedge each other the
    /// rules can hold for more than one portfolio, and the calmest that anyone proves stands.
    function _requireBetter(uint64 index, uint256 version, uint256 volatility) private view {
        uint64 latest = currentAllocation.index;
        bool sameMandate = version == currentAllocation.mandateVersion;
        bool calmer = volatility < currentAllocation.portfolioVolatility;
        require(
            index > latest || (index == latest && (!sameMandate || calmer)), AllocationNotNewer(index, latest)
        );
    }

    function _requireProven(
        MandateWords memory words,
        uint256 weights,
        uint256 portfolio,
        uint256 covarianceCommitment,
        uint256 commitment,
        Proof calldata proof
    ) private view {
        uint256[] memory statement = new uint256[](Protocol.PARITY_LENGTH);
        statement[Protocol.PARITY_TERMS_OFFSET] = words.terms;
        statement[Protocol.PARITY_BUDGETS_OFFSET] = words.budgets;
        statement[Protocol.PARITY_CAPS_OFFSET] = words.caps;
        statement[Protocol.PARITY_WEIGHTS_OFFSET] = weights;
        statement[Protocol.PARITY_PORTFOLIO_OFFSET] = portfolio;
        statement[Protocol.PARITY_COVARIANCE_COMMITMENT_OFFSET] = covarianceCommitment;
        Statement.verify(
            verifier,
            Protocol.DOMAIN_PARITY_STATEMENT,
            statement,
            Protocol.PARITY_LANE_WORDS,
            commitment,
            proof
        );
    }

    /// @dev What the exposure has beyond the desk's share of the value is the desk's to hold.
    /// @return {ppm}
    function _spotExposure(uint32 exposure) private view returns (uint32) {
        if (address(desk) == address(0)) return exposure;
        return uint32(Math.min(exposure, desk.spotShare()));
    }

    function _plan(
        Allocation memory latest,
        Basket.Valuation memory valuation,
        uint256 lane,
        uint256 maxTradeValue
    ) private view returns (uint256 gap, uint256 target, bool buying) {
        // {D18} = {D18} * {ppm} * {ppm} / {ppm} / {ppm}, rounded down
        uint256 targetValue =
            valuation.value * latest.exposure * latest.weights.get(lane) / (Protocol.PPM * Protocol.PPM);
        return Auction.plan(
            valuation.amounts[lane],
            valuation.prices[lane],
            basket.assets[lane].unit,
            targetValue,
            maxTradeValue
        );
    }

    /// @dev Sets marks and targets of all lanes. Reverts with DriftWithinBand where none has drifted far enough.
    /// @return buying bit i is set where the vault buys lane i
    function _setLegs(Allocation memory latest, uint256 terms, Basket.Valuation memory valuation)
        private
        returns (uint16 buying)
    {
        // {D18} = {D18} * {ppm} / {ppm}
        uint256 maxTradeValue = valuation.value * terms.get(Protocol.TERM_MAX_TRADE) / Protocol.PPM;
        uint256 largest;
        for (uint256 lane; lane < CASH; ++lane) {
            if (valuation.prices[lane] == 0) continue;
            (uint256 gap, uint256 target, bool buys) = _plan(latest, valuation, lane, maxTradeValue);
            largest = Math.max(largest, gap * Protocol.PPM / valuation.value);
            legs[lane] = Leg(uint128(valuation.prices[lane]), target.toUint128());
            if (buys) buying |= uint16(1 << lane);
        }
        uint256 band = terms.get(Protocol.TERM_DRIFT_BAND);
        require(largest > band, DriftWithinBand(largest, band));
    }

    /// @dev From the latest proven volatilities, which are at least as new as the allocation's.
    /// @return word lanes {ppm}
    function _rangesOf(uint256 terms) private view returns (uint256 word) {
        uint256 volatilities = riskState.volatilities(riskState.latestIndex());
        uint256 multiple = terms.get(Protocol.TERM_PRICE_RANGE_MULTIPLE);
        uint256 maximum = terms.get(Protocol.TERM_MAX_PRICE_RANGE);
        for (uint256 lane; lane < CASH; ++lane) {
            word = word.put(lane, Auction.halfRange(multiple, volatilities.get(lane), rootLength, maximum));
        }
    }

    function _biddingOpen(Header memory current) private view returns (bool) {
        return block.timestamp >= current.startTime && block.timestamp < current.endTime;
    }

    /// @return {D18} cash per whole token
    function _auctionPrice(Header memory current, uint256 lane) private view returns (uint256) {
        require(_biddingOpen(current), BiddingClosed(current.startTime, current.endTime));
        uint256 mark = legs[lane].mark;
        require(mark != 0, NothingLeft(lane));
        return Auction.price(
            mark,
            ranges.get(lane),
            block.timestamp - current.startTime,
            auctionLength,
            (current.buying >> lane) & 1 == 1
        );
    }

    /// @dev Marks grow old while auctions run: whatever the market does, at its present price a trade costs the vault no
    /// more than the lane's range.
    /// @return {D18} cash per whole token: the end of an auction that had the present price for its mark
    function _worstPrice(uint256 lane, bool buying) private view returns (uint256) {
        return Auction.price(basket.priceOf(lane), ranges.get(lane), auctionLength, auctionLength, buying);
    }

    /// @return amount {token units} what a bid can fill at this price
    function _left(Header memory current, uint256 lane, uint256 price) private view returns (uint256 amount) {
        bool buying = (current.buying >> lane) & 1 == 1;
        amount = Auction.left(basket.held[lane], legs[lane].target, totalSupply(), current.supply, buying);
        if (buying) {
            // what is beyond the cash target: where nobody takes what the vault sells, it does not buy beyond its exposure
            uint256 kept = Math.ceilDiv(cashTarget * totalSupply(), current.supply);
            uint256 affordable = Auction.affordable(
                Math.saturatingSub(basket.held[CASH], kept),
                price,
                basket.assets[lane].unit,
                basket.assets[CASH].unit
            );
            amount = Math.min(amount, affordable);
        }
    }
}
