// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {
    Deal,
    Health,
    HouseConfig,
    IClearingHouse,
    MarginProof
} from "../../contracts/interfaces/IClearingHouse.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {KeyPolicy} from "../../contracts/proofs/KeyPolicy.sol";
import {CountingHub, HouseFixture} from "./HouseFixture.sol";

/// Asks the house of an account while the house runs.
contract CuriousHub is CountingHub {
    function release(uint32, uint256, uint256, bytes32 receiver, bytes calldata, address)
        external
        payable
        override
    {
        house.isHealthy(receiver, 0);
    }
}

contract ClearingHouseTest is HouseFixture {
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

    // --- trading

    function test_trade_revertsWhenTooManyPositions() public {
        for (uint256 array = 1; array < 3; ++array) {
            if (array == 2) _listArray(2, 2);
            for (uint256 place; place < 9; ++place) {
                _listOption(array, place, Clearing.KIND_CALL, soon, _spot(array));
            }
        }
        _epoch();
        uint256 held;
        for (uint256 array = 1; array < 3; ++array) {
            for (uint256 place; place < 9 && held < 16; ++place) {
                _trade(first, _account(bob, uint96(++held)), array * 16 + place, 1, 1e12);
            }
        }
        Side memory maker = _sideOf(first, 40, true, 1, 1e12);
        Side memory taker = _sideOf(second, 40, false, 1, 1e12);
        vm.expectRevert(AccountWords.TooManyPositions.selector);
        exchange.trade(maker, taker, 1);
        // more of one it holds fits
        _trade(first, second, 39 - 1, 1, 1e12);
        assertEq(_quantity(first, 38), 2);
    }

    /// Only its exchange has looked at orders.
    function test_applyDeal_revertsWhenNotExchange() public {
        Deal memory deal = Deal(first, second, CALL, soon, LOT, _price(), 1, 0);
        MarginProof memory proof = _rich();
        address[3] memory others = [alice, liquidation, address(hub)];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotExchange.selector, others[i]));
            vm.prank(others[i]);
            house.applyDeal(deal, proof, proof);
        }
        vm.prank(address(exchange));
        house.applyDeal(deal, proof, proof);
        assertEq(_quantity(first, CALL), int256(LOT));
    }

    // --- health

    /// The words are the house's own: what the verifier is asked about is the account after the trade, over this epoch.
    function test_trade_provesTheAccountAfterIt() public {
        // the seller closes out to nothing owed, so that only the buyer's proof is looked at
        _trade(second, _account(alice, 9), CALL, LOT, _price());
        (Side memory maker, Side memory taker) = _pair();
        uint256 snapshotId = vm.snapshotState();
        exchange.trade(maker, taker, LOT);
        uint256[] memory statement = house.statementWords(first);
        vm.revertToState(snapshotId);

        statement[Protocol.MARGIN_RESULT_OFFSET] = maker.proof.result;
        _expectProofOf(statement);
        snapshotId = vm.snapshotState();
        exchange.trade(maker, taker, LOT);
        vm.revertToState(snapshotId);
        vm.expectRevert(Statement.StatementNotProven.selector); // one contract less is another account
        exchange.trade(maker, taker, LOT - 1);
        maker.proof.greeks[2] ^= 1;
        vm.expectRevert(Statement.StatementNotProven.selector);
        exchange.trade(maker, taker, LOT);
        maker.proof.greeks[2] ^= 1;
        _epoch();
        vm.expectRevert(Statement.StatementNotProven.selector);
        exchange.trade(maker, taker, LOT);
    }

    /// From now on only a proof of these words holds.
    function _expectProofOf(uint256[] memory statement) private {
        uint256 z = Statement.challenge(Protocol.DOMAIN_MARGIN_STATEMENT, statement, 1);
        marginVerifier.expect([uint256(1), z, Statement.evaluate(statement, z)]);
    }

    function test_statementWords_areTheEpochsAndTheAccounts() public {
        _deposit(first, 0, 5e6);
        _trade(first, second, CALL, LOT, _price());
        uint256[] memory statement = house.statementWords(first);
        uint256[10] memory account = house.accountWords(first);
        uint256[8] memory facts = terms.facts();
        (,, uint256[3] memory jointStates, uint256[4] memory commitments) = riskArrays.marginFacts();
        assertEq(statement.length, Protocol.MARGIN_LENGTH);
        for (uint256 i; i < 10; ++i) {
            assertEq(statement[i], account[i]);
        }
        for (uint256 i; i < 8; ++i) {
            assertEq(statement[10 + i], facts[i]);
        }
        for (uint256 i; i < 3; ++i) {
            assertEq(statement[18 + i], jointStates[i]);
        }
        for (uint256 i; i < 4; ++i) {
            assertEq(statement[25 + i], commitments[i]);
        }
        assertGt(commitments[0], 0);
        assertGt(commitments[1], 0);
        assertEq(commitments[2], 0);
    }

    function test_trade_revertsWhenBuyerOrSellerUnhealthy() public {
        (Side memory maker, Side memory taker) = _pair();
        maker.proof = _proof(99, 50, 100);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, first, 99, 100));
        exchange.trade(maker, taker, LOT);
        maker.proof = _proof(100, 50, 100);
        taker.proof = _proof(-1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, second, -1, 0));
        exchange.trade(maker, taker, LOT);
        taker.proof = _proof(0, 0, 0);
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenNotProven() public {
        (Side memory maker, Side memory taker) = _pair();
        marginVerifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        exchange.trade(maker, taker, LOT);
    }

    /// Closing out to nothing owed needs no proof; closing out to a debt does, and so does closing a part.
    function test_trade_closingOutNeedsNoProof() public {
        _trade(first, second, CALL, LOT, _price());
        Side memory maker = _sideOf(second, CALL, true, LOT, _price());
        Side memory taker = _sideOf(first, CALL, false, LOT, _price());
        marginVerifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        exchange.trade(maker, taker, LOT - 1);
        uint256 snapshotId = vm.snapshotState();
        exchange.trade(maker, taker, LOT);
        vm.revertToState(snapshotId);

        // a price that takes more cash than the buyer has
        uint256 price = 2e12 * 1e12 / LOT;
        maker = _sideOf(second, CALL, true, LOT, price);
        taker = _sideOf(first, CALL, false, LOT, price);
        vm.expectRevert(Statement.StatementNotProven.selector);
        exchange.trade(maker, taker, LOT);
    }

    function test_trade_revertsWhenArraysTooOld() public {
        (Side memory maker, Side memory taker) = _pair();
        (, uint64 time,,) = riskArrays.marginFacts();
        vm.warp(time + MAX_ARRAY_AGE);
        uint256 snapshotId = vm.snapshotState();
        exchange.trade(maker, taker, LOT);
        vm.revertToState(snapshotId);
        vm.warp(time + MAX_ARRAY_AGE + 1);
        maker = _side(_order(first, CALL, true, LOT, _price()), _rich());
        taker = _side(_order(second, CALL, false, LOT, _price()), _rich());
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.ArraysTooOld.selector, time, uint256(MAX_ARRAY_AGE))
        );
        exchange.trade(maker, taker, LOT);
    }

    function test_proveHealth_isReadByOthers() public {
        _trade(first, second, CALL, LOT, _price());
        house.proveHealth(first, _proof(100, 80, 120));
        // the trade's own proof of the same state was better, and stands
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        Health memory proven = house.health(first);
        assertEq(proven.equity, 1e17);
        assertEq(proven.maintenanceMargin, 1);
        assertEq(proven.initialMargin, 2);

        _epoch();
        assertFalse(
            house.isHealthy(first, Clearing.LEVEL_MAINTENANCE), "another epoch, nothing proven over it"
        );
        vm.prank(bob);
        house.proveHealth(first, _proof(100, 80, 120));
        assertTrue(house.isHealthy(first, Clearing.LEVEL_MAINTENANCE));
        assertFalse(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        house.proveHealth(first, _proof(119, 90, 100));
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL), "the tighter of each bound");
        proven = house.health(first);
        assertEq(proven.equity, 119);
        assertEq(proven.maintenanceMargin, 80);
        assertEq(proven.initialMargin, 100);

        (, uint64 time,,) = riskArrays.marginFacts();
        vm.warp(time + MAX_ARRAY_AGE + 1);
        assertFalse(house.isHealthy(first, Clearing.LEVEL_MAINTENANCE), "too old");
    }

    function test_isHealthy_endsWithTheStateItIsOf() public {
        _trade(first, second, CALL, LOT, _price());
        assertTrue(house.isHealthy(first, 0));
        _deposit(first, 2, 1);
        assertFalse(house.isHealthy(first, 0));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LevelUnknown.selector, 2));
        house.isHealthy(first, 2);
    }

    function test_isHealthy_withoutPositionsOrDebt() public view {
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        assertTrue(house.isHealthy(_account(address(1), 1), Clearing.LEVEL_INITIAL));
    }

    /// What the house says while it runs could be half done: it says nothing.
    function test_isHealthy_revertsWhileTheHouseRuns() public {
        hub = new CuriousHub();
        _deployLedger(hub);
        hub.setHouse(house);
        _deposit(first, CASH_LANE, 2);
        assertTrue(house.isHealthy(first, 0));
        MarginProof memory none;
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, 1, EID, first, "", none);
    }

    // --- open accounts

    function test_openAccounts_countsWhoHoldsOrOwes() public {
        assertEq(house.openAccounts(), 0, "cash and collateral alone open nothing");
        _trade(first, second, CALL, LOT, _price());
        assertEq(house.openAccounts(), 2);
        _trade(first, second, PUT, LOT, _price());
        _deposit(first, 0, 1);
        assertEq(house.openAccounts(), 2, "once, whatever they hold");
        _trade(first, _account(bob, 5), CALL, LOT, _price());
        assertEq(house.openAccounts(), 3);
        _trade(second, first, CALL, LOT, _price());
        _trade(second, first, PUT, LOT, _price());
        assertEq(house.openAccounts(), 2, "the second has closed its call and its put");
    }

    /// Settlement closes when it comes to the account, not when it is due.
    function test_openAccounts_areOfWhatIsStored() public {
        _trade(first, second, CALL, LOT, _price());
        _untilSettled(soon);
        assertTrue(house.accountWords(first).owesNothing());
        assertEq(house.openAccounts(), 2);
        house.settle(first);
        assertEq(house.openAccounts(), 1);
        house.settle(second);
        assertEq(house.openAccounts(), 0);
    }

    function test_openAccounts_ofDebtors() public {
        vm.startPrank(liquidation);
        house.moveCash(first, second, 1e12);
        assertEq(house.openAccounts(), 0, "cash of 0 owes nothing");
        house.moveCash(first, second, 7);
        assertEq(house.openAccounts(), 1);
        house.moveSlice(first, _account(makeAddr("bidder"), 0), Protocol.PPM);
        assertEq(house.openAccounts(), 1, "the debt is another's");
        vm.stopPrank();
        _deposit(_account(makeAddr("bidder"), 0), CASH_LANE, 6);
        assertEq(house.openAccounts(), 1);
        _deposit(_account(makeAddr("bidder"), 0), CASH_LANE, 1);
        assertEq(house.openAccounts(), 0);
    }

    /// A loss that all share opens the backstop, until their shares have come.
    function test_openAccounts_ofSharedLosses() public {
        vm.startPrank(liquidation);
        assertEq(lossBook.shareOut(1e10), 1e10);
        house.moveCash(backstop, _account(makeAddr("bidder"), 0), 1e10);
        assertEq(house.openAccounts(), 1);
        house.settle(first);
        assertEq(house.openAccounts(), 1);
        house.settle(second);
        assertGe(_cash(backstop), 0);
        assertEq(house.openAccounts(), 0);
    }

    // --- deposits

    function test_credit_ofTheOwnerCountsAtOnce() public {
        _deposit(first, 0, 5e6);
        _deposit(first, 0, 1);
        assertEq(_balance(first, 0), 5e6 + 1);
        assertEq(_cash(first), 1e12);
    }

    /// Nobody else can change an account: a proof in flight is of the state its owner knows.
    function test_credit_ofOthersWaitsForTheOwner() public {
        uint32 version = house.version(first);
        hub.deliver(first, 0, 1, bob);
        hub.deliver(first, CASH_LANE, 2, bob);
        assertEq(house.version(first), version);
        assertEq(house.waiting(first, 0), 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotOwner.selector, bob, first));
        vm.prank(bob);
        house.accept(first, 0);
        vm.startPrank(alice);
        house.accept(first, 0);
        house.accept(first, CASH_LANE);
        assertEq(_balance(first, 0), 1);
        assertEq(_cash(first), 1e12 + 2);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingWaiting.selector, first, 0));
        house.accept(first, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LaneUnknown.selector, 13));
        house.accept(first, 13);
    }

    /// A message that brings more than an account holds must not be stuck.
    function testFuzz_credit_neverRevertsForAnAmount(uint256 amount, uint256 lane, bool owners) public {
        lane = bound(lane, 0, CASH_LANE);
        amount = bound(amount, 0, type(uint128).max);
        hub.deliver(first, lane, amount, owners ? alice : bob);
        uint256 had = lane == CASH_LANE ? 1e12 : 0;
        bool fits = had + amount <= AccountWords.LARGEST;
        uint256 has = lane == CASH_LANE ? uint256(_cash(first)) : _balance(first, lane);
        assertEq(has, fits && owners ? had + amount : had);
        assertEq(house.waiting(first, lane), fits && owners ? 0 : amount);
        if (!fits) {
            vm.prank(alice);
            vm.expectRevert();
            house.accept(first, lane);
        }
    }

    function test_credit_revertsWhenNotHubOrLaneUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotCollateralHub.selector, alice));
        vm.prank(alice);
        house.credit(first, 0, 1, EID, bytes32(uint256(uint160(alice))));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LaneUnknown.selector, 13));
        hub.deliver(first, 13, 1, alice);
    }

    // --- withdrawals

    function _withdraw(bytes32 account, uint256 lane, uint256 amount, MarginProof memory proof) private {
        vm.prank(address(bytes20(account)));
        house.withdraw(account, lane, amount, EID, bytes32("receiver"), "", proof);
    }

    /// Without positions and debts nothing is needed: no proof, no epoch, no price.
    function test_withdraw_ofAFreeAccountNeedsNothing() public {
        _deposit(first, 2, 7);
        marginVerifier.refuseAll();
        vm.warp(vm.getBlockTimestamp() + 365 days);
        MarginProof memory none;
        _withdraw(first, 2, 7, none);
        _withdraw(first, CASH_LANE, 1e12, none);
        assertEq(hub.released(2), 7);
        assertEq(hub.released(CASH_LANE), 1e12);
        assertEq(_cash(first), 0);
    }

    function test_withdraw_paysTheHubAndRefundsTheSender() public {
        vm.deal(alice, 1 ether);
        MarginProof memory none;
        vm.prank(alice);
        house.withdraw{value: 0.3 ether}(first, CASH_LANE, 1, EID, bytes32("receiver"), "", none);
        assertEq(hub.lastValue(), 0.3 ether);
        assertEq(hub.lastRefundTo(), alice);
        assertEq(address(house).balance, 0);
    }

    function test_withdraw_withPositionsNeedsAProof() public {
        _deposit(first, 0, 5e6);
        _trade(first, second, CALL, LOT, _price());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, first, 9, 10));
        _withdraw(first, 0, 1e6, _proof(9, 5, 10));
        _withdraw(first, 0, 1e6, _proof(10, 5, 10));
        assertEq(_balance(first, 0), 4e6);
        marginVerifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        _withdraw(first, 0, 1e6, _rich());
    }

    /// Dollars are not lent against collateral: what is left of equity without it must not be below 0.
    function test_withdraw_revertsWhenCashWouldBeLent() public {
        _deposit(first, 0, 5e6);
        _deposit(first, 2, 3e6 + 1);
        _trade(second, first, CALL, LOT, _price()); // a short, paid in advance
        uint256[8] memory facts = terms.facts();
        uint256 value = 5e6 * (facts[0] & ((1 << 84) - 1)) / 1e12 + (3e6 + 1) * 1e12 / 1e12;
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CashLent.selector, first, int256(value) - 1, value)
        );
        _withdraw(first, CASH_LANE, 1, _proof(int256(value) - 1, 0, 0));
        _withdraw(first, CASH_LANE, 1, _proof(int256(value), 0, 0));
        // collateral itself may leave down to the requirement
        _withdraw(first, 0, 1, _proof(0, 0, 0));
    }

    function test_withdraw_revertsWhenMissing() public {
        _deposit(first, 0, 5e6);
        MarginProof memory none;
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CollateralMissing.selector, first, 0, 5e6 + 1, 5e6)
        );
        _withdraw(first, 0, 5e6 + 1, none);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CashMissing.selector, first, 1e12 + 1, int256(1e12))
        );
        _withdraw(first, CASH_LANE, 1e12 + 1, none);
        vm.expectRevert(IClearingHouse.AmountZero.selector);
        _withdraw(first, CASH_LANE, 0, none);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LaneUnknown.selector, 13));
        _withdraw(first, 13, 1, none);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotOwner.selector, bob, first));
        vm.prank(bob);
        house.withdraw(first, 0, 1, EID, bytes32("receiver"), "", none);
    }

    function test_withdraw_ofADebtorNeedsAProof() public {
        _deposit(first, 0, 5e6);
        vm.prank(liquidation);
        house.moveCash(first, second, 1e12 + 1);
        assertFalse(house.isHealthy(first, 0));
        MarginProof memory none;
        none.commitment = 1;
        marginVerifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        _withdraw(first, 0, 1, none);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.CashMissing.selector, first, 1, int256(-1)));
        _withdraw(first, CASH_LANE, 1, none);
    }

    // --- making a house

    function test_constructor_refusesWhatItCannotLeanOn() public {
        HouseConfig memory config = _houseConfig();
        config.maxArrayAge = 59;
        vm.expectPartialRevert(IClearingHouse.ParameterOutOfBounds.selector);
        new ClearingHouse(config);
        config = _houseConfig();
        config.exchange = address(0);
        vm.expectRevert(IClearingHouse.AddressZero.selector);
        new ClearingHouse(config);
        config = _houseConfig();
        config.liquidation = address(0);
        vm.expectRevert(IClearingHouse.AddressZero.selector);
        new ClearingHouse(config);
        config = _houseConfig();
        config.backstop = bytes32(uint256(5));
        vm.expectRevert(IClearingHouse.AddressZero.selector);
        new ClearingHouse(config);
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(KeyPolicy.DevelopmentKeyRefused.selector, 1));
        new ClearingHouse(_houseConfig());
        marginVerifier.setDevelopmentKey(false);
        vm.expectRevert(abi.encodeWithSelector(KeyPolicy.DevelopmentKeyRefused.selector, 1));
        new ClearingHouse(_houseConfig());
    }
}
