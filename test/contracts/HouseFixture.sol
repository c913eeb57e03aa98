// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {Exchange} from "../../contracts/clearing/Exchange.sol";
import {LossBook} from "../../contracts/clearing/LossBook.sol";
import {MarginTerms} from "../../contracts/clearing/MarginTerms.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {HouseConfig, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Order, Side} from "../../contracts/interfaces/IExchange.sol";
import {ICollateralHub} from "../../contracts/interfaces/ICollateralHub.sol";
import {CollateralLane, PositionLimits} from "../../contracts/interfaces/IMarginTerms.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {Series} from "../../contracts/interfaces/IListings.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// @notice What the house asks of its hub, with a count of each lane over all chains. The real hub has its own tests.
contract CountingHub is ICollateralHub {
    ClearingHouse internal house;
    mapping(uint256 lane => uint256) public credited;
    mapping(uint256 lane => uint256) public released;
    address public lastRefundTo;
    uint256 public lastValue;

    error NotTheHouse();
    error CountedTooLittle();

    function setHouse(ClearingHouse house_) external {
        house = house_;
    }

    function deliver(bytes32 account, uint256 lane, uint256 amount, address depositor) external {
        credited[lane] += amount;
        house.credit(account, lane, amount, 1, bytes32(uint256(uint160(depositor))));
    }

    function release(uint32, uint256 lane, uint256 amount, bytes32, bytes calldata, address refundTo)
        external
        payable
        virtual
    {
        require(msg.sender == address(house), NotTheHouse());
        released[lane] += amount;
        require(released[lane] <= credited[lane], CountedTooLittle());
        (lastRefundTo, lastValue) = (refundTo, msg.value);
    }
}

/// @notice A price source that can be switched off, or made to use up its gas.
contract MoodySource is IPriceSource {
    uint256 public price;
    bool public hungry;

    constructor(uint256 price_) {
        price = price_;
    }

    function set(uint256 price_, bool hungry_) external {
        (price, hungry) = (price_, hungry_);
    }

    function read() external view returns (uint256, uint64) {
        if (hungry) {
            while (true) {}
        }
        require(price != 0, PriceNotPositive(0));
        return (price, uint64(block.timestamp));
    }
}

/// @notice A house over real facts, risk arrays and terms: only the verifiers are AcceptAnyVerifier, and the hub counts.
abstract contract HouseFixture is RiskArraysFixture {
    using Lanes for uint256;
    using Numbers for uint256;
    using AccountWords for uint256[10];

    uint256 internal constant CASH_LANE = 12;
    uint256 internal constant TRADE_FEE = 300; // 0.03 %
    uint64 internal constant MAX_ARRAY_AGE = 1 hours;
    uint64 internal constant TERMS_DELAY = 3 days;
    uint32 internal constant EID = 1;
    uint256 internal constant PERPETUAL = 0;
    uint256 internal constant CALL = 1;
    uint256 internal constant PUT = 2;
    uint256 internal constant FAR_CALL = 31;

    ClearingHouse internal house;
    Exchange internal exchange;
    MarginTerms internal terms;
    LossBook internal lossBook;
    CountingHub internal hub;
    AcceptAnyVerifier internal marginVerifier;
    AcceptAnyVerifier internal solvencyVerifier;
    MoodySource internal moody;
    address internal liquidation = makeAddr("liquidation");
    bytes32 internal backstop;
    /// accounts of alice and bob
    bytes32 internal first;
    bytes32 internal second;
    uint256 internal aliceKey;
    uint256 internal bobKey;
    uint256 private salts;
    /// {s} of the soonest options
    uint256 internal soon;

    function _deployHouse() internal virtual {
        hub = new CountingHub();
        _deployHouseOver(hub);
        hub.setHouse(house);
    }

    function _deployHouseOver(ICollateralHub over) internal {
        (, aliceKey) = makeAddrAndKey("alice");
        (, bobKey) = makeAddrAndKey("bob");
        _deployArraysWithoutHouse();
        moody = new MoodySource(1e18);
        terms = new MarginTerms(riskArrays, governor, TERMS_DELAY, _lanes(), _marginTerms(), _limits());
        (marginVerifier, solvencyVerifier) = (new AcceptAnyVerifier(), new AcceptAnyVerifier());
        backstop = _account(makeAddr("backstop"), 0);
        _deployLedger(over);
        vm.prank(governor);
        riskArrays.setHouse(address(house));
        _listSoon();
        _epoch();
        (first, second) = (_account(alice, 7), _account(bob, 0));
    }

    /// A house, its loss book and its exchange know each other.
    function _deployLedger(ICollateralHub over) internal {
        lossBook = new LossBook(_nextButOne(), liquidation);
        HouseConfig memory config = _houseConfig();
        config.collateralHub = over;
        house = new ClearingHouse(config);
        exchange = new Exchange(house, TRADE_FEE);
    }

    /// Of a house that is the next contract of this test, with its exchange after it.
    function _houseConfig() internal view virtual returns (HouseConfig memory config) {
        (config.arrays, config.terms) = (riskArrays, terms);
        (config.verifier, config.solvencyVerifier) = (marginVerifier, solvencyVerifier);
        config.collateralHub = hub;
        (config.exchange, config.liquidation) = (_nextButOne(), liquidation);
        (config.lossBook, config.backstop) = (lossBook, backstop);
        config.maxArrayAge = MAX_ARRAY_AGE;
    }

    /// Lane 0 is array 0's underlying, lane 1 an asset of the log without an array, lane 2 a dollar.
    function _lanes() internal view returns (CollateralLane[12] memory lanes) {
        lanes[0] = CollateralLane(sources[0], 1, 50_000, 3_000_000, 10_000, 2_000);
        lanes[1] = CollateralLane(sources[2], 3, 60_000, 3_000_000, 10_000, 5_000);
        lanes[2] = CollateralLane(moody, 0, 20_000, 0, 5_000, 100);
    }

    /// None that binds.
    function _limits() internal pure virtual returns (PositionLimits[4] memory limits) {
        for (uint256 array; array < 4; ++array) {
            limits[array] = PositionLimits(type(uint64).max, uint64(AccountWords.LARGEST));
        }
    }

    function _marginTerms() internal pure returns (uint256) {
        return uint256(0).put(Clearing.MARGIN_TERM_MAINTENANCE_LOSS_FACTOR, 1_000_000)
            .put(Clearing.MARGIN_TERM_INITIAL_LOSS_FACTOR, 1_250_000)
            .put(Clearing.MARGIN_TERM_MAINTENANCE_PERPETUAL, 10_000)
            .put(Clearing.MARGIN_TERM_INITIAL_PERPETUAL, 20_000)
            .put(Clearing.MARGIN_TERM_MAINTENANCE_NAKED_SHORT, 10_000)
            .put(Clearing.MARGIN_TERM_INITIAL_NAKED_SHORT, 20_000)
            .put(Clearing.MARGIN_TERM_SHORT_OPTION_MINIMUM, 5_000).put(Clearing.MARGIN_TERM_BASIS, 100_000);
    }

    /// A perpetual, a call and a put that expire in eight hours, all on array 0; a call in twenty days on array 1.
    function _listSoon() internal {
        soon = vm.getBlockTimestamp() + 8 hours;
        _listArray(0, 0);
        _listPerpetual(0);
        _listOption(0, CALL, Clearing.KIND_CALL, soon, _spot(0));
        _listOption(0, PUT, Clearing.KIND_PUT, soon, _spot(0));
        _listArray(1, 1);
        _listOption(1, 15, Clearing.KIND_CALL, soon + 20 days, _spot(1) * 11 / 10);
    }

    /// A new current epoch with its snapshot of collateral.
    function _epoch() internal returns (uint64 number) {
        publisher.publish(prices);
        number = _nextEpoch();
        terms.snapshot(number);
    }

    function _account(address owner, uint96 number) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(owner)) << 96 | number);
    }

    /// A deposit that the owner has sent.
    function _deposit(bytes32 account, uint256 lane, uint256 amount) internal {
        hub.deliver(account, lane, amount, address(bytes20(account)));
    }

    // --- proofs

    function _result(int256 equity, uint256 maintenanceMargin, uint256 initialMargin)
        internal
        pure
        returns (uint256 word)
    {
        uint256 triple = Clearing.TRIPLE_LANES;
        word = word.placeSigned(Clearing.MARGIN_RESULT_EQUITY, triple, equity);
        word = word.place(Clearing.MARGIN_RESULT_MAINTENANCE_MARGIN, triple, maintenanceMargin);
        word = word.place(Clearing.MARGIN_RESULT_INITIAL_MARGIN, triple, initialMargin);
    }

    function _proof(int256 equity, uint256 maintenanceMargin, uint256 initialMargin)
        internal
        pure
        returns (MarginProof memory proof)
    {
        (proof.result, proof.commitment) = (_result(equity, maintenanceMargin, initialMargin), 1);
    }

    /// A proof that there is enough, whatever is asked for.
    function _rich() internal pure returns (MarginProof memory) {
        return _proof(1e17, 1, 2);
    }

    // --- orders

    function _order(bytes32 account, uint256 series, bool buys, uint256 quantity, uint256 price)
        internal
        returns (Order memory order)
    {
        Series memory listed = listings.listing(series);
        return Order({
            account: account,
            series: series,
            kind: listed.kind,
            expiry: listed.expiry,
            strike: listed.strike,
            buys: buys,
            quantity: quantity,
            price: price,
            maxFee: TRADE_FEE,
            deadline: vm.getBlockTimestamp() + 1 hours,
            salt: ++salts
        });
    }

    function _keyOf(bytes32 account) internal view returns (uint256) {
        return address(bytes20(account)) == alice ? aliceKey : bobKey;
    }

    function _side(Order memory order, MarginProof memory proof) internal view returns (Side memory) {
        return Side(order, _signature(_keyOf(order.account), exchange.hashOrder(order)), proof);
    }

    function _sideOf(bytes32 account, uint256 series, bool buys, uint256 quantity, uint256 price)
        internal
        returns (Side memory)
    {
        return _side(_order(account, series, buys, quantity, price), _rich());
    }

    /// The buyer is the maker.
    function _trade(bytes32 buyer, bytes32 seller, uint256 series, uint256 quantity, uint256 price) internal {
        Side memory maker = _sideOf(buyer, series, true, quantity, price);
        Side memory taker = _sideOf(seller, series, false, quantity, price);
        exchange.trade(maker, taker, quantity);
    }

    // --- what accounts hold

    function _cash(bytes32 account) internal view returns (int256) {
        return house.accountWords(account).cash();
    }

    function _quantity(bytes32 account, uint256 series) internal view returns (int256) {
        return house.accountWords(account).quantityOf(series);
    }

    function _balance(bytes32 account, uint256 lane) internal view returns (uint256) {
        return house.accountWords(account).balance(lane);
    }

    /// Hourly observations until an expiry has its settlement price.
    function _untilSettled(uint256 expiry) internal {
        while (vm.getBlockTimestamp() <= expiry) {
            _tick();
            for (uint256 lane; lane < 2; ++lane) {
                (, uint64 last) = settlementPrices.recorded(lane, uint64(expiry));
                bool counts = vm.getBlockTimestamp() + SETTLEMENT_WINDOW > expiry
                    && last != vm.getBlockTimestamp() && !settlementPrices.isFinal(lane, uint64(expiry));
                if (counts) settlementPrices.record(lane, uint64(expiry));
            }
        }
    }
}
