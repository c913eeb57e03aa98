// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";

contract AccountWordsTest is Test {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    int256 private constant MOST = int256(AccountWords.LARGEST);

    uint256[10] private stored;
    /// {ppm of a contract} what the words should say
    mapping(uint256 series => int256) private expected;

    function _empty() private view returns (uint256[10] memory words) {
        words = AccountWords.load(stored);
    }

    /// The layout is written out for the sake of gas; this is what it is written out from.
    function test_layout() public view {
        assertEq(AccountWords.PLACES, Clearing.POSITION_COUNT);
        assertEq(Protocol.MARGIN_POSITIONS_OFFSET, 0);
        assertEq(AccountWords.CASH, Protocol.MARGIN_CASH_OFFSET);
        assertEq(AccountWords.COLLATERAL, Protocol.MARGIN_COLLATERAL_OFFSET);
        assertEq(AccountWords.WORDS, Protocol.MARGIN_COLLATERAL_PRICES_OFFSET);
        uint256 triple = Protocol.LANE_BITS * Clearing.TRIPLE_LANES;
        uint256 zero = uint256(0).placeSigned(1, Clearing.TRIPLE_LANES, 0);
        uint256 place = triple + Protocol.LANE_BITS;
        uint256[10] memory words = _empty();
        assertEq(Clearing.POSITIONS_PER_WORD, 3);
        for (uint256 i; i < 5; ++i) {
            assertEq(words[i], zero | zero << place | zero << 2 * place);
        }
        assertEq(words[5], zero);
        assertEq(words[6], 1 << (triple - 1));
        assertEq(words[7] | words[8] | words[9], 0);
    }

    // --- the same words as the SDK's

    function test_vectors() public view {
        string memory json = vm.readFile("test/vectors/accounts.json");
        uint256 i;
        for (; vm.keyExistsJson(json, _at(i, "cash")); ++i) {
            string[] memory series = vm.parseJsonStringArray(json, _at(i, "series"));
            string[] memory quantities = vm.parseJsonStringArray(json, _at(i, "quantities"));
            string[] memory balances = vm.parseJsonStringArray(json, _at(i, "balances"));
            string[] memory expectedWords = vm.parseJsonStringArray(json, _at(i, "words"));
            uint256[10] memory words = _empty();
            // in another order than they stand in
            for (uint256 k; k < series.length; ++k) {
                uint256 at = (k * 7 + i) % series.length;
                if (series.length % 7 == 0) at = series.length - 1 - k;
                words.addQuantity(vm.parseUint(series[at]), vm.parseInt(quantities[at]));
            }
            words.setCash(vm.parseInt(vm.parseJsonString(json, _at(i, "cash"))));
            for (uint256 lane; lane < 12; ++lane) {
                words.setBalance(lane, vm.parseUint(balances[lane]));
                assertEq(words.balance(lane), vm.parseUint(balances[lane]));
            }
            for (uint256 word; word < 10; ++word) {
                assertEq(words[word], vm.parseUint(expectedWords[word]));
            }
            for (uint256 k; k < series.length; ++k) {
                (bool held, uint256 number, int256 quantity) = words.positionAt(k);
                assertTrue(held);
                assertEq(number, vm.parseUint(series[k]));
                assertEq(quantity, vm.parseInt(quantities[k]));
            }
        }
        assertGt(i, 8, "the file holds vectors");
    }

    function _at(uint256 i, string memory key) private pure returns (string memory) {
        return string.concat(".accounts[", vm.toString(i), "].", key);
    }

    // --- positions

    /// Whatever is added in whatever order, places are ascending without gaps, none is 0, and all say what was added.
    function testFuzz_addQuantity_keepsOneForm(uint256 seed) public {
        uint256[10] memory words = _empty();
        uint256 count;
        for (uint256 i; i < 64; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint256 series = draw % 24;
            int256 change = (draw >> 8) % 3 == 0 ? -expected[series] : int256((draw >> 16) % 2001) - 1000;
            int256 next = expected[series] + change;
            if (expected[series] == 0 && next != 0 && count == 16) continue; // refused, and tested below
            if (expected[series] == 0 && next != 0) ++count;
            if (expected[series] != 0 && next == 0) --count;
            (int256 before, int256 afterwards) = words.addQuantity(series, change);
            assertEq(before, expected[series]);
            assertEq(afterwards, next);
            expected[series] = next;
            _requireForm(words, count);
        }
        for (uint256 series; series < 24; ++series) {
            assertEq(words.quantityOf(series), expected[series]);
        }
    }

    function _requireForm(uint256[10] memory words, uint256 count) private pure {
        uint256 last;
        for (uint256 place; place < 16; ++place) {
            uint256 lane = 4 * (place % 3);
            uint256 first = words[place / 3].read(lane, 1);
            int256 quantity = words[place / 3].readSigned(lane + 1, Clearing.TRIPLE_LANES);
            if (place < count) {
                assertGt(first, last, "ascending");
                assertTrue(quantity != 0, "none is 0");
            } else {
                assertEq(first, 0);
                assertEq(quantity, 0);
            }
            last = first;
        }
        assertEq(words[5] >> 84, 0, "nothing beyond the sixteenth");
        for (uint256 i; i < 10; ++i) {
            assertLt(words[i], Protocol.WORD_LIMIT);
        }
        assertEq(words.hasPositions(), count != 0);
    }

    function testFuzz_addQuantity_revertsWhenTooManyPositions(uint256 series) public {
        uint256[10] memory words = _empty();
        for (uint256 i; i < 16; ++i) {
            words.addQuantity(2 * i + 1, int256(i) - 100);
        }
        series = 2 * bound(series, 0, 31);
        vm.expectRevert(AccountWords.TooManyPositions.selector);
        this.addQuantity(words, series, 1);
        words.addQuantity(31, 1);
        assertEq(words.quantityOf(31), -84);
    }

    function testFuzz_addQuantity_revertsWhenOutOfRange(int256 held, int256 change) public {
        held = bound(held, -MOST, MOST);
        change = bound(change, -3 * MOST, 3 * MOST);
        uint256[10] memory words = _empty();
        words.addQuantity(63, held);
        int256 next = held + change;
        if (next > MOST || next < -MOST) {
            vm.expectRevert(abi.encodeWithSelector(AccountWords.QuantityOutOfRange.selector, next));
            this.addQuantity(words, 63, change);
        } else {
            words.addQuantity(63, change);
            assertEq(words.quantityOf(63), next);
        }
    }

    function addQuantity(uint256[10] memory words, uint256 series, int256 change) external pure {
        words.addQuantity(series, change);
    }

    // --- cash and balances

    function testFuzz_cash(int256 value, int256 change) public {
        value = bound(value, -MOST, MOST);
        change = bound(change, -3 * MOST, 3 * MOST);
        uint256[10] memory words = _empty();
        words.setCash(value);
        assertEq(words.cash(), value);
        assertEq(words.owesNothing(), value >= 0);
        int256 next = value + change;
        int256 clamped = next > MOST ? MOST : next < -MOST ? -MOST : next;
        if (next != clamped) {
            vm.expectRevert(abi.encodeWithSelector(AccountWords.CashOutOfRange.selector, next));
            this.addCash(words, change);
        }
        assertEq(words.addCashClamped(change), clamped - value);
        assertEq(words.cash(), clamped);
    }

    function addCash(uint256[10] memory words, int256 change) external pure {
        words.addCash(change);
    }

    function testFuzz_balance_standsAlone(uint256[12] memory balances, uint256 lane) public {
        uint256[10] memory words = _empty();
        for (uint256 i; i < 12; ++i) {
            balances[i] = bound(balances[i], 0, AccountWords.LARGEST);
            words.setBalance(i, balances[i]);
        }
        lane = bound(lane, 0, 11);
        balances[lane] = AccountWords.LARGEST - balances[lane];
        words.setBalance(lane, balances[lane]);
        for (uint256 i; i < 12; ++i) {
            assertEq(words.balance(i), balances[i]);
        }
        vm.expectRevert(
            abi.encodeWithSelector(AccountWords.BalanceOutOfRange.selector, lane, AccountWords.LARGEST + 1)
        );
        this.setBalance(words, lane, AccountWords.LARGEST + 1);
    }

    function setBalance(uint256[10] memory words, uint256 lane, uint256 value) external pure {
        words.setBalance(lane, value);
    }

    // --- storage

    /// What is saved is loaded, the version counts what changed, and an account that is empty again is stored as it was.
    function testFuzz_save(int256 quantity, int256 cash, uint256 balance) public {
        quantity = bound(quantity, -MOST, MOST);
        cash = bound(cash, -MOST, MOST);
        balance = bound(balance, 0, AccountWords.LARGEST);
        uint256[10] memory words = AccountWords.load(stored);
        assertEq(AccountWords.versionOf(stored), 0);
        assertTrue(AccountWords.storedOwesNothing(stored));
        words.addQuantity(60, quantity);
        words.setCash(cash);
        words.setBalance(11, balance);
        bool any = quantity != 0 || cash != 0 || balance != 0;
        (uint32 saved, bool changed) = AccountWords.save(stored, words);
        assertEq(changed, any);
        assertEq(saved, any ? 1 : 0);
        uint256[10] memory loaded = AccountWords.load(stored);
        loaded.strip();
        assertEq(abi.encode(loaded), abi.encode(words));
        assertEq(AccountWords.versionOf(stored), saved);
        assertEq(AccountWords.storedOwesNothing(stored), words.owesNothing());
        assertEq(words.owesNothing(), quantity == 0 && cash >= 0);

        words = AccountWords.load(stored);
        words.setDue((1 << 40) - 1, (1 << 32) - 1);
        (saved, changed) = AccountWords.save(stored, words);
        assertFalse(changed, "what may be due is none of the words");
        assertEq(saved, any ? 1 : 0);
        words = AccountWords.load(stored);
        assertEq(words.nextExpiry(), (1 << 40) - 1);
        assertEq(words.fundingEpoch(), (1 << 32) - 1);
        assertEq(words.cash(), cash);
        words.setDue(0, 0);
        words.addQuantity(60, -quantity);
        words.setCash(0);
        words.setBalance(11, 0);
        AccountWords.save(stored, words);
        for (uint256 i; i < 10; ++i) {
            if (i != 6) assertEq(stored[i], 0);
        }
    }

    /// Every word has its place, and a change of any of them alone is one.
    function test_save_ofEveryWord() public {
        uint256[10] memory words = AccountWords.load(stored);
        for (uint256 i; i < 16; ++i) {
            words.addQuantity(i, int256(i) + 1);
        }
        for (uint256 lane; lane < 12; ++lane) {
            words.setBalance(lane, lane + 1);
        }
        words.setCash(-1);
        AccountWords.save(stored, words);
        uint32 version = 1;
        for (uint256 place; place < 16; ++place) {
            _requireKept(words, ++version, place, 12);
        }
        for (uint256 lane; lane < 12; ++lane) {
            _requireKept(words, ++version, 0, lane);
        }
    }

    /// Adds to a quantity, or to a balance where there is a lane.
    function _requireKept(uint256[10] memory words, uint32 version, uint256 place, uint256 lane) private {
        if (lane < 12) words.setBalance(lane, words.balance(lane) + 100);
        else words.addQuantity(place, 100);
        uint256[10] memory held = AccountWords.load(stored);
        for (uint256 i; i < 10; ++i) {
            if (i != 6) held[i] = words[i];
        }
        (uint32 saved, bool changed) = AccountWords.save(stored, held);
        assertTrue(changed);
        assertEq(saved, version);
        held = AccountWords.load(stored);
        held.strip();
        assertEq(abi.encode(held), abi.encode(words));
    }
}
