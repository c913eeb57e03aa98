// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidation, Purchase} from "../../contracts/interfaces/ILiquidation.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {LiquidationHandler} from "./LiquidationHandler.sol";
import {Figures} from "./ModelVerifier.sol";

/// @notice Who calls debts and buys what secures them, and what the rule (L-12) says comes of it, computed here once more.
contract DebtHandler is LiquidationHandler {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    uint256 private constant NOTICE = 12 hours;
    uint256 private constant SALE = 4 hours;
    uint256 private constant LEAST = 100e6;

    /// @notice One purchase as the rule has it.
    /// @param asked {ppm of a token}
    /// @param most {ppm of a token} that may be sold
    /// @param amount {ppm of a token} that is sold
    /// @param paid {ppm of a dollar}
    struct Deal {
        uint256 account;
        uint256 buyer;
        uint256 lane;
        uint64 number;
        bool open;
        bool silent;
        uint256 asked;
        uint256 most;
        uint256 amount;
        uint256 paid;
    }

    /// A debt is called, half a day passes, and somebody buys.
    function collect(uint256 i, uint256 by, uint256 asked, uint256 seed) external {
        _wake(seed / 16);
        (bool any, uint64 number) = _newest();
        if (!any) _skip("no facts");
        uint256 debtor = _someDebtor(i, number);
        if (debtor == ACCOUNTS) debtor = _lose(i, number);
        if (debtor == ACCOUNTS) _skip("nobody owes");
        i = debtor;
        _call(i, number, seed);
        number = _wait(i, seed / 4);
        Deal memory deal;
        (deal.account, deal.number) = (i, number);
        deal.buyer = seed % 4 == 0 ? by % BACKSTOP : _someFree(i, by);
        // time does not come back with a discard
        if (deal.buyer == i || deal.buyer == ACCOUNTS) return;
        house.settle(accounts[i]);
        house.settle(accounts[deal.buyer]);
        uint256[10][] memory expected = _frame();
        deal.lane = _someLane(expected[i], seed / 64);
        deal.asked = seed % 3 == 0 ? _bound(asked, 0, expected[i].balance(deal.lane)) : type(uint256).max;
        _sell(deal, expected);
        _tryToBuy(deal, expected, seed % 2 == 0);
    }

    /// L-12 {ppm of a dollar}: what is lacking without collateral
    function _debtOf(uint256[10] memory words_, uint64 number) private view returns (uint256) {
        uint256[10] memory bare = abi.decode(abi.encode(words_), (uint256[10]));
        for (uint256 lane; lane < 12; ++lane) {
            bare.setBalance(lane, 0);
        }
        int256 owned = _figures(number, bare).equity;
        return owned < 0 ? uint256(-owned) : 0;
    }

    /// An account that owes; ACCOUNTS where there is none.
    function _someDebtor(uint256 seed, uint64 number) private view returns (uint256 i) {
        for (uint256 k; k < BACKSTOP; ++k) {
            i = (seed % BACKSTOP + k) % BACKSTOP;
            if (_debtOf(house.accountWords(accounts[i]), number) != 0) return i;
        }
        return ACCOUNTS;
    }

    /// Somebody loses dollars against tokens, as by a trade at a bad price (H-2.2), and is not short by it; ACCOUNTS where nobody
    /// can.
    function _lose(uint256 seed, uint64 number) private returns (uint256 i) {
        for (uint256 k; k < KEEPER; ++k) {
            i = (seed % KEEPER + k) % KEEPER;
            house.settle(accounts[i]);
            uint256[10] memory words_ = house.accountWords(accounts[i]);
            int256 there = words_.cash() > 0 ? words_.cash() : int256(0);
            int256 debt = (_spareOf(words_, number) - there) / 2;
            if (debt < int256(LEAST)) continue;
            house.settle(accounts[KEEPER]);
            uint256[10][] memory expected = _frame();
            expected[i].addCash(-there - debt);
            expected[KEEPER].addCash(there + debt);
            vm.prank(address(auctions));
            house.moveCash(accounts[i], accounts[KEEPER], uint256(there + debt));
            _requireFrame(expected);
            return i;
        }
        return ACCOUNTS;
    }

    /// An account without positions that has dollars; ACCOUNTS where there is none.
    function _someFree(uint256 but, uint256 seed) private view returns (uint256 i) {
        for (uint256 k; k < BACKSTOP; ++k) {
            i = (seed % BACKSTOP + k) % BACKSTOP;
            uint256[10] memory words_ = house.accountWords(accounts[i]);
            if (i != but && !words_.hasPositions() && words_.cash() > int256(LEAST)) return i;
        }
        return ACCOUNTS;
    }

    /// A lane of which there is something, where there is one.
    function _someLane(uint256[10] memory words_, uint256 seed) private pure returns (uint256 lane) {
        for (uint256 k; k < 3; ++k) {
            lane = (seed % 3 + k) % 3;
            if (words_.balance(lane) != 0) return lane;
        }
    }

    function _call(uint256 i, uint64 number, uint256 seed) private {
        uint256[10][] memory expected = _frame();
        uint256 debt = _debtOf(expected[i], number);
        bool quiet = vm.getBlockTimestamp() >= auctions.debtCalledAt(accounts[i]) + NOTICE + SALE;
        try auctions.callDebt(accounts[i], number, _givenWords(number, seed % 2 == 0)) {
            assertTrue(quiet, "L-12: one call at a time");
            assertGt(debt, 0, "L-12: a debt is called");
            _count("call");
        } catch (bytes memory reason) {
            if (bytes4(reason) == ILiquidation.NothingOwed.selector) {
                assertEq(debt, 0, "L-12: any debt can be called");
                _skip(bytes4(reason));
            }
            assertEq(bytes4(reason), ILiquidation.DebtCalledBefore.selector, "L-12: refused for nothing else");
            assertFalse(quiet, "L-12: what was called can be called again");
        }
        _requireFrame(expected);
    }

    /// Until some time of the sale, or a little before or after it, with an epoch.
    function _wait(uint256 i, uint256 seed) private returns (uint64) {
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        uint256 until =
            auctions.debtCalledAt(accounts[i]) + NOTICE - 20 minutes + (seed >> 8) % (SALE + 30 minutes);
        if (vm.getBlockTimestamp() < until) vm.warp(until);
        if (seed % 4 != 0) _reviveAll();
        _publish();
        _observeIfDue();
        if (vm.getBlockTimestamp() < _nextEpochAt()) vm.warp(_nextEpochAt());
        _publish();
        uint64 number = _beginEpoch(seed / 4 % 4, true);
        _requireDue(before, indices);
        return number;
    }

    function _sell(Deal memory deal, uint256[10][] memory expected) private view {
        uint256 opensAt = auctions.debtCalledAt(accounts[deal.account]) + NOTICE;
        uint256 now_ = vm.getBlockTimestamp();
        deal.open = now_ >= opensAt && now_ < opensAt + SALE;
        uint256[8] memory strict = terms.strictFactsAt(deal.number);
        uint256 price = strict[deal.lane / 3].read(4 * (deal.lane % 3), 4);
        uint256 haircut = strict[4].read(deal.lane, 1);
        deal.silent = haircut >= 1e6 || price == 0;
        if (!deal.open || deal.silent) return;
        price = (price * (1e6 + haircut - 2 * haircut * (now_ - opensAt) / SALE) + 1e6 - 1) / 1e6;
        uint256[10] memory from = expected[deal.account];
        deal.most = (_debtOf(from, deal.number) * 1e12 + price - 1) / price;
        if (from.balance(deal.lane) < deal.most) deal.most = from.balance(deal.lane);
        deal.amount = deal.asked < deal.most ? deal.asked : deal.most;
        deal.paid = (deal.amount * price + 1e12 - 1) / 1e12;
        uint256[10] memory to = expected[deal.buyer];
        from.setBalance(deal.lane, from.balance(deal.lane) - deal.amount);
        to.setBalance(deal.lane, to.balance(deal.lane) + deal.amount);
        from.addCash(int256(deal.paid));
        to.addCash(-int256(deal.paid));
    }

    function _tryToBuy(Deal memory deal, uint256[10][] memory expected, bool facts) private {
        Figures memory left = _figures(deal.number, expected[deal.account]);
        bool short = !expected[deal.account].owesNothing() && left.equity < int256(left.requirements[0]);
        bool free = expected[deal.buyer].owesNothing();
        bool tooSmall = deal.amount < deal.most && deal.paid < LEAST;
        uint256[10][] memory before = _frame();
        int256 spare = _spareOf(before[deal.account], deal.number);
        try this.buyAs(deal, facts) returns (uint256 amount, uint256 paid) {
            assertTrue(deal.open && !deal.silent, "L-12: sold in its time, at a price of its epoch");
            assertTrue(deal.most != 0 && !tooSmall, "L-12: there is something to sell");
            assertTrue(free, "L-12: the buyer is free");
            assertFalse(short, "L-12: nobody is short by a sale");
            assertEq(amount, deal.amount, "L-12: what is sold");
            assertEq(paid, deal.paid, "L-12: what is paid");
            if (!before[deal.account].hasPositions()) {
                // a floor for each balance, and for the sum of losses
                assertGe(
                    _spareOf(expected[deal.account], deal.number) + 14, spare, "L-12: no sale costs health"
                );
            }
            _requireFrame(expected);
            _count("sold");
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            if (why == ILiquidation.SaleNotOpen.selector) assertFalse(deal.open, "L-12: open");
            else if (why == ILiquidation.LaneSilent.selector) assertTrue(deal.silent, "L-12: has a price");
            else if (why == ILiquidation.NothingToSell.selector) assertEq(deal.most, 0, "L-12: for sale");
            else if (why == ILiquidation.PurchaseTooSmall.selector) assertTrue(tooSmall, "L-12: enough");
            else if (why == ILiquidation.BuyerNotFree.selector) assertFalse(free, "L-12: who is free buys");
            else if (why == ILiquidation.AccountShort.selector) assertTrue(short, "L-12: not short by it");
            else revert(string.concat("L-12: refused for no reason: ", vm.toString(reason)));
            _requireFrame(before);
            _count("refusedSale");
        }
    }

    /// {ppm of a dollar} above the maintenance requirement
    function _spareOf(uint256[10] memory words_, uint64 number) private view returns (int256) {
        Figures memory found = _figures(number, words_);
        return found.equity - int256(found.requirements[0]);
    }

    function buyAs(Deal calldata deal, bool facts) external returns (uint256, uint256) {
        Purchase memory offer = Purchase(
            accounts[deal.account],
            accounts[deal.buyer],
            deal.lane,
            deal.number,
            deal.asked,
            type(uint256).max
        );
        uint256[][4] memory given = _givenWords(deal.number, facts);
        vm.prank(_ownerOf(deal.buyer));
        return auctions.buyCollateral(offer, given);
    }
}
