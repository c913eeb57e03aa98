// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {stdMath} from "forge-std/StdMath.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Order, Side} from "../../contracts/interfaces/IExchange.sol";
import {Series} from "../../contracts/interfaces/IListings.sol";
import {IMarginTerms, PositionLimits} from "../../contracts/interfaces/IMarginTerms.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {HealthProbe} from "./HealthProbe.sol";
import {Figures} from "./ModelVerifier.sol";

/// @notice What people and their provers may do to clearing, in any order. Each action knows from the rules what it may change
/// and when it is refused, and fails where the contracts do anything else.
abstract contract ClearingHandler is HealthProbe {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    constructor() {
        _deployWorld();
    }

    /// Everybody brings something. Called once, when this contract has its code.
    function open() external {
        for (uint256 i; i < 5; ++i) {
            _depositFor(i % CHAINS, CASH, (20_000 + 20_000 * i) * 1e6, accounts[i], _ownerOf(i), false);
        }
        _depositFor(1, 0, 20e6, accounts[0], _ownerOf(0), false);
        _depositFor(2, FAILING, 10e6, accounts[2], _ownerOf(2), false);
        _depositFor(0, 2, 5e10, accounts[3], _ownerOf(3), false);
        _depositFor(0, CASH, 1e14, accounts[KEEPER], _ownerOf(KEEPER), false);
        _depositFor(0, CASH, 5e8, backstop, _ownerOf(BACKSTOP), false);
        _executeAll();
        skip(EPOCH_INTERVAL);
        _publish();
        _beginEpoch(3, true);
    }

    // --- collateral

    function deposit(uint256 to, uint256 laneSeed, uint256 amount, uint256 chain, uint256 seed) external {
        to %= seed % 8 == 1 ? ACCOUNTS : KEEPER;
        uint256 lane = _lane(laneSeed);
        amount = _bound(amount, 1, lane < 2 ? 20e6 : 3e10);
        address who = _ownerOf(seed % 5 == 0 ? seed % ACCOUNTS : to);
        _depositFor(chain % CHAINS, lane, amount, accounts[to], who, seed % 3 == 0);
        _count("deposit");
    }

    function accept(uint256 to, uint256 laneSeed) external {
        to %= ACCOUNTS;
        uint256 lane = _lane(laneSeed);
        if (waiting[to][lane] == 0) _skip("nothing waits");
        uint256[10][] memory expected = _frame();
        _give(expected[to], lane, waiting[to][lane]);
        waiting[to][lane] = 0;
        vm.prank(_ownerOf(to));
        house.accept(accounts[to], lane);
        _requireFrame(expected);
        _count("accept");
    }

    /// H-2.2: refused only where the rules say so; an account that is free afterwards is never refused.
    function withdraw(uint256 from, uint256 laneSeed, uint256 amount, uint256 chain, uint256 seed) external {
        _wake(seed / 16);
        (from, chain) = (from % ACCOUNTS, chain % CHAINS);
        if (from == KEEPER) from = 0; // who stays rich
        (uint256 lane, uint256 most) = (0, 0);
        uint256[] memory lanes = _lanesInUse();
        // dollars, or any lane; then the others, and what lies elsewhere
        uint256 first = laneSeed % 2 == 0 ? lanes.length - 1 : laneSeed / 2;
        uint256[10] memory words_ = house.accountWords(accounts[from]);
        for (uint256 k; most == 0 && k < CHAINS * lanes.length; ++k) {
            if (k != 0 && k % lanes.length == 0) chain = (chain + 1) % CHAINS;
            lane = lanes[(first % lanes.length + k) % lanes.length];
            most = _has(words_, lane);
            if (collateralHub.held(_eid(chain), lane) < most) most = collateralHub.held(_eid(chain), lane);
        }
        if (most == 0) _skip("nothing there");
        amount = seed % 4 == 0 ? most : _bound(amount, 1, most);
        address to;
        (amount, to) = _receiving(chain, lane, amount, most, seed);
        if (_takeOut(from, lane, amount, chain, to)) _count("withdraw");
    }

    /// @return taken whether the rules let it go
    function _takeOut(uint256 from, uint256 lane, uint256 amount, uint256 chain, address to)
        internal
        returns (bool taken)
    {
        uint256[10][] memory expected = _frame();
        uint256[10] memory left = house.accountWords(accounts[from]);
        if (lane == CASH) left.addCash(-int256(amount));
        else left.setBalance(lane, left.balance(lane) - amount);
        expected[from] = _withPending(from, left);
        Packet[] memory packets;
        (taken, packets) = _tryToTake(from, lane, amount, chain, to, left);
        if (!taken) return false;
        _notePayment(chain, lane, amount, to, packets);
        _requireFrame(expected);
    }

    function _tryToTake(
        uint256 from,
        uint256 lane,
        uint256 amount,
        uint256 chain,
        address to,
        uint256[10] memory left
    ) private returns (bool, Packet[] memory packets) {
        MarginProof memory proof;
        Figures memory found;
        bool free = left.owesNothing();
        if (!free) (proof, found) = _proofOf(left, 0);
        bool lent = !free && lane == CASH && found.equity < int256(_valueOf(left));
        // without a snapshot nothing can be said, and who is free needs none
        uint256 which = free ? 0 : _arraysOf(left);
        try this.withdrawAs(from, lane, amount, chain, to, proof) returns (Packet[] memory sent) {
            packets = sent;
        } catch (bytes memory reason) {
            assertFalse(free, "H-2: who is free afterwards is never refused");
            if (bytes4(reason) == IClearingHouse.CashLent.selector) {
                assertTrue(lent, "H-2.2: no cash is lent");
                _skip(bytes4(reason));
            }
            _refused(reason, !_covers(found), which);
            return (false, packets);
        }
        if (free) return (true, packets);
        assertFalse(lent, "H-2.2: nobody is paid dollars for collateral");
        _requireLet(_covers(found), which);
        return (true, packets);
    }

    function withdrawAs(
        uint256 from,
        uint256 lane,
        uint256 amount,
        uint256 chain,
        address to,
        MarginProof calldata proof
    ) external returns (Packet[] memory) {
        return _withdraw(house, accounts[from], lane, amount, chain, to, proof);
    }

    function _covers(Figures memory found) internal pure returns (bool) {
        return found.equity >= int256(found.requirements[1]);
    }

    /// {ppm of a dollar} of collateral, by the current epoch (G-6)
    function _valueOf(uint256[10] memory words) private view returns (uint256 value) {
        uint256[8] memory facts = terms.facts();
        for (uint256 lane; lane < 12; ++lane) {
            value += words.balance(lane) * facts[lane / 3].read(4 * (lane % 3), 4) / Clearing.PPT;
        }
    }

    /// H-2.6: bit a is set where the words have anything in array a that counts.
    function _arraysOf(uint256[10] memory words_) private view returns (uint256 which) {
        for (uint256 series; series < 64; ++series) {
            if (words_.quantityOf(series) != 0) which |= 1 << (series / 16);
        }
        // lane 0 is the underlying of array 0
        if (words_.balance(0) != 0 && terms.facts()[4].read(0, 1) < Protocol.PPM) which |= 1;
    }

    /// H-2, H-2.6: who is let through has the initial margin by facts that are young and that prices have not left behind.
    /// @param which arrays that are asked about
    function _requireLet(bool healthy, uint256 which) private view {
        assertTrue(healthy, "H-2: who is let through has the initial margin");
        assertTrue(_isYoung(), "H-2: the epoch is young");
        assertEq(which & riskArrays.current().halted, 0, "H-2.6: nothing is wanted of a halted array");
        assertTrue(_areNear(which), "H-2.6: prices are within a step of the epoch's");
    }

    /// Why a trade or a withdrawal may be refused: too little margin, an epoch that is too old, or halted, or left behind by prices.
    /// The last two are counted, any other refusal is a discard.
    /// @param which arrays that are asked about
    function _refused(bytes memory reason, bool unhealthy, uint256 which) private {
        bytes4 why = bytes4(reason);
        if (why == IClearingHouse.AccountUnhealthy.selector) {
            assertTrue(unhealthy, "H-2: who has the initial margin is not refused");
        } else if (why == IClearingHouse.ArraysTooOld.selector) {
            assertFalse(_isYoung(), "H-2: a young epoch is not refused");
        } else {
            assertFalse(_areNear(which), string.concat("H-2.6: refused for no reason: ", vm.toString(reason)));
            bool halted = which & riskArrays.current().halted != 0;
            _count(halted ? bytes32("refusedAsHalted") : bytes32("refusedAsMoved"));
            return;
        }
        _skip(why);
    }

    // --- trading

    /// @param pair which two accounts
    function trade(uint256 pair, uint256 series, uint256 lot, uint256 price, uint256 seed) external {
        _wake(seed / 16);
        (uint256 one, uint256 other) = (pair % 5, pair / 5 % 5);
        if (_ownerOf(one) == _ownerOf(other)) other = one < 2 ? 2 : one - 1;
        Order[2] memory orders = _orders([one, other], _listed(series), lot, price, seed);
        for (uint256 i; i < 6 && seed % 8 != 3 && !_canTrade(orders, seed); ++i) {
            orders[0].quantity = orders[1].quantity = (orders[0].quantity + 2) / 3;
        }
        if (_tradeOnce(orders, seed)) _count("trade");
    }

    /// Whether both reach the initial level.
    function _canTrade(Order[2] memory orders, uint256 seed) internal view returns (bool) {
        uint256[10][] memory expected = _frame();
        uint256[2] memory sides = [_index(orders[0].account), _index(orders[1].account)];
        _exchanged(expected, orders[seed % 2], sides);
        for (uint256 k; k < 2; ++k) {
            uint256[10] memory words_ = expected[sides[k]];
            if (!words_.owesNothing() && !_covers(_wanted(words_))) return false;
        }
        return true;
    }

    /// @return whether the rules let it come to pass
    function _tradeOnce(Order[2] memory orders, uint256 seed) internal returns (bool) {
        uint256[10][] memory expected = _frame();
        uint256[2] memory sides = [_index(orders[0].account), _index(orders[1].account)];
        _exchanged(expected, orders[seed % 2], sides);
        MarginProof[2] memory proofs;
        (bool healthy, bool proven, uint256 which) = (true, false, 0);
        for (uint256 k; k < 2; ++k) {
            if (expected[sides[k]].owesNothing()) continue;
            Figures memory found;
            (proofs[k], found) = _proofOf(expected[sides[k]], 0);
            which |= _arraysOf(expected[sides[k]]);
            (healthy, proven) = (healthy && _covers(found), true);
        }
        if (!healthy) _lie(orders, proofs, seed);
        bool within = _isWithinLimits(orders[0].series, sides, expected);
        try this.tradeAs(orders, proofs, seed % 2) {
            assertTrue(within, "H-1.6: nothing grows above its limit");
            if (proven) _requireLet(healthy, which);
        } catch (bytes memory reason) {
            if (
                bytes4(reason) == IMarginTerms.OpenInterestAboveLimit.selector
                    || bytes4(reason) == IMarginTerms.PositionAboveLimit.selector
            ) {
                assertFalse(within, "H-1.6: what is within its limit may grow");
                _count("refusedByLimit");
                return false;
            }
            assertTrue(proven, "H-2.6: two who leave are never refused");
            _refused(reason, !healthy, which);
            return false;
        }
        _requireFrame(expected);
        for (uint256 k; k < 2; ++k) {
            assertTrue(
                house.isHealthy(orders[k].account, Clearing.LEVEL_INITIAL), "H-2.3: who was let through"
            );
        }
        return true;
    }

    /// H-1.6: what grows by a trade is within its limit afterwards.
    function _isWithinLimits(uint256 series, uint256[2] memory sides, uint256[10][] memory expected)
        private
        view
        returns (bool)
    {
        PositionLimits memory most = terms.positionLimits(series / 16);
        (uint256 before, uint256 afterwards) = (0, 0);
        for (uint256 k; k < 2; ++k) {
            uint256 held = stdMath.abs(house.accountWords(accounts[sides[k]]).quantityOf(series));
            uint256 next = stdMath.abs(expected[sides[k]].quantityOf(series));
            if (next > held && next > most.account) return false;
            (before, afterwards) = (before + held, afterwards + next);
        }
        return afterwards <= before || house.openInterest(series) + afterwards - before <= most.openInterest;
    }

    /// A result that the model does not confirm has no proof, whatever the prover says.
    function _lie(Order[2] memory orders, MarginProof[2] memory proofs, uint256 seed) private {
        if (seed % 3 != 0) return;
        MarginProof[2] memory lies;
        for (uint256 k; k < 2; ++k) {
            lies[k].result = _result(1e17, 1, 2);
            lies[k].commitment = proofs[k].commitment;
        }
        try this.tradeAs(orders, lies, seed % 2) {
            revert("H-2: a lie was believed");
        } catch {}
    }

    /// A buyer and a seller that agree, at about the mark of the current epoch.
    function _orders(uint256[2] memory pair, uint256 series, uint256 lot, uint256 price, uint256 seed)
        internal
        returns (Order[2] memory orders)
    {
        while (!listings.tradable(series)) series = _listed(series + 1);
        // {ppm of the mark} within 3 %, sometimes anything
        price = _mark(series)
            * _bound(price, seed % 8 == 0 ? 300_000 : 970_000, seed % 8 == 0 ? 2e6 : 1_030_000) / 1e6;
        uint256 most = _largestLot(pair, series);
        lot = _bound(lot, seed % 4 == 1 ? most / 2 : 1, most);
        int256 held = house.accountWords(accounts[pair[0]]).quantityOf(series);
        bool buys = seed % 16 < 8;
        if (seed % 5 == 0 && held != 0) (lot, buys) = (uint256(held < 0 ? -held : held), held < 0);
        for (uint256 k; k < 2; ++k) {
            orders[k] = _order(accounts[pair[buys ? k : 1 - k]], series, k == 0, lot, price);
        }
    }

    /// {ppm of a contract} five times what the poorer of the two has, of the underlying
    function _largestLot(uint256[2] memory pair, uint256 series) private view returns (uint256 lot) {
        uint64 number = riskArrays.currentNumber();
        try terms.factsAt(number) {}
        catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
        int256 least = type(int256).max;
        for (uint256 k; k < 2; ++k) {
            int256 equity = _figures(number, house.accountWords(accounts[pair[k]])).equity;
            if (equity < least) least = equity;
        }
        // {ppm of a contract} = {ppm of a dollar} * {ppt} / {ppt of a dollar}
        if (least > 0) lot = 5 * uint256(least) * 1e12 / _spot(listings.listing(series).underlying);
        if (lot < 1e6) lot = 1e6;
    }

    /// H-1.1, H-1.2: what the two pay, in the maker's favour, and both to the backstop.
    function _exchanged(uint256[10][] memory expected, Order memory maker, uint256[2] memory sides)
        private
        pure
    {
        uint256 exact = maker.price * maker.quantity;
        int256 cash = int256(maker.buys ? exact / 1e12 : (exact + 1e12 - 1) / 1e12);
        int256 fee = (cash * int256(TRADE_FEE) + 1e6 - 1) / 1e6;
        expected[sides[0]].addQuantity(maker.series, int256(maker.quantity));
        expected[sides[1]].addQuantity(maker.series, -int256(maker.quantity));
        expected[sides[0]].addCash(-cash - fee);
        expected[sides[1]].addCash(cash - fee);
        expected[BACKSTOP].addCash(2 * fee);
    }

    function tradeAs(Order[2] calldata orders, MarginProof[2] calldata proofs, uint256 maker) external {
        Side[2] memory both;
        for (uint256 k; k < 2; ++k) {
            bytes memory signature =
                _signature(keyOf[address(bytes20(orders[k].account))], exchange.hashOrder(orders[k]));
            both[k] = Side(orders[k], signature, proofs[k]);
        }
        exchange.trade(both[maker], both[1 - maker], orders[0].quantity);
    }

    /// {ppt of a dollar} what a contract is worth by the current epoch, at least a cent
    function _mark(uint256 series) private view returns (uint256) {
        uint256[] memory words = _pricedWords(riskArrays.currentNumber())[series / 16];
        Series memory listed = listings.listing(series);
        if (words.length == 0) return _spot(listed.underlying);
        uint256 word = words[Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + 6 * (series % 16) + 5];
        int256 mark = word.readSigned(2, 2); // the 32nd of its values, six to a word
        int256 worth = int256(words[2].read(0, 4)) * mark / 1e12;
        if (listed.kind == Clearing.KIND_PUT) {
            // put = call + K − F, the forward without its basis
            worth += int256(uint256(listed.strike)) - int256(words[2].read(0, 4));
        }
        return worth < 1e10 ? 1e10 : uint256(worth);
    }

    // --- proofs and settlement

    /// H-2.3, with a prover who may make the account look worse than it is.
    function proveHealth(uint256 i, uint256 understated) external {
        _wake(understated / 3);
        i %= ACCOUNTS;
        uint256[10] memory words = house.accountWords(accounts[i]);
        (MarginProof memory proof, Figures memory found) = _proofOf(words, understated % 3 * 1e6);
        uint256[10][] memory expected = _frame();
        try house.proveHealth(accounts[i], proof) {
            _requireFrame(expected);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IClearingHouse.ArraysTooOld.selector);
            assertFalse(_isYoung(), "H-2.3: anybody proves what is so");
            _skip(bytes4(reason));
        }
        for (uint256 level; level < 2; ++level) {
            if (words.owesNothing() || found.equity >= int256(found.requirements[level])) continue;
            assertFalse(house.isHealthy(accounts[i], level), "H-2.3: healthy only with the requirement");
        }
        _count("proveHealth");
    }

    function settle(uint256 i) external {
        uint256[10][] memory expected = _frame();
        house.settle(accounts[i % ACCOUNTS]);
        _requireFrame(expected);
        _count("settle");
    }

    /// H-1.3: what is left of a series that nobody holds is what rounding took.
    function sweep(uint256 seed) external {
        uint256 series = seed % 64;
        if (house.openInterest(series) != 0 || house.unsettled(series) == 0) _skip("nothing to sweep");
        uint256[10][] memory expected = _frame();
        assertGe(house.unsettled(series), 0, "H-1.3: rounding is never against the house");
        expected[BACKSTOP].addCash(house.unsettled(series));
        house.sweep(series);
        _requireFrame(expected);
        _count("sweep");
    }

    /// The backstop's words as a frame has them.
    function _withPending(uint256 i, uint256[10] memory words_) internal view returns (uint256[10] memory) {
        if (i != BACKSTOP) return words_;
        uint256[10] memory copy = abi.decode(abi.encode(words_), (uint256[10]));
        copy.addCash(lossBook.pending());
        return copy;
    }
}
