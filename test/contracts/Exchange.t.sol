// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {Exchange} from "../../contracts/clearing/Exchange.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IExchange, Order, Side} from "../../contracts/interfaces/IExchange.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// An owner that is a contract: what its key signs is its word, but when careful, only while its account is proven healthy.
contract ContractOwner is IERC1271 {
    address private immutable key;
    ClearingHouse private immutable house;
    bool private careful;

    constructor(address key_, ClearingHouse house_) {
        (key, house) = (key_, house_);
    }

    function becomeCareful() external {
        careful = true;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool ready = !careful || house.isHealthy(house.accountOf(address(this), 0), 0);
        return ready && ECDSA.recover(hash, signature) == key ? this.isValidSignature.selector : bytes4(0);
    }
}

contract ExchangeTest is HouseFixture {
    using AccountWords for uint256[10];

    uint256 private constant LOT = 2_500_000; // 2.5 contracts

    function setUp() public {
        _deployHouse();
        _deposit(first, CASH_LANE, 1e12);
        _deposit(second, CASH_LANE, 1e12);
    }

    function _price() private view returns (uint256) {
        return _spot(0) / 20;
    }

    function _pair() private returns (Side memory maker, Side memory taker) {
        maker = _sideOf(first, CALL, true, LOT, _price());
        taker = _sideOf(second, CALL, false, LOT, _price());
    }

    // --- trading: what moves

    function test_trade_movesCashAndQuantity() public {
        uint256 price = _price() + 1; // {ppt}: the product is not whole
        Side memory maker = _sideOf(first, CALL, true, LOT, price);
        Side memory taker = _sideOf(second, CALL, false, LOT, price - 5);
        exchange.trade(maker, taker, LOT);

        int256 cash = int256(price * LOT / 1e12); // the maker buys: rounded down
        int256 fee = (cash * int256(TRADE_FEE) + 999_999) / 1e6;
        assertEq(_quantity(first, CALL), int256(LOT));
        assertEq(_quantity(second, CALL), -int256(LOT));
        assertEq(_cash(first), 1e12 - cash - fee);
        assertEq(_cash(second), 1e12 + cash - fee);
        assertEq(_cash(backstop), 2 * fee);
        assertEq(house.openInterest(CALL), 2 * LOT);
    }

    /// Whoever makes it, in whatever parts: a buying maker pays no more than price · quantity, a selling one gets no less.
    function testFuzz_trade_roundsForTheMakerInAnyParts(uint256 price, uint256[4] memory parts, bool buys)
        public
    {
        price = bound(price, 1, 5e15);
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            parts[i] = bound(parts[i], 1, 1e7);
            total += parts[i];
        }
        Side memory maker = _sideOf(first, CALL, buys, total, price);
        int256 before = _cash(first);
        int256 fees;
        for (uint256 i; i < 4; ++i) {
            Side memory taker = _sideOf(second, CALL, !buys, parts[i], price);
            int256 backstopBefore = _cash(backstop);
            exchange.trade(maker, taker, parts[i]);
            fees += (_cash(backstop) - backstopBefore) / 2;
        }
        uint256 exact = price * total;
        int256 moved = _cash(first) - before + fees;
        assertEq(buys ? -moved : moved, int256(buys ? exact / 1e12 : (exact + 1e12 - 1) / 1e12));
    }

    function test_trade_fillsInPartsAndNoMore() public {
        Side memory maker = _sideOf(first, CALL, true, LOT, _price());
        exchange.trade(maker, _sideOf(second, CALL, false, LOT, _price()), LOT - 1);
        bytes32 hash = exchange.hashOrder(maker.order);
        assertEq(exchange.filled(hash), LOT - 1);
        Side memory taker = _sideOf(second, CALL, false, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IExchange.QuantityAboveOrder.selector, hash, 2, 1));
        exchange.trade(maker, taker, 2);
        exchange.trade(maker, taker, 1);
        vm.expectRevert(abi.encodeWithSelector(IExchange.QuantityAboveOrder.selector, hash, 1, 0));
        exchange.trade(maker, taker, 1);
    }

    function test_trade_closingFreesThePlace() public {
        _trade(first, second, CALL, LOT, _price());
        _trade(second, first, CALL, LOT, _price());
        uint256[10] memory words = house.accountWords(first);
        assertFalse(words.hasPositions());
        assertEq(house.openInterest(CALL), 0);
    }

    /// An owner who brings the trade needs no signature of its own.
    function test_trade_ownerMaySettleWithoutASignature() public {
        Side memory maker = _sideOf(first, CALL, true, LOT, _price());
        Side memory taker = _sideOf(second, CALL, false, LOT, _price());
        taker.signature = "";
        bytes32 hash = exchange.hashOrder(taker.order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.SignatureInvalid.selector, hash, bob));
        exchange.trade(maker, taker, LOT);
        vm.prank(bob);
        exchange.trade(maker, taker, LOT);
        assertEq(_quantity(second, CALL), -int256(LOT));
    }

    function test_trade_ofAContractOwner() public {
        ContractOwner owner = new ContractOwner(bob, house);
        bytes32 account = _account(address(owner), 3);
        _deposit(account, CASH_LANE, 1e12);
        Side memory maker = _sideOf(first, CALL, true, LOT, _price());
        Side memory taker = _sideOf(account, CALL, false, LOT, _price());
        exchange.trade(maker, taker, LOT);
        assertEq(_quantity(account, CALL), -int256(LOT));

        maker = _sideOf(first, CALL, true, LOT, _price());
        taker = _sideOf(account, CALL, false, LOT, _price());
        taker.signature = _signature(aliceKey, exchange.hashOrder(taker.order));
        vm.expectPartialRevert(IExchange.SignatureInvalid.selector);
        exchange.trade(maker, taker, LOT);
    }

    /// Owners are asked before the house changes anything: what one reads then is its account before the trade, as proven.
    function test_trade_contractOwnerReadsWhatWasBefore() public {
        ContractOwner owner = new ContractOwner(bob, house);
        owner.becomeCareful();
        bytes32 account = _account(address(owner), 0);
        _deposit(account, CASH_LANE, 1e12);
        _trade(first, account, CALL, LOT, _price());
        _trade(first, account, CALL, LOT, _price());
        assertEq(_quantity(account, CALL), -2 * int256(LOT));
        _epoch();
        Side memory maker = _sideOf(first, CALL, true, LOT, _price());
        Side memory taker = _sideOf(account, CALL, false, LOT, _price());
        vm.expectPartialRevert(IExchange.SignatureInvalid.selector);
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_ofAPerpetualTellsItsPremium() public {
        _deposit(first, CASH_LANE, 1e15);
        vm.expectEmit(true, false, false, false, address(riskArrays));
        emit IRiskArrays.PremiumRecorded(PERPETUAL, 0);
        _trade(first, second, PERPETUAL, LOT, _spot(0) * 101 / 100);
    }

    // --- trading: refusals

    function test_trade_revertsWhenQuantityZero() public {
        (Side memory maker, Side memory taker) = _pair();
        vm.expectRevert(IExchange.QuantityZero.selector);
        exchange.trade(maker, taker, 0);
    }

    function testFuzz_trade_revertsWhenQuantityOutOfRange(uint256 quantity) public {
        quantity = bound(quantity, 1 << 62, type(uint256).max);
        (Side memory maker, Side memory taker) = _pair();
        vm.expectPartialRevert(AccountWords.QuantityOutOfRange.selector);
        exchange.trade(maker, taker, quantity);
    }

    function test_trade_revertsWhenSidesEqual() public {
        (Side memory maker,) = _pair();
        Side memory taker = _sideOf(second, CALL, true, LOT, _price());
        vm.expectRevert(IExchange.SidesEqual.selector);
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenSeriesDiffer() public {
        (Side memory maker,) = _pair();
        Side memory taker = _sideOf(second, PUT, false, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IExchange.SeriesDiffer.selector, CALL, PUT));
        exchange.trade(maker, taker, LOT);
    }

    /// Also between two accounts of one owner.
    function test_trade_revertsWhenSelfTrade() public {
        (Side memory maker,) = _pair();
        Side memory taker = _sideOf(_account(alice, 8), CALL, false, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IExchange.SelfTrade.selector, alice));
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenPricesNotCrossed() public {
        (Side memory maker,) = _pair();
        Side memory taker = _sideOf(second, CALL, false, LOT, _price() + 1);
        vm.expectRevert(abi.encodeWithSelector(IExchange.PricesNotCrossed.selector, _price(), _price() + 1));
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenPriceOutOfRange() public {
        Side memory maker = _sideOf(first, CALL, true, LOT, 1 << 84);
        (, Side memory taker) = _pair();
        vm.expectRevert(abi.encodeWithSelector(IExchange.PriceOutOfRange.selector, 1 << 84));
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenSeriesNotTradable() public {
        Side memory maker = _sideOf(first, 5, true, LOT, _price());
        Side memory taker = _sideOf(second, 5, false, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IExchange.SeriesNotTradable.selector, 5));
        exchange.trade(maker, taker, LOT);

        // listed, but not yet in the current epoch
        _listOption(0, 5, Clearing.KIND_CALL, soon, _spot(0));
        maker = _sideOf(first, 5, true, LOT, _price());
        taker = _sideOf(second, 5, false, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IExchange.SeriesNotTradable.selector, 5));
        exchange.trade(maker, taker, LOT);
        _epoch();
        exchange.trade(maker, taker, LOT);

        // expired
        vm.warp(soon);
        maker = _sideOf(first, 5, true, LOT, _price());
        taker = _sideOf(second, 5, false, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IExchange.SeriesNotTradable.selector, 5));
        exchange.trade(maker, taker, LOT);
    }

    /// An order is for what stood in the place when it was signed, not for what is listed there later.
    function testFuzz_trade_revertsWhenTermsDiffer(uint256 field) public {
        Order memory order = _order(second, CALL, false, LOT, _price());
        field = bound(field, 0, 2);
        if (field == 0) order.kind = Clearing.KIND_PUT;
        if (field == 1) order.expiry -= 1;
        if (field == 2) order.strike += 1;
        (Side memory maker,) = _pair();
        Side memory taker = _side(order, _rich());
        bytes32 hash = exchange.hashOrder(order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.TermsDiffer.selector, hash));
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenOrderExpired() public {
        (Side memory maker, Side memory taker) = _pair();
        uint256 deadline = taker.order.deadline;
        vm.warp(deadline);
        taker.order.deadline = deadline - 1;
        taker = _side(taker.order, _rich());
        bytes32 hash = exchange.hashOrder(taker.order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.OrderExpired.selector, hash, deadline - 1));
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenFeeAboveMaximum() public {
        Order memory order = _order(second, CALL, false, LOT, _price());
        order.maxFee = TRADE_FEE - 1;
        (Side memory maker,) = _pair();
        Side memory taker = _side(order, _rich());
        bytes32 hash = exchange.hashOrder(order);
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.FeeAboveMaximum.selector, hash, TRADE_FEE, TRADE_FEE - 1)
        );
        exchange.trade(maker, taker, LOT);
    }

    /// A signature is of one order: changed in any field, nobody has signed it.
    function testFuzz_trade_revertsWhenChangedAfterSigning(uint256 field) public {
        (Side memory maker, Side memory taker) = _pair();
        Order memory order = taker.order;
        field = bound(field, 0, 5);
        if (field == 0) order.account = _account(bob, 1);
        if (field == 1) order.quantity += 1;
        if (field == 2) order.price -= 1;
        if (field == 3) order.maxFee += 1;
        if (field == 4) order.deadline += 1;
        if (field == 5) order.salt += 1;
        bytes32 hash = exchange.hashOrder(order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.SignatureInvalid.selector, hash, bob));
        exchange.trade(maker, taker, LOT);
    }

    /// A signature for one house binds no account of another, or of this one on another chain.
    function test_trade_revertsWhenSignedForAnotherHouse() public {
        (Side memory maker, Side memory taker) = _pair();
        Exchange other = new Exchange(new ClearingHouse(_houseConfig()), TRADE_FEE);
        vm.expectPartialRevert(IExchange.SignatureInvalid.selector);
        other.trade(maker, taker, LOT);
        vm.chainId(999);
        vm.expectPartialRevert(IExchange.SignatureInvalid.selector);
        exchange.trade(maker, taker, LOT);
    }

    function test_cancel_makesAnOrderWorthless() public {
        (Side memory maker, Side memory taker) = _pair();
        exchange.trade(maker, taker, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotOwner.selector, bob, first));
        vm.prank(bob);
        exchange.cancel(maker.order);
        vm.prank(alice);
        exchange.cancel(maker.order);
        bytes32 hash = exchange.hashOrder(maker.order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.QuantityAboveOrder.selector, hash, 1, 0));
        exchange.trade(maker, taker, 1);
    }

    // --- making an exchange

    function test_constructor_refusesWhatItCannotLeanOn() public {
        vm.expectRevert(IExchange.AddressZero.selector);
        new Exchange(IClearingHouse(address(0)), TRADE_FEE);
        vm.expectRevert(abi.encodeWithSelector(IExchange.HouseDiffers.selector, address(exchange)));
        new Exchange(house, TRADE_FEE);
        ClearingHouse other = new ClearingHouse(_houseConfig());
        vm.expectRevert(
            abi.encodeWithSelector(
                IExchange.ParameterOutOfBounds.selector, bytes32("tradeFee"), 10_001, 0, 10_000
            )
        );
        new Exchange(other, 10_001);
    }
}
