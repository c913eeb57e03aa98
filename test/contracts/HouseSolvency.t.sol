// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Health, IClearingHouse, Solvency, SolvencyProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// @notice Several accounts proven at once, and what all open ones come to: docs/clearing.md, Q-4 and Q-5.
contract HouseSolvencyTest is HouseFixture {
    using AccountWords for uint256[10];

    uint256 private constant LOT = 1e6;
    uint256 private constant PLACES = 4;

    /// all of the test's accounts that hold something, ascending
    bytes32[] private open;

    function setUp() public {
        _deployHouse();
        _deposit(first, CASH_LANE, 1e14);
        for (uint96 number = 1; number < 5; ++number) {
            bytes32 account = _account(bob, number);
            _deposit(account, CASH_LANE, 1e12);
            _trade(first, account, CALL, LOT, _spot(0) / 100);
        }
        _trade(first, _account(bob, 1), PERPETUAL, LOT, _spot(0));
        _deposit(first, 0, 7e6);
        open = _sorted(first, 1, 5);
        assertEq(house.openAccounts(), 5);
        _epoch();
    }

    /// An account, and bob's of some numbers, ascending by name.
    function _sorted(bytes32 other, uint96 from, uint96 to) private view returns (bytes32[] memory accounts) {
        accounts = new bytes32[](to - from + 1);
        uint256 at;
        for (uint96 number = from; number < to; ++number) {
            bytes32 account = _account(bob, number);
            if (at + from == number && other < account) accounts[at++] = other;
            accounts[at++] = account;
        }
        if (at < accounts.length) accounts[at] = other;
    }

    function _some(uint256 from, uint256 to) private view returns (bytes32[] memory accounts) {
        accounts = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) {
            accounts[i - from] = open[i];
        }
    }

    /// Figures by place: equity {ppm of a dollar} of 1,000 times the place, less 500, and requirements of 10 and 20 times it.
    function _claim(uint256 from, uint256 to) private pure returns (SolvencyProof memory proof) {
        proof.commitment = 1;
        for (uint256 i; i < PLACES; ++i) {
            uint256 place = from + i;
            proof.results[i] =
                place < to ? _result(int256(1_000 * place) - 500, 10 * place, 20 * place) : _result(0, 0, 0);
        }
        proof.totals = 7;
    }

    function _prove(uint256 from, uint256 to) private {
        house.proveSolvency(_some(from, to), _claim(from, to));
    }

    // --- proofs

    function test_proveSolvency_isWorthWhatProofsOfEachAre() public {
        assertFalse(house.isHealthy(open[1], Clearing.LEVEL_MAINTENANCE));
        _prove(0, 4);
        for (uint256 place; place < 4; ++place) {
            Health memory proven = house.health(open[place]);
            assertEq(proven.equity, int256(1_000 * place) - 500);
            assertEq(proven.maintenanceMargin, 10 * place);
            assertEq(proven.initialMargin, 20 * place);
            assertEq(proven.version, house.version(open[place]));
            assertEq(proven.epoch, riskArrays.currentNumber());
            assertEq(house.isHealthy(open[place], Clearing.LEVEL_INITIAL), place > 0);
        }
        assertFalse(house.isHealthy(open[4], Clearing.LEVEL_MAINTENANCE), "nobody has proven the fifth");
    }

    function test_proveSolvency_tighterBoundsStand() public {
        house.proveHealth(open[2], _proof(1_400, 30, 35));
        _prove(2, 4);
        Health memory proven = house.health(open[2]);
        assertEq(proven.equity, 1_500);
        assertEq(proven.maintenanceMargin, 20);
        assertEq(proven.initialMargin, 35);
        house.proveHealth(open[3], _proof(9_000, 100, 100));
        assertEq(house.health(open[3]).equity, 9_000);
        assertEq(house.health(open[3]).maintenanceMargin, 30);
    }

    /// Every word but results and totals is the house's own; places that are not used hold nothing.
    function test_proveSolvency_putsTheHousesWordsBeforeTheVerifier() public {
        bytes32[] memory accounts = _some(1, 4);
        SolvencyProof memory proof = _claim(1, 4);
        uint256[] memory statement = new uint256[](Protocol.SOLVENCY_LENGTH);
        for (uint256 i; i < 3; ++i) {
            uint256[10] memory words = house.accountWords(accounts[i]);
            for (uint256 w; w < 10; ++w) {
                statement[10 * i + w] = words[w];
            }
        }
        uint256[10] memory nobody = house.accountWords(_account(makeAddr("nobody"), 0));
        uint256[] memory single = house.statementWords(accounts[0]);
        for (uint256 w; w < 10; ++w) {
            statement[30 + w] = nobody[w];
        }
        for (uint256 w; w < 11; ++w) {
            statement[40 + w] = single[10 + w];
        }
        for (uint256 i; i < 4; ++i) {
            statement[51 + i] = proof.results[i];
            statement[56 + i] = single[25 + i];
        }
        statement[55] = proof.totals;
        uint256 z = Statement.challenge(Protocol.DOMAIN_SOLVENCY_STATEMENT, statement, 1);
        solvencyVerifier.expect([uint256(1), z, Statement.evaluate(statement, z)]);
        uint256 state = vm.snapshotState();
        house.proveSolvency(accounts, proof);
        vm.revertToState(state);

        proof.totals ^= 1;
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(accounts, proof);
        proof.totals ^= 1;
        proof.results[3] ^= 1;
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(accounts, proof);
        proof.results[3] ^= 1;
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(_some(0, 3), proof);
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(_some(1, 3), proof);
        _deposit(accounts[2], 2, 1);
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(accounts, proof);
    }

    function test_proveSolvency_refusesWordsWithASecondForm() public {
        SolvencyProof memory proof = _claim(0, 4);
        proof.totals = Protocol.WORD_LIMIT;
        vm.expectRevert(
            abi.encodeWithSelector(Statement.WordOutOfRange.selector, Protocol.SOLVENCY_TOTALS_OFFSET)
        );
        house.proveSolvency(_some(0, 4), proof);
        proof.totals = 0;
        proof.commitment = Protocol.FIELD_MODULUS;
        vm.expectRevert(
            abi.encodeWithSelector(Statement.CommitmentOutOfRange.selector, Protocol.SOLVENCY_LENGTH)
        );
        house.proveSolvency(_some(0, 4), proof);
        proof.commitment = 1;
        solvencyVerifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(_some(0, 4), proof);
    }

    function test_proveSolvency_refusesAnAccountTwice() public {
        bytes32[] memory accounts = _some(0, 3);
        (accounts[1], accounts[2]) = (open[2], open[1]);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsNotAscending.selector, open[1]));
        house.proveSolvency(accounts, _claim(0, 3));
        accounts[2] = open[2];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsNotAscending.selector, open[2]));
        house.proveSolvency(accounts, _claim(0, 3));
    }

    function test_proveSolvency_refusesNoneAndTooMany() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountCountOutOfRange.selector, 0, PLACES));
        house.proveSolvency(_some(0, 0), _claim(0, 0));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountCountOutOfRange.selector, 5, PLACES));
        house.proveSolvency(_some(0, 5), _claim(0, 4));
    }

    function test_proveSolvency_needsAYoungEpoch() public {
        (, uint64 time,,) = riskArrays.marginFacts();
        vm.warp(time + MAX_ARRAY_AGE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.ArraysTooOld.selector, time, uint256(MAX_ARRAY_AGE))
        );
        house.proveSolvency(_some(0, 4), _claim(0, 4));
    }

    /// What is due to any of them is applied before any is read: funding, settlement, and shares of losses, which change the
    /// backstop where it is one of them.
    function test_proveSolvency_readsAccountsAfterWhatIsDue() public {
        vm.startPrank(liquidation);
        assertEq(lossBook.shareOut(1e10), 1e10);
        house.moveCash(backstop, _account(makeAddr("bidder"), 0), 1e10);
        vm.stopPrank();
        bytes32 debtor = open[0] == first ? open[1] : open[0];
        bytes32[] memory pair = new bytes32[](2);
        (pair[0], pair[1]) = debtor < backstop ? (debtor, backstop) : (backstop, debtor);
        house.proveSolvency(pair, _claim(1, 3));
        for (uint256 i; i < 2; ++i) {
            assertEq(house.health(pair[i]).version, house.version(pair[i]), "of the account as it is");
            assertTrue(house.isHealthy(pair[i], Clearing.LEVEL_INITIAL));
        }
        uint256[10] memory after_ = house.accountWords(debtor);
        house.settle(debtor);
        assertEq(house.accountWords(debtor).cash(), after_.cash(), "it had borne its share");
    }

    event SolvencyProven(
        uint64 indexed epoch, bytes32[] accounts, uint256[4] results, uint256 totals, uint256 left
    );

    function test_proveSolvency_saysHowManyAreLeft() public {
        SolvencyProof memory proof = _claim(0, 4);
        vm.expectEmit(address(house));
        emit SolvencyProven(riskArrays.currentNumber(), _some(0, 4), proof.results, proof.totals, 1);
        house.proveSolvency(_some(0, 4), proof);

        // one closes out: the other four are then all
        bytes32 out = _account(bob, 2);
        _trade(out, first, CALL, LOT, _spot(0) / 100);
        bytes32[] memory others = new bytes32[](4);
        uint256 at;
        for (uint256 i; i < 5; ++i) {
            if (open[i] != out) others[at++] = open[i];
        }
        vm.expectEmit(address(house));
        emit SolvencyProven(riskArrays.currentNumber(), others, proof.results, proof.totals, 0);
        house.proveSolvency(others, proof);
        // one that is free counts for nothing
        bytes32[] memory one = new bytes32[](1);
        one[0] = out;
        vm.expectEmit(address(house));
        emit SolvencyProven(riskArrays.currentNumber(), one, proof.results, proof.totals, 4);
        house.proveSolvency(one, proof);
    }

    // --- all of them

    function test_solvency_sumsWhatIsProvenOfAll() public {
        _prove(0, 4);
        _prove(4, 5);
        Solvency memory total = house.solvency(open);
        assertEq(total.epoch, riskArrays.currentNumber());
        assertEq(total.equity, 1_000 * (1 + 2 + 3 + 4) - 5 * 500);
        assertEq(total.maintenanceMargin, 10 * (1 + 2 + 3 + 4));
        assertEq(total.initialMargin, 20 * (1 + 2 + 3 + 4));
        assertEq(total.shortfall, 500, "of the first alone: no other's claim pays for it");
        assertEq(total.backstopCash, _cash(backstop));
        assertGt(total.backstopCash, 0, "fees");
    }

    function test_solvency_whoeverHasProvenThem() public {
        _prove(0, 3);
        house.proveHealth(open[3], _proof(40, 1, 2));
        house.proveHealth(open[4], _proof(-50, 1, 2));
        Solvency memory total = house.solvency(open);
        assertEq(total.equity, -500 + 500 + 1_500 + 40 - 50);
        assertEq(total.shortfall, 550);
    }

    function test_solvency_ofNobody() public {
        _prove(0, 4);
        _prove(4, 5);
        for (uint96 number = 1; number < 5; ++number) {
            _trade(_account(bob, number), first, CALL, LOT, _spot(0) / 100);
        }
        _trade(_account(bob, 1), first, PERPETUAL, LOT, _spot(0));
        assertEq(house.openAccounts(), 0);
        Solvency memory total = house.solvency(new bytes32[](0));
        assertEq(total.equity, 0);
        assertEq(total.shortfall, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsMissing.selector, 5, 0));
        house.solvency(open);
    }

    function test_solvency_revertsUnlessAllAreThere() public {
        _prove(0, 4);
        _prove(4, 5);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsMissing.selector, 4, 5));
        house.solvency(_some(0, 4));
        bytes32[] memory accounts = _some(0, 5);
        accounts[3] = open[2];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsNotAscending.selector, open[2]));
        house.solvency(accounts);
        // one that is free in the place of one that is not
        (bytes32 free, uint256 place) = _freeBetween();
        accounts = _some(0, 5);
        accounts[place] = free;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountFree.selector, free));
        house.solvency(accounts);
    }

    /// An account that holds nothing, whose name lies where that of an open one does.
    function _freeBetween() private view returns (bytes32 free, uint256 place) {
        for (; place < 5; ++place) {
            if (open[place] == _account(bob, 4)) return (_account(bob, 5), place);
        }
    }

    function test_solvency_revertsUnlessEachIsProvenAsItIs() public {
        _prove(0, 4);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.HealthNotProven.selector, open[4]));
        house.solvency(open);
        _prove(4, 5);
        house.solvency(open);
        _deposit(open[3], 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.HealthNotProven.selector, open[3]));
        house.solvency(open);
        _prove(3, 4);
        house.solvency(open);
        // a loss that all share
        vm.startPrank(liquidation);
        lossBook.shareOut(1e10);
        house.moveCash(backstop, _account(makeAddr("bidder"), 0), 1e10);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsMissing.selector, 5, 6));
        house.solvency(open);
        house.settle(_account(makeAddr("bidder"), 0));
        bytes32[] memory all = _with(backstop);
        SolvencyProof memory ofBackstop = _claim(0, 0);
        ofBackstop.results[0] = _result(-1e10, 0, 0);
        bytes32[] memory one = new bytes32[](1);
        one[0] = backstop;
        house.proveSolvency(one, ofBackstop);
        vm.expectPartialRevert(IClearingHouse.HealthNotProven.selector);
        house.solvency(all);
    }

    function _with(bytes32 other) private view returns (bytes32[] memory accounts) {
        accounts = new bytes32[](6);
        uint256 at;
        for (uint256 i; i < 5; ++i) {
            if (at == i && other < open[i]) accounts[at++] = other;
            accounts[at++] = open[i];
        }
        if (at == 5) accounts[5] = other;
    }

    function test_solvency_endsWithTheEpoch() public {
        _prove(0, 4);
        _prove(4, 5);
        uint256 state = vm.snapshotState();
        (, uint64 time,,) = riskArrays.marginFacts();
        vm.warp(time + MAX_ARRAY_AGE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.ArraysTooOld.selector, time, uint256(MAX_ARRAY_AGE))
        );
        house.solvency(open);
        vm.revertToState(state);
        _epoch();
        // nobody has proven anything over it yet
        vm.expectPartialRevert(IClearingHouse.ArraysTooOld.selector);
        house.solvency(open);
        house.keepFacts();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.HealthNotProven.selector, open[0]));
        house.solvency(open);
    }

    /// Whatever proofs say, the sum is that of what is kept, and the shortfall that of who owes.
    function testFuzz_solvency_addsUp(int64[5] memory equities, uint64[5] memory requirements) public {
        int256 equity;
        uint256 maintenance;
        uint256 shortfall;
        for (uint256 i; i < 5; ++i) {
            int256 its = bound(equities[i], -(1 << 62), (1 << 62) - 1);
            uint256 needed = bound(requirements[i], 0, (1 << 63) - 1);
            house.proveHealth(open[i], _proof(its, needed, needed));
            equity += its;
            maintenance += needed;
            if (its < 0) shortfall += uint256(-its);
        }
        Solvency memory total = house.solvency(open);
        assertEq(total.equity, equity);
        assertEq(total.maintenanceMargin, maintenance);
        assertEq(total.initialMargin, maintenance);
        assertEq(total.shortfall, shortfall);
    }
}
