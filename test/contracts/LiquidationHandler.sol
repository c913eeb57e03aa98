// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Bid, ILiquidation, LiquidationAuction} from "../../contracts/interfaces/ILiquidation.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Figures} from "./ModelVerifier.sol";
import {SolvencyHandler} from "./SolvencyHandler.sol";

/// @notice What liquidators may do, and what the rules (L) say comes of it, computed here once more.
contract LiquidationHandler is SolvencyHandler {
    using AccountWords for uint256[10];

    uint256 private constant LIFE = 20 minutes;
    uint256 private constant ALL = Protocol.PPM;
    uint256 private constant SMALLEST_SLICE = 100e6;
    /// {ppm} that prices turn by
    uint256 private constant DEEPEST = 1_450_000;

    /// @notice One slice as the rules have it.
    /// @param number epoch of the words
    /// @param worst scenario that is named
    /// @param asked {ppm}
    /// @param share {ppm} that is sold
    /// @param enough whether as little may be asked for
    /// @param paid {ppm of a dollar} by the bidder, below 0 to it
    struct Slice {
        uint256 account;
        uint256 bidder;
        uint64 number;
        uint256 worst;
        uint256 asked;
        uint256 share;
        bool enough;
        bool solvent;
        uint256 startedAt;
        Figures before;
        int256 paid;
    }

    // --- auctions

    function start(uint256 i, uint256 seed) external {
        _wake(seed / 16);
        uint64 number = _usable(seed);
        uint256 short = _someShort(i, number);
        if (short == ACCOUNTS && seed % 4 == 1 && _squeeze(i, seed, 12 + seed / 4 % 2)) {
            number = _usable(0);
            short = _someShort(i, number);
        }
        _start(short == ACCOUNTS ? i % BACKSTOP : short, number, seed);
    }

    function _start(uint256 i, uint64 number, uint256 seed) private {
        if (_runs(i)) _skip("auction runs");
        (bool short, uint256 worst) = _judgeAccount(i, number);
        uint256[10][] memory expected = _frame();
        try auctions.start(accounts[i], worst, number, _givenWords(number, seed % 2 == 0)) {
            assertTrue(short, "L-2: an auction starts only where the account is short");
        } catch (bytes memory reason) {
            _requireHealthyRefusal(reason, short);
        }
        _requireFrame(expected);
        _count("start");
    }

    function confirm(uint256 i, uint256 seed) external {
        (bool any, uint64 number) = _newest();
        if (!any) _skip("no facts");
        i = _someAuctioned(i);
        if (!_runs(i)) {
            i = _someShort(i, number);
            if (i == ACCOUNTS) _skip("no auction");
            _start(i, number, seed);
        }
        (bool short, uint256 worst) = _judgeAccount(i, number);
        uint256 auction = auctions.auctionOf(accounts[i]);
        uint256[10][] memory expected = _frame();
        try auctions.confirm(auction, worst, number, _givenWords(number, seed % 2 == 0)) {
            assertTrue(short, "L-2: confirmed only where the account is short");
        } catch (bytes memory reason) {
            _requireHealthyRefusal(reason, short);
        }
        _requireFrame(expected);
        _count("confirm");
    }

    function stop(uint256 i, uint256 seed) external {
        i = _someAuctioned(i);
        (bool any, uint64 number) = _newest();
        uint256 auction = auctions.auctionOf(accounts[i]);
        if (!any || auction == 0 || auctions.auctionAt(auction).over) _skip("no auction");
        bool runs = _runs(i);
        Figures memory found = _figures(number, house.accountWords(accounts[i]));
        bool recovered = found.equity >= int256(found.requirements[0]);
        uint256[10][] memory expected = _frame();
        try auctions.stop(auction, number, _givenWords(number, seed % 2 == 0)) {
            assertTrue(!runs || recovered, "L-2: stopped only where the account has recovered");
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), ILiquidation.AccountNotRecovered.selector);
            assertFalse(recovered, "L-2: who has recovered is rid of the auction");
            _skip(bytes4(reason));
        }
        _requireFrame(expected);
        _count("stop");
    }

    /// An account that is short and has no auction; ACCOUNTS where there is none.
    function _someShort(uint256 seed, uint64 number) private view returns (uint256 i) {
        for (uint256 k; k < BACKSTOP; ++k) {
            i = (seed % BACKSTOP + k) % BACKSTOP;
            if (!_runs(i) && _isShortAt(i, number)) return i;
        }
        return ACCOUNTS;
    }

    /// An account whose auction runs, where there is one; else any.
    function _someAuctioned(uint256 seed) private view returns (uint256 i) {
        for (uint256 k; k < BACKSTOP; ++k) {
            i = (seed % BACKSTOP + k) % BACKSTOP;
            if (_runs(i)) return i;
        }
    }

    function _isShortAt(uint256 i, uint64 number) private view returns (bool) {
        uint256[10] memory words_ = house.accountWords(accounts[i]);
        if (words_.owesNothing()) return false;
        return _isShort(model.figures(_factsOf(number, false), words_, _pricedWords(number)), i);
    }

    function _requireHealthyRefusal(bytes memory reason, bool short) private view {
        assertEq(bytes4(reason), ILiquidation.AccountHealthy.selector, "L: refused for nothing else");
        assertFalse(short, "L: nothing holds up the liquidation of who is short");
        _skip(bytes4(reason));
    }

    function _runs(uint256 i) internal view returns (bool) {
        uint256 auction = auctions.auctionOf(accounts[i]);
        if (auction == 0) return false;
        LiquidationAuction memory found = auctions.auctionAt(auction);
        return !found.over && vm.getBlockTimestamp() < found.shownAt + LIFE;
    }

    /// L-1: the newest epoch, or for two minutes the current one.
    function _usable(uint256 seed) private view returns (uint64 number) {
        bool any;
        (any, number) = _newest();
        if (!any) _skip("no facts");
        uint64 current = riskArrays.currentNumber();
        bool graced = vm.getBlockTimestamp() < riskArrays.epochAt(number).time + 2 minutes;
        if (seed % 3 != 0 || !graced || current == number) return number;
        try terms.factsAt(current) {
            bool young = vm.getBlockTimestamp() <= riskArrays.epochAt(current).time + MAX_ARRAY_AGE;
            if (young) return current;
        } catch {}
    }

    /// Whether an account is short, once it has borne what it has to; and in which scenario most.
    function _judgeAccount(uint256 i, uint64 number) internal returns (bool short, uint256 worst) {
        house.settle(accounts[i]);
        _rememberAt(i, factor);
        _requireReliefSound(i);
        uint256[10] memory words_ = house.accountWords(accounts[i]);
        short = _isShort(_figures(number, words_), i);
        worst = model.worstOf(_factsOf(number, false), words_, _pricedWords(number));
    }

    // --- slices

    function bid(uint256 i, uint256 by, uint256 share, uint256 seed) external {
        _wake(seed / 16);
        Slice memory slice;
        slice.number = _usable(seed);
        slice.account = _someAuctioned(i);
        if (!_runs(slice.account) || !_isShortAt(slice.account, slice.number)) {
            slice.account = _someShort(i, slice.number);
            uint256 lane = seed / 4 % 2;
            // half of them as far as it goes, until somebody has to be paid for taking a debt
            bool deep = seed / 8 % 2 == 0;
            if (slice.account == ACCOUNTS && seed % 4 != 2 && _squeeze(i, deep ? DEEPEST : share, 12 + lane))
            {
                if (seed / 16 % 4 == 0) _darken(lane);
                slice.number = _usable(0);
                slice.account = _someShort(i, slice.number);
            }
            if (slice.account == ACCOUNTS) _skip("nobody is short");
            _start(slice.account, slice.number, seed);
            if (deep || seed / 64 % 2 == 0) _linger(by);
            if (deep) _emptyBackstop();
            slice.number = _usable(0);
        }
        slice.bidder = seed % 3 == 0 ? by % BACKSTOP : KEEPER;
        if (_ownerOf(slice.account) == _ownerOf(slice.bidder)) _skip("one's own");
        slice.asked = seed % 2 == 0 ? ALL : _bound(share, 1, ALL);
        bool short;
        (short, slice.worst) = _judgeAccount(slice.account, slice.number);
        if (!short) _skip("not short");
        uint256 held = house.accountWords(accounts[slice.account]).arraysHeld();
        bytes4 why = _buySlice(slice, seed % 4 < 2);
        if (why != 0) _skip(why);
        _count(slice.solvent ? bytes32("bidSolvent") : bytes32("bidInsolvent"));
        if (riskArrays.epochAt(slice.number).halted & held != 0) _count("bidHalted");
    }

    /// Its owner takes all its dollars, so that losses are shared.
    function _emptyBackstop() private {
        uint256 cash = _has(house.accountWords(backstop), CASH);
        if (cash != 0) _takeOut(BACKSTOP, CASH, cash, 0, receivers[0]);
    }

    /// Of an account that has been judged.
    /// @return why it was refused, as the rules have it
    function _buySlice(Slice memory slice, bool facts) private returns (bytes4 why) {
        house.settle(accounts[slice.bidder]);
        uint256 borne = factor;
        _rememberAt(slice.bidder, borne);
        uint256[10][] memory expected = _frame();
        _slice(slice, expected);
        why = _tryToBuy(slice, _covers(_figures(slice.number, expected[slice.bidder])), facts);
        if (why != 0) return why;
        // the account was touched before the loss
        _rememberAt(slice.account, borne);
        _requireFrame(expected);
        if (borne != factor) _count("loss");
    }

    function _tryToBuy(Slice memory slice, bool covers, bool facts) private returns (bytes4 why) {
        try this.bidAs(slice, facts) returns (uint256 sold, int256 paid) {
            assertEq(sold, slice.share, "L-5: what is sold");
            assertEq(paid, slice.paid, "L-6, L-7: what is paid");
            assertTrue(covers, "L-3: the bidder reaches its initial requirement");
        } catch (bytes memory reason) {
            why = bytes4(reason);
            if (why == ILiquidation.SliceTooSmall.selector) {
                assertFalse(slice.enough, "L-5: a slice of 100 dollars is enough");
            } else {
                assertEq(why, ILiquidation.BidderUnhealthy.selector, "L-3: refused for nothing else");
                assertFalse(covers, "L-3: who can take a slice does");
            }
        }
    }

    /// @param facts whether the caller gives facts alone
    function bidAs(Slice calldata slice, bool facts) external returns (uint256, int256) {
        bytes32 bidder = accounts[slice.bidder];
        uint256 auction = auctions.auctionOf(accounts[slice.account]);
        uint256 phase = slice.solvent ? 0 : 1;
        Bid memory offer =
            Bid(auction, phase, bidder, slice.worst, slice.number, slice.asked, int256(1) << 80);
        uint256[][4] memory given = _givenWords(slice.number, facts);
        vm.prank(_ownerOf(slice.bidder));
        return auctions.bid(offer, given);
    }

    /// L-4 to L-7: what moves, and what is paid for it.
    function _slice(Slice memory slice, uint256[10][] memory expected) private {
        slice.before = _figures(slice.number, expected[slice.account]);
        slice.startedAt = auctions.auctionAt(auctions.auctionOf(accounts[slice.account])).startedAt;
        uint256 elapsed = vm.getBlockTimestamp() - slice.startedAt;
        slice.solvent = slice.before.equity >= 0 && elapsed < 60 minutes;
        uint256 discount = slice.solvent ? _discount(elapsed) : ALL;
        uint256 most = _most(slice.before, slice.account, discount);
        slice.share = slice.asked < most ? slice.asked : most;
        slice.enough =
            slice.asked >= most || slice.asked * slice.before.requirements[0] >= SMALLEST_SLICE * 1e6;

        int256 more = -_positive(expected[slice.account]) - _positive(expected[slice.bidder]);
        _moveShare(expected[slice.account], expected[slice.bidder], slice.share);
        more += _positive(expected[slice.account]) + _positive(expected[slice.bidder]);
        int256 value = slice.before.equity - _figures(slice.number, expected[slice.account]).equity + 13;
        if (slice.solvent) _sold(slice, expected, value, discount);
        else _takenOver(slice, expected, value, more);
    }

    function _sold(Slice memory slice, uint256[10][] memory expected, int256 value, uint256 discount)
        private
        pure
    {
        if (value <= 0) return;
        int256 price = (value * int256(ALL - discount) + 1e6 - 1) / 1e6;
        int256 penalty = (value + 99) / 100;
        if (penalty > price) penalty = price;
        expected[slice.bidder].addCash(-price);
        expected[slice.account].addCash(price - penalty);
        expected[BACKSTOP].addCash(penalty);
        slice.paid = price;
    }

    function _takenOver(Slice memory slice, uint256[10][] memory expected, int256 value, int256 more)
        private
    {
        int256 lacking = int256(slice.before.requirements[0] * slice.share / 1e7) - value;
        if (lacking <= 0) return;
        uint256 amount = uint256(lacking) * _lateness(slice) / 15 minutes;
        uint256 paid = _payFromBackstop(expected, slice, amount, more);
        expected[slice.bidder].addCash(int256(paid));
        slice.paid = -int256(paid);
    }

    function _positive(uint256[10] memory words_) private pure returns (int256 cash) {
        cash = words_.cash();
        if (cash < 0) cash = 0;
    }

    /// L-6 {ppm}
    function _discount(uint256 elapsed) private pure returns (uint256) {
        if (elapsed < 15 minutes) return 300_000 * elapsed / 15 minutes;
        return 300_000 + 700_000 * (elapsed - 15 minutes) / 45 minutes;
    }

    /// L-5 {ppm}
    function _most(Figures memory before, uint256 i, uint256 discount) private view returns (uint256 most) {
        int256 equity = before.equity + int256(_relief(i));
        if (equity <= 0) return ALL;
        uint256 requirement = before.requirements[0];
        uint256 target = requirement + (requirement + 9) / 10;
        uint256 lost = discount + 10_000 > ALL ? ALL : discount + 10_000;
        uint256 divisor = target - uint256(equity) * lost / 1e6;
        most = ((target - uint256(equity)) * 1e6 + divisor - 1) / divisor;
        if (most > ALL || (ALL - most) * requirement < SMALLEST_SLICE * 1e6) most = ALL;
    }

    /// {s} of the insolvent phase, 15 minutes at most (L-7)
    function _lateness(Slice memory slice) private view returns (uint256) {
        uint256 shown = auctions.auctionAt(auctions.auctionOf(accounts[slice.account])).insolventAt;
        uint256 since = slice.startedAt + 60 minutes;
        if (slice.before.equity < 0) {
            if (shown == 0) shown = vm.getBlockTimestamp();
            if (shown < since) since = shown;
        }
        uint256 now_ = vm.getBlockTimestamp();
        if (now_ <= since) return 0;
        return now_ - since < 15 minutes ? now_ - since : 15 minutes;
    }

    /// L-4: a share of everything, rounded toward what stays.
    function _moveShare(uint256[10] memory from, uint256[10] memory to, uint256 share) private pure {
        for (uint256 series; series < 64; ++series) {
            int256 part = from.quantityOf(series) * int256(share) / 1e6;
            if (part == 0) continue;
            from.addQuantity(series, -part);
            to.addQuantity(series, part);
        }
        int256 cash = from.cash() * int256(share) / 1e6;
        from.addCash(-cash);
        to.addCash(cash);
        for (uint256 lane; lane < 12; ++lane) {
            uint256 part = from.balance(lane) * share / 1e6;
            from.setBalance(lane, from.balance(lane) - part);
            to.setBalance(lane, to.balance(lane) + part);
        }
    }

    // --- losses

    function writeOff(uint256 i) external {
        i %= BACKSTOP;
        house.settle(accounts[i]);
        _rememberAt(i, factor);
        uint256[10][] memory expected = _frame();
        bool bare = expected[i].cash() < 0 && !expected[i].hasPositions();
        for (uint256 lane; lane < 12; ++lane) {
            if (expected[i].balance(lane) != 0) bare = false;
        }
        uint256 borne = factor;
        if (bare) {
            Slice memory none;
            (none.account, none.bidder) = (i, i);
            uint256 paid = _payFromBackstop(expected, none, uint256(-expected[i].cash()), 0);
            expected[i].addCash(int256(paid));
        }
        try auctions.writeOff(accounts[i]) {
            assertTrue(bare, "L-7: only a bare debt is written off");
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), ILiquidation.NoBareDebt.selector);
            assertFalse(bare, "L-7: a bare debt can be written off");
            _skip(bytes4(reason));
        }
        _requireFrame(expected);
        _count("writeOff");
        if (borne != factor) _count("loss");
    }

    /// L-8, L-9: what the backstop has, and a part of all positive cash for the rest.
    /// @param more {ppm of a dollar} by which the slice has changed positive cash
    /// @return paid {ppm of a dollar}
    function _payFromBackstop(uint256[10][] memory expected, Slice memory slice, uint256 amount, int256 more)
        private
        returns (uint256 paid)
    {
        int256 there = expected[BACKSTOP].cash();
        paid = there > 0 ? uint256(there) : 0;
        if (amount <= paid) {
            paid = amount;
        } else {
            uint256 positive = uint256(int256(lossBook.positive()) + more);
            uint256 loss = amount - paid;
            if (loss > positive / 2) loss = positive / 2;
            if (positive < 1e6) loss = 0;
            if (loss != 0) _bear(expected, slice, loss, positive);
            paid += loss;
            // shares that are still to be borne are the backstop's
            expected[BACKSTOP].addCash(int256(loss));
        }
        expected[BACKSTOP].addCash(-int256(paid));
    }

    /// L-9: F − ⌈F (loss + 1) / P⌉, and what each account loses by it.
    function _bear(uint256[10][] memory expected, Slice memory slice, uint256 loss, uint256 positive)
        private
    {
        uint256 before = factor;
        uint256[] memory shares = new uint256[](ACCOUNTS);
        for (uint256 i; i < BACKSTOP; ++i) {
            shares[i] = _share(i);
        }
        factor = before - (before * (loss + 1) + positive - 1) / positive;
        lostAt = vm.getBlockTimestamp();
        uint256 total;
        for (uint256 i; i < BACKSTOP; ++i) {
            uint256 share = _share(i) - shares[i];
            if (i == slice.account || i == slice.bidder) {
                int256 cash = expected[i].cash();
                share = cash > 0 ? uint256(cash) - uint256(cash) * factor / before : 0;
                // who is paid bears it before
                if (i == slice.bidder) _bearAt(i, share);
            }
            expected[i].addCash(-int256(share));
            total += share;
        }
        assertGe(total, loss, "L-9: all shares together are at least the loss");
    }

    // --- what must hold after each step

    /// Liquidation is total: who is short can be liquidated right now, whole, by who can pay; or after an epoch that anybody
    /// begins, whatever feeds, reports and provers do.
    function requireTotal(uint256 seed) external {
        if (house.openAccounts() == 0) return;
        (bool any, uint64 number) = _newest();
        if (!any) {
            if (seed % 4 != 0) return;
            if (vm.getBlockTimestamp() < _nextEpochAt()) vm.warp(_nextEpochAt());
            number = _beginEpoch(0, true);
        }
        for (uint256 k; k < KEEPER; ++k) {
            uint256 i = (seed / 4 + k) % KEEPER;
            if (!_isShortAt(i, number)) continue;
            liquidateNow(i, number);
            return;
        }
    }

    /// An auction, where none runs, and a bid for as much as may be sold. Afterwards the account is not short any more.
    function liquidateNow(uint256 i, uint64 number) public {
        (bool short, uint256 worst) = _judgeAccount(i, number);
        if (!short) return; // it has only now borne a loss
        bytes32 account = accounts[i];
        uint256[][4] memory given = _givenWords(number, i % 2 == 0);
        if (!_runs(i)) auctions.start(account, worst, number, given);
        Slice memory slice;
        (slice.account, slice.bidder, slice.number) = (i, KEEPER, number);
        (slice.worst, slice.asked) = (worst, ALL);
        assertEq(_buySlice(slice, i % 2 == 0), bytes4(0), "L-3: who is rich enough takes all of it");
        Figures memory found = _figures(number, house.accountWords(account));
        assertFalse(_isShort(found, i), "L: one bid ends the shortfall");
    }

    /// After everything: feeds answer again, what was sent arrives, an epoch begins, who is short is liquidated, and who is free
    /// leaves, without a proof.
    function requireEnd() external {
        requireConserved();
        _reviveAll();
        _arrive();
        for (uint256 k; k < 2; ++k) {
            skip(INTERVAL);
            _publish();
            _observeIfDue();
        }
        uint64 number = _beginEpoch(7, true);
        for (uint256 i; i < BACKSTOP; ++i) {
            uint256[10] memory words_ = house.accountWords(accounts[i]);
            if (i != KEEPER && !words_.owesNothing()) liquidateNow(i, number);
            house.settle(accounts[i]);
        }
        requireCovered();
        _requireSeriesSound(true);
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (house.accountWords(accounts[i]).owesNothing()) _leave(i);
        }
        _arrive();
        requireCovered();
        requireConserved();
    }

    /// H-2: takes everything from wherever it lies.
    function _leave(uint256 i) private {
        uint256[] memory lanes = _lanesInUse();
        for (uint256 k; k < lanes.length; ++k) {
            uint256 held;
            for (uint256 chain; chain < CHAINS; ++chain) {
                uint256 there = collateralHub.held(_eid(chain), lanes[k]);
                uint256 amount = _has(house.accountWords(accounts[i]), lanes[k]);
                if (there < amount) amount = there;
                if (amount != 0) _takeOut(i, lanes[k], amount, chain, receivers[0]);
                held += there - amount;
            }
            uint256 left = _has(house.accountWords(accounts[i]), lanes[k]);
            assertTrue(left == 0 || held == 0, "H-2.2: who is free takes all that lies anywhere");
            assertTrue(left == 0 || lanes[k] == CASH, "H-2.2: only dollars may be owed by others");
        }
    }

    /// H-1, L-9, H-2.3 over all accounts as they are.
    function requireSound() external view {
        requireCovered();
        int256 shares;
        uint256 positive;
        for (uint256 i; i < BACKSTOP; ++i) {
            int256 held = _stored(i);
            uint256 owed = lossBook.owed(accounts[i], held);
            assertEq(owed, _share(i), "L-9: an account bears cash - floor(cash F / F0)");
            shares += int256(owed);
            if (held > 0) positive += uint256(held) - owed;
            _requireReliefSound(i);
            _requireHealthSound(i);
        }
        assertGe(shares, lossBook.pending(), "L-9: all shares together are at least all losses");
        assertGe(lossBook.positive(), positive, "L-9: P is at least the sum of positive cash");
        _requireSeriesSound(false);
    }

    function _requireReliefSound(uint256 i) private view {
        assertEq(lossBook.relief(accounts[i]), _relief(i), "L-10: what is not counted yet of losses");
    }

    /// In a series that has not expired quantities sum to 0, and what is held is counted; when all is settled, in any.
    function _requireSeriesSound(bool settled) private view {
        uint256[10][] memory frame = _frame();
        for (uint256 series; series < 64; ++series) {
            if (house.openInterest(series) == 0) {
                assertGe(house.unsettled(series), 0, "H-1.3: what is left is what rounding took");
            }
            if (!listings.listing(series).listed) continue;
            uint256 expiry = listings.listing(series).expiry;
            if (!settled && expiry != 0 && vm.getBlockTimestamp() >= expiry) continue;
            (int256 sum, uint256 held) = (0, 0);
            for (uint256 i; i < ACCOUNTS; ++i) {
                int256 quantity = frame[i].quantityOf(series);
                sum += quantity;
                held += uint256(quantity < 0 ? -quantity : quantity);
            }
            assertEq(sum, 0, "H-1: quantities of a series sum to 0");
            assertEq(held, house.openInterest(series), "H-1: open interest is what accounts hold");
        }
    }

    /// Who is called healthy is, by the current epoch, as the account is stored.
    function _requireHealthSound(uint256 i) private view {
        uint256[10] memory words_ = _storedWords(i);
        if (words_.owesNothing() || !house.isHealthy(accounts[i], 0)) return;
        assertTrue(_isYoung(), "H-2.3: of a young epoch");
        assertEq(_share(i), 0, "H-2.3: who has a loss to bear is not called healthy");
        Figures memory found = _wanted(words_);
        _requireKept(i, found);
        for (uint256 level; level < 2; ++level) {
            if (!house.isHealthy(accounts[i], level)) continue;
            assertGe(found.equity, int256(found.requirements[level]), "H-2.3: who is called healthy is");
        }
    }
}
