// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {Health, IClearingHouse, MarginProof} from "../interfaces/IClearingHouse.sol";
import {ICollateralGate} from "../interfaces/ICollateralGate.sol";
import {IDeskAuctions} from "../interfaces/IDeskAuctions.sol";
import {IExchange, Order, Side} from "../interfaces/IExchange.sol";
import {ILiquidation} from "../interfaces/ILiquidation.sol";
import {IParityVault} from "../interfaces/IParityVault.sol";
import {Series} from "../interfaces/IListings.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {DeskConfig, DeskReading, IVaultDesk, Shown} from "../interfaces/IVaultDesk.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {TokenTransfer} from "../libraries/TokenTransfer.sol";
import {Basket} from "./Basket.sol";
import {DeskBook} from "./DeskBook.sol";

/// @title One account of the clearing house for one vault: what its spot holdings lack of the exposure, or have too much
///
/// ASSUMPTIONS  The house, its arrays, terms, hub and exchange are sound. The vault's cash is the house's dollar; lanes mean the same
///              assets as those of the log behind both. Live prices are off by less than the range in which the desk trades.
/// LIVENESS     Redeeming shares needs nothing of the house: it moves units, which is a change of two numbers here. Everything else
///              waits for an epoch young enough, live prices within a step of it, and proofs; nothing is done while the account
///              is liquidated, and units have no price while a position has ended and is not settled, 7 days at most. What comes
///              back waits for what the gate's limit and its escrow on this chain hold of the token: others may have deposited theirs
///              elsewhere. Turning units into an account follows the house's own rules.
/// ROUNDING     For the vault where units have a price: they are sold at the most and bought at the least that they can be worth.
///              Whoever leaves gets the floor of everything, of debts the ceiling.
/// ROLES        Auctions: trade for the account, by rules that anybody carries out. They are fixed at deployment; if malicious, they lose
///              what lies here. What is lost at the house is what lies there: the basket pays for no debt of the account.
contract VaultDesk is IVaultDesk, ERC20, ReentrancyGuardTransient {
    using AccountWords for uint256[10];
    using DeskBook for DeskBook.Asset;
    using Lanes for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant PPM = Protocol.PPM;
    uint256 private constant PPT = Clearing.PPT;
    uint256 private constant CASH = Basket.CASH;
    uint256 private constant UNITS = Basket.UNITS;
    /// {D18 / ppm of a dollar}
    uint256 private constant D18_PER_PPM = 1e12;
    /// {ppm} of the share: nothing moves between vault and desk within
    uint256 private constant BAND = 100_000; /* 10 % */
    /// {1} shares of the vault's value that may leave it in a day
    uint256 private constant SHARES_PER_DAY = 2;
    /// {1} transfers between vault and desk that bring what is missing, at most
    uint256 private constant PARTS = 20;
    /// {ppm of a dollar} every entry changes the account, and with it what proofs on their way are of
    uint256 private constant LEAST_ENTRY = 100e6;
    /// {ppm} of the equity: below it by so much at most units are priced that the vault gets
    uint256 private constant MOST_DILUTION = 100_000; /* 10 % */
    /// {ppm of a dollar} an account with less, and nothing else, is bare
    uint256 private constant BARE = 1e6;

    IParityVault public immutable vault;
    IClearingHouse public immutable house;
    IExchange public immutable exchange;
    ICollateralGate public immutable gate;
    IDeskAuctions public immutable auctions;
    bytes32 public immutable account;
    uint256 public immutable health;
    IRiskArrays private immutable arrays;
    ILiquidation private immutable liquidation;
    uint256 private immutable share;

    DeskBook.Asset[13] private assets;
    /// orders of this desk
    uint256 private lastSalt;
    /// {s} the day that `givenToday` counts
    uint64 private day;
    /// {ppt} of the vault's value, each part of the value of its moment
    uint192 private givenToday;

    uint256 public generation;
    mapping(uint256 generation => mapping(address owner => uint256)) private balances;
    mapping(uint256 generation => uint256) private supplies;

    /// @notice What a part of the account is to the vault.
    /// @param supply {unit units}
    /// @param held {unit units} by the vault
    /// @param value {ppm of a dollar} of the vault, its part of the desk included
    struct Part {
        uint256 supply;
        uint256 held;
        uint256 value;
    }

    constructor(DeskConfig memory config) ERC20("Equipoise desk unit", "EQD") {
        require(config.auctions.desk() == IVaultDesk(this), AuctionsDiffer(address(config.auctions.desk())));
        (auctions, gate) = (config.auctions, config.gate);
        (vault, house) = (config.auctions.vault(), config.auctions.house());
        (arrays, liquidation) = (house.arrays(), ILiquidation(house.liquidation()));
        exchange = IExchange(house.exchange());
        require(gate.hubEid() == gate.localEid(), GateUnusable());
        DeskBook.prepare(assets, vault, gate);
        require(assets[CASH].lane != 0, GateUnusable());
        _requireBounds("share", config.share, 10_000, 500_000);
        _requireBounds("health", config.health, 1_100_000, 10_000_000);
        (share, health) = (config.share, config.health);
        account = AccountWords.nameOf(address(this), 0);
    }

    // --- margin in, margin out

    /// @inheritdoc IVaultDesk
    function fund(uint256 asset, uint256 part, Shown calldata shown) external nonReentrant {
        _requireCalm();
        _requireCollateral(asset, part);
        DeskReading memory reading = _read();
        Part memory whole = _whole();
        uint256 most = Math.max(_missing(reading, whole), _missingFor(reading, shown));
        if (asset == CASH) most = Math.max(most, _called(reading));
        require(most != 0, ShareWithinBand(_held(reading, whole), _due(whole)));
        uint256 cash = DeskBook.partOf(assets[CASH], vault.balances()[CASH]);
        if (asset == CASH) {
            // what there is may be less than a part of what is missing
            most = Math.min(most, cash);
        } else {
            // a rebalance would buy again what it finds missing
            require(!vault.rebalanceRunning(), RebalanceRuns());
            most = Math.saturatingSub(most, cash);
        }
        uint256 value = DeskBook.valueOf(part, DeskBook.priceOf(vault, asset));
        require(value <= most, PartTooLarge(value, most));
        require(value >= most / PARTS, PartTooSmall(value, most / PARTS));
        _countDay(value, whole.value);

        uint256 units = _unitsFor(reading, whole, asset, value);
        _mint(address(vault), units);
        vault.giveToDesk(asset, _amountOf(asset, part), whole.held + units);
        _deposit(asset, part);
        emit Funded(asset, part, units);
    }

    /// @inheritdoc IVaultDesk
    function giveBack(uint256 asset, uint256 part, MarginProof calldata proof) external nonReentrant {
        _requireCalm();
        _requireCollateral(asset, part);
        DeskReading memory reading = _read();
        Part memory whole = _whole();
        (uint256 held, uint256 due) = (_held(reading, whole), _due(whole));
        require(held > due + due * BAND / PPM, ShareWithinBand(held, due));
        uint256 value = DeskBook.valueOf(part, DeskBook.priceOf(vault, asset));
        require(value <= held - due, PartTooLarge(value, held - due));
        require(value >= (held - due) / PARTS, PartTooSmall(value, (held - due) / PARTS));

        uint256 units;
        // what others have is not sold with it, and at the least that it can be worth
        if (whole.supply != whole.held) {
            _requirePriced();
            // and the token for the least
            uint256 least = value - Math.mulDiv(value, _costOf(asset), PPM, Math.Rounding.Ceil);
            units = Math.mulDiv(least, whole.supply, _upper(reading));
        }
        _withdraw(asset, part, proof);
        // at live prices too, by which `fund` brings what health lacks: else both could be called in turn
        _requireHealth(reading.equity - value.toInt256());
        _burn(address(vault), units);
        uint256 amount = _amountOf(asset, part);
        IERC20(assets[asset].token).forceApprove(address(vault), amount);
        vault.takeFromDesk(asset, amount, whole.held - units);
        emit Returned(asset, part, units);
    }

    // --- units

    /// @inheritdoc IVaultDesk
    function enter(uint256 cash, uint256 minimum, address receiver)
        external
        nonReentrant
        returns (uint256 units)
    {
        _requireCalm();
        require(cash >= LEAST_ENTRY, PartTooSmall(cash, LEAST_ENTRY));
        require(!auctions.anyRunning(), AuctionRuns());
        uint256 supply = totalSupply();
        require(supply != 0, NotFunded());
        _requirePriced();
        DeskReading memory reading = _read();
        // an equity that trading could use up says nothing of what a newcomer buys
        require(reading.equity > int256(reading.uncertainty), EquityMissing(reading.equity));
        units = Math.mulDiv(cash, supply, _upper(reading));
        require(units != 0 && units >= minimum, UnitsZero());
        _requireRange(supply + units);

        TokenTransfer.pull(assets[CASH].token, msg.sender, _amountOf(CASH, cash));
        _mint(receiver, units);
        _deposit(CASH, cash);
        emit Entered(msg.sender, receiver, cash, units);
    }

    /// @inheritdoc IVaultDesk
    function leave(uint256 units, bytes32 to, MarginProof calldata proof, MarginProof calldata receiverProof)
        external
        nonReentrant
    {
        require(units != 0, UnitsZero());
        require(msg.sender == AccountWords.ownerOf(to), IClearingHouse.NotOwner(msg.sender, to));
        uint256 supply = totalSupply();
        _burn(msg.sender, units);
        exchange.giveSlice(account, to, units, supply, proof, receiverProof);
        emit Left(msg.sender, to, units, supply);
    }

    /// @inheritdoc IVaultDesk
    function renew() external nonReentrant {
        require(!vault.entered(), VaultBusy());
        require(totalSupply() != 0, NotFunded());
        uint256[10] memory words = house.accountWords(account);
        int256 cash = words.cash();
        bool bare = !words.hasPositions() && cash >= 0 && cash < int256(BARE);
        for (uint256 lane; bare && lane < Protocol.LANE_COUNT; ++lane) {
            bare = words.balance(lane) == 0;
        }
        require(bare, AccountNotBare());
        emit Renewed(++generation);
        vault.giveToDesk(CASH, 0, 0);
    }

    // --- trading

    /// @inheritdoc IVaultDesk
    function trade(
        uint256 series,
        bool buying,
        uint256 quantity,
        uint256 price,
        Side calldata taker,
        MarginProof calldata proof
    ) external nonReentrant {
        require(msg.sender == address(auctions), NotAuctions(msg.sender));
        bool adds = _adds(series, buying, quantity);
        exchange.trade(Side(_order(series, buying, quantity, price), "", proof), taker, quantity);
        if (adds) _requireHealth(type(int256).max);
        emit Traded(series, buying, quantity, price);
    }

    // --- views

    /// @inheritdoc IVaultDesk
    function valueOf(uint256 units) external view returns (uint256) {
        uint256 supply = totalSupply();
        int256 worth = _read().equity;
        if (supply == 0 || worth <= 0) return 0;
        // {D18} = {ppm of a dollar} * {D18 / ppm of a dollar} * {unit units} / {unit units}
        return Math.mulDiv(uint256(worth) * D18_PER_PPM, units, supply);
    }

    /// @inheritdoc IVaultDesk
    function read() external view returns (DeskReading memory) {
        return _read();
    }

    /// @inheritdoc IVaultDesk
    function requireCalm() external view {
        _requireCalm();
    }

    /// @inheritdoc IVaultDesk
    function spotShare() external view returns (uint256) {
        return PPM - share;
    }

    /// @inheritdoc IVaultDesk
    function unitOf(uint256 asset) external view returns (uint256) {
        return assets[asset].unit;
    }

    /// @inheritdoc IERC20
    function balanceOf(address owner) public view override(ERC20, IERC20) returns (uint256) {
        return balances[generation][owner];
    }

    /// @inheritdoc IERC20
    function totalSupply() public view override(ERC20, IERC20) returns (uint256) {
        return supplies[generation];
    }

    // --- units

    /// @dev Units of another generation are nobody's.
    function _update(address from, address to, uint256 value) internal override {
        mapping(address owner => uint256) storage owned = balances[generation];
        if (from == address(0)) {
            supplies[generation] += value;
        } else {
            uint256 held = owned[from];
            require(held >= value, ERC20InsufficientBalance(from, held, value));
            owned[from] = held - value;
        }
        if (to == address(0)) supplies[generation] -= value;
        else owned[to] += value;
        emit Transfer(from, to, value);
    }

    /// @dev What the vault gets for what it brings: none where all units are its own, whose number then says nothing.
    /// @param value {ppm of a dollar}
    function _unitsFor(DeskReading memory reading, Part memory whole, uint256 asset, uint256 value)
        private
        view
        returns (uint256 units)
    {
        if (whole.supply == 0) {
            units = value * D18_PER_PPM;
        } else {
            // whoever brings something to an account that owes more than it has pays its creditors
            require(reading.equity > 0, EquityMissing(reading.equity));
            if (whole.supply != whole.held) {
                _requirePriced();
                uint256 most = value + Math.mulDiv(value, _costOf(asset), PPM, Math.Rounding.Ceil);
                units = Math.mulDiv(most, whole.supply, _lower(reading), Math.Rounding.Ceil);
            }
        }
        _requireRange(whole.supply + units);
    }

    /// @dev {ppm of a dollar} the least that the account can be worth, and no less than it is by a tenth: whoever cannot leave yet,
    /// which takes a proof, would lose without a limit by what anybody may have the vault bring. Of a positive equity.
    function _lower(DeskReading memory reading) private pure returns (uint256) {
        uint256 equity = uint256(reading.equity);
        return Math.max(
            Math.saturatingSub(equity, reading.uncertainty), Math.ceilDiv(equity * (PPM - MOST_DILUTION), PPM)
        );
    }

    /// @dev {ppm of a dollar} the most, of an account that can be worth nothing less than 0
    function _upper(DeskReading memory reading) private pure returns (uint256) {
        return uint256(reading.equity) + reading.uncertainty;
    }

    function _requireRange(uint256 units) private pure {
        require(units <= type(uint128).max, UnitsOutOfRange(units));
    }

    // --- margin

    function _whole() private view returns (Part memory whole) {
        whole.supply = totalSupply();
        whole.held = vault.balances()[UNITS];
        // {ppm of a dollar} = {D18} / {D18 / ppm of a dollar}
        whole.value = vault.totalValue() / D18_PER_PPM;
    }

    /// @dev {ppm of a dollar} the vault's part of the account
    function _held(DeskReading memory reading, Part memory whole) private pure returns (uint256) {
        if (whole.supply == 0 || reading.equity <= 0) return 0;
        return Math.mulDiv(uint256(reading.equity), whole.held, whole.supply);
    }

    /// @dev {ppm of a dollar}
    function _due(Part memory whole) private view returns (uint256) {
        return whole.value * share / PPM;
    }

    /// @dev {ppm of a dollar} D-3, 0 within the band
    function _missing(DeskReading memory reading, Part memory whole) private view returns (uint256) {
        (uint256 held, uint256 due) = (_held(reading, whole), _due(whole));
        return held < due - due * BAND / PPM ? due - held : 0;
    }

    /// @dev {ppm of a dollar} what the account lacks of its health in one scenario, without a proof; 0 where none is shown
    function _missingFor(DeskReading memory reading, Shown calldata shown) private view returns (uint256) {
        if (shown.epoch == 0) return 0;
        (, uint256 requirement) = liquidation.engine()
            .marginIn(account, Clearing.LEVEL_INITIAL, shown.scenario, shown.epoch, shown.arrayWords);
        int256 lacking = int256(Math.ceilDiv(requirement * health, PPM)) - reading.equity;
        return lacking > 0 ? uint256(lacking) : 0;
    }

    /// @dev {ppm of a dollar} a called debt (L-12), at live prices
    function _called(DeskReading memory reading) private view returns (uint256) {
        return reading.owned < 0 && liquidation.isCalled(account) ? uint256(-reading.owned) : 0;
    }

    /// @param value {ppm of a dollar}
    /// @param whole {ppm of a dollar} of the vault, which a day may take much from
    function _countDay(uint256 value, uint256 whole) private {
        uint64 today = uint64(block.timestamp / 1 days);
        if (day != today) (day, givenToday) = (today, 0);
        uint256 given = givenToday + Math.mulDiv(value, PPT, whole, Math.Rounding.Ceil);
        uint256 limit = share * SHARES_PER_DAY * (PPT / PPM);
        require(given <= limit, DayLimitReached(given, limit));
        givenToday = given.toUint192();
    }

    function _deposit(uint256 asset, uint256 part) private {
        (address token, uint256 amount) = (assets[asset].token, _amountOf(asset, part));
        uint256 before = _accountHas(asset);
        IERC20(token).forceApprove(address(gate), amount);
        gate.deposit(account, assets[asset].lane - 1, amount, "");
        // what the hub's limit makes wait would be worth nothing to units until it comes
        require(_accountHas(asset) == before + part, TransferWaits(asset, part));
    }

    function _withdraw(uint256 asset, uint256 part, MarginProof calldata proof) private {
        IERC20 token = IERC20(assets[asset].token);
        uint256 before = token.balanceOf(address(this));
        house.withdraw(
            account,
            assets[asset].lane - 1,
            part,
            gate.localEid(),
            bytes32(uint256(uint160(address(this)))),
            "",
            proof
        );
        require(token.balanceOf(address(this)) == before + _amountOf(asset, part), TransferWaits(asset, part));
    }

    /// @dev {ppm of a token}, of cash offset so that a debt fits
    function _accountHas(uint256 asset) private view returns (uint256) {
        uint256[10] memory words = house.accountWords(account);
        if (asset != CASH) return words.balance(assets[asset].lane - 1);
        return uint256(words.cash() + int256(AccountWords.LARGEST));
    }

    /// @dev {token units} = {ppm of a token} * {token units/token} / {ppm}: the gate takes tokens of 6 decimals at least
    function _amountOf(uint256 asset, uint256 part) private view returns (uint256) {
        return part * (assets[asset].unit / PPM);
    }

    /// @dev By the proof that the house has just taken, or free.
    /// @param most {ppm of a dollar} that its equity counts as
    function _requireHealth(int256 most) private view {
        uint256[10] memory words = house.accountWords(account);
        if (words.owesNothing()) return;
        Health memory proven = house.health(account);
        int256 needed = int256(Math.ceilDiv(uint256(proven.initialMargin) * health, PPM));
        int256 equity = proven.equity < most ? proven.equity : most;
        // 83 bits
        require(equity >= needed, HealthTooLow(equity, uint256(needed)));
    }

    // --- trading

    /// @dev Whether a trade makes more of a position, or one of the other side.
    function _adds(uint256 series, bool buying, uint256 quantity) private view returns (bool) {
        int256 before = house.accountWords(account).quantityOf(series);
        if (buying == before >= 0) return true;
        return quantity > uint256(before < 0 ? -before : before);
    }

    function _order(uint256 series, bool buying, uint256 quantity, uint256 price)
        private
        returns (Order memory)
    {
        Series memory listed = arrays.listings().listing(series);
        return Order({
            account: account,
            series: series,
            kind: listed.kind,
            expiry: listed.expiry,
            strike: listed.strike,
            buys: buying,
            quantity: quantity,
            price: price,
            maxFee: exchange.tradeFee(),
            deadline: block.timestamp,
            salt: ++lastSalt
        });
    }

    // --- reading

    function _read() private view returns (DeskReading memory) {
        return DeskBook.read(assets, house.accountWords(account), vault, arrays, auctions);
    }

    function _requirePriced() private view {
        DeskBook.requireRunning(house.accountWords(account), arrays);
    }

    /// @dev {ppm} what the price of an asset may be off by, as of those in the account (D-4)
    function _costOf(uint256 asset) private view returns (uint256) {
        return asset == CASH ? 0 : Math.min(auctions.costs().get(asset), PPM);
    }

    function _requireCollateral(uint256 asset, uint256 part) private view {
        require(asset <= CASH && assets[asset].lane != 0, CollateralUnknown(asset));
        require(part != 0, PartZero());
    }

    /// @dev D-9.
    function _requireCalm() private view {
        require(!vault.entered(), VaultBusy());
        (, uint64 time,,) = arrays.marginFacts();
        uint64 maxAge = house.maxArrayAge();
        require(time != 0 && block.timestamp - time <= maxAge, EpochStale(time, maxAge));
        arrays.requireSpotsNear(house.arraysOf(account));
        require(!liquidation.isRunning(account), AccountLiquidated(liquidation.auctionOf(account)));
    }

    function _requireBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        require(value >= minimum && value <= maximum, ParameterOutOfBounds(name, value, minimum, maximum));
    }
}
