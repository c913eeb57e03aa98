// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {stdMath} from "forge-std/StdMath.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Order, Side} from "../../contracts/interfaces/IExchange.sol";
import {Epoch, Series} from "../../contracts/interfaces/IRiskArrays.sol";
import {VolatilityReport} from "../../contracts/interfaces/IVolatilityLog.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {HealthProbe} from "./HealthProbe.sol";
import {Figures} from "./ModelVerifier.sol";

/// @notice What people, provers, feeds and time may do to clearing, in any order. Each action knows from the rules what it may
/// change and when it is refused, and fails where the contracts do anything else.
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
        assertEq(_beginEpoch(3, true), bytes4(0));
    }

    // --- collateral

    function deposit(uint256 to, uint256 laneSeed, uint256 amount, uint256 chain, uint256 seed) external {
        to %= ACCOUNTS;
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
        (from, chain) = (from % ACCOUNTS, chain % CHAINS);
        if (from == KEEPER) from = 0; // who stays rich
        uint256 lane = laneSeed % 8 < 4 ? CASH : _lane(laneSeed);
        if (collateralHub.held(_eid(chain), lane) == 0) chain = (chain + 1) % CHAINS;
        uint256 most = _has(house.accountWords(accounts[from]), lane);
        if (collateralHub.held(_eid(chain), lane) < most) most = collateralHub.held(_eid(chain), lane);
        if (most == 0) _skip("nothing there");
        amount = seed % 4 == 0 ? most : _bound(amount, 1, most);
        address to;
        (amount, to) = _receiving(chain, lane, amount, most, seed);
        _takeOut(from, lane, amount, chain, to);
        _count("withdraw");
    }

    function _takeOut(uint256 from, uint256 lane, uint256 amount, uint256 chain, address to) internal {
        uint256[10][] memory expected = _frame();
        uint256[10] memory left = house.accountWords(accounts[from]);
        if (lane == CASH) left.addCash(-int256(amount));
        else left.setBalance(lane, left.balance(lane) - amount);
        expected[from] = _withPending(from, left);
        Packet[] memory packets = _tryToTake(from, lane, amount, chain, to, left);
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
    ) private returns (Packet[] memory packets) {
        MarginProof memory proof;
        Figures memory found;
        bool free = left.owesNothing();
        if (!free) (proof, found) = _proofOf(from, left, 0);
        bool lent = !free && lane == CASH && found.equity < int256(_valueOf(left));
        try this.withdrawAs(from, lane, amount, chain, to, proof) returns (Packet[] memory sent) {
            packets = sent;
        } catch (bytes memory reason) {
            assertFalse(free, "H-2: who is free afterwards is never refused");
            if (bytes4(reason) == IClearingHouse.CashLent.selector) {
                assertTrue(lent, "H-2.2: no cash is lent");
            } else {
                _requireRefusal(reason, !_covers(found), _arraysOf(left));
            }
            _skip(bytes4(reason));
        }
        if (free) return packets;
        assertTrue(_covers(found), "H-2: a withdrawal leaves the initial level");
        assertFalse(lent, "H-2.2: nobody is paid dollars for collateral");
        _requireFresh(_arraysOf(left));
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

    /// Why a trade or a withdrawal may be refused: too little margin, an epoch that is too old, or left behind by prices.
    /// @param which arrays that are asked about
    function _requireRefusal(bytes memory reason, bool unhealthy, uint256 which) internal view {
        bytes4 why = bytes4(reason);
        if (why == IClearingHouse.AccountUnhealthy.selector) {
            assertTrue(unhealthy, "H-2: who has the initial margin is not refused");
        } else if (why == IClearingHouse.ArraysTooOld.selector) {
            assertGt(
                vm.getBlockTimestamp(), riskArrays.current().time + MAX_ARRAY_AGE, "H-2: the epoch is young"
            );
        } else {
            try riskArrays.requireSpotsNear(which) {
                revert(string.concat("H-2: refused for no reason: ", vm.toString(reason)));
            } catch {}
        }
    }

    /// H-2, H-2.6: a proof lets nobody through by facts that are old, or that prices have left behind.
    function _requireFresh(uint256 which) private view {
        Epoch memory current = riskArrays.current();
        assertLe(vm.getBlockTimestamp(), current.time + MAX_ARRAY_AGE, "H-2: the epoch is young");
        assertEq(which & current.halted, 0, "H-2.6: nothing is wanted of a halted array");
        for (uint256 array; array < 3; ++array) {
            if ((which >> array) & 1 == 0) continue;
            uint256 lane = array == 1 ? 1 : 0;
            assertFalse(dead[lane], "H-2.6: a price that is live");
            assertLe(
                stdMath.delta(_spot(lane), current.spots[array]) * 1e6,
                uint256(current.spots[array]) * current.steps[array],
                "H-2.6: prices are within a step of the epoch's"
            );
        }
    }

    // --- trading

    /// @param pair which two accounts
    function trade(uint256 pair, uint256 series, uint256 lot, uint256 price, uint256 seed) external {
        (uint256 one, uint256 other) = (pair % 5, pair / 5 % 5);
        if (_ownerOf(one) == _ownerOf(other)) other = one < 2 ? 2 : one - 1;
        _tradeOnce(_orders([one, other], _listed(series), lot, price, seed), seed);
        _count("trade");
    }

    function _tradeOnce(Order[2] memory orders, uint256 seed) private {
        uint256[10][] memory expected = _frame();
        uint256[2] memory sides = [_index(orders[0].account), _index(orders[1].account)];
        _exchanged(expected, orders[seed % 2], sides);
        MarginProof[2] memory proofs;
        (bool healthy, bool proven, uint256 which) = (true, false, 0);
        for (uint256 k; k < 2; ++k) {
            if (expected[sides[k]].owesNothing()) continue;
            Figures memory found;
            (proofs[k], found) = _proofOf(sides[k], expected[sides[k]], 0);
            which |= _arraysOf(expected[sides[k]]);
            (healthy, proven) = (healthy && _covers(found), true);
        }
        if (!healthy) _lie(orders, proofs, seed);
        try this.tradeAs(orders, proofs, seed % 2) {
            assertTrue(healthy, "H-2: a trade leaves both at the initial level");
            if (proven) _requireFresh(which);
        } catch (bytes memory reason) {
            assertTrue(proven, "H-2.6: two who leave are never refused");
            _requireRefusal(reason, !healthy, which);
            _skip(bytes4(reason));
        }
        _requireFrame(expected);
        for (uint256 k; k < 2; ++k) {
            assertTrue(
                house.isHealthy(orders[k].account, Clearing.LEVEL_INITIAL), "H-2.3: who was let through"
            );
        }
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
        private
        returns (Order[2] memory orders)
    {
        if (!riskArrays.tradable(series)) _skip("not tradable");
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
        if (least > 0) lot = 5 * uint256(least) * 1e12 / _spot(riskArrays.listing(series).underlying);
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

    /// One of the series that are listed.
    function _listed(uint256 seed) internal view returns (uint256 series) {
        series = seed % 64;
        while (!riskArrays.listing(series).listed) series = (series + 1) % 64;
    }

    /// {ppt of a dollar} what a contract is worth by the current epoch, at least a cent
    function _mark(uint256 series) private view returns (uint256) {
        uint256[] memory words = _pricedWords(riskArrays.currentNumber())[series / 16];
        Series memory listed = riskArrays.listing(series);
        if (words.length == 0) return _spot(listed.underlying);
        uint256 word = words[Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + 6 * (series % 16) + 5];
        int256 mark = word.readSigned(2, 2); // the 32nd of its values, six to a word
        int256 worth = int256(words[2].read(0, 4)) * mark / 1e12;
        if (listed.kind == Clearing.KIND_PUT) {
            // put = call + K − F, the forward without its basis
            worth += int256(listed.strike) - int256(words[2].read(0, 4));
        }
        return worth < 1e10 ? 1e10 : uint256(worth);
    }

    // --- proofs and settlement

    /// H-2.3, with a prover who may make the account look worse than it is.
    function proveHealth(uint256 i, uint256 understated) external {
        i %= ACCOUNTS;
        uint256[10] memory words = house.accountWords(accounts[i]);
        (MarginProof memory proof, Figures memory found) = _proofOf(i, words, understated % 3 * 1e6);
        uint256[10][] memory expected = _frame();
        try house.proveHealth(accounts[i], proof) {
            _requireFrame(expected);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IClearingHouse.ArraysTooOld.selector);
            assertGt(vm.getBlockTimestamp(), riskArrays.current().time + MAX_ARRAY_AGE);
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

    // --- series

    function list(uint256 seed, uint256 expiry, uint256 strike) external {
        (uint256 array, uint256 place) = (seed % 3, 1 + seed / 3 % 3);
        if (riskArrays.listing(16 * array + place).listed) _skip("place taken");
        expiry = vm.getBlockTimestamp() + SETTLEMENT_WINDOW + _bound(expiry, 0, 4) * 6 hours;
        strike = _spot(array == 1 ? 1 : 0) * _bound(strike, 70, 130) / 100;
        vm.prank(governor);
        try riskArrays.listSeries(array, place, 1 + seed / 9 % 2, uint64(expiry), strike) {
            _count("list");
        } catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
    }

    function retire(uint256 seed) external {
        uint256 series = _listed(seed);
        uint256[10][] memory expected = _frame();
        try riskArrays.retire(series) {
            _requireFrame(expected);
            _count("retire");
        } catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
    }

    // --- prices, time and epochs

    function move(uint256 lane, uint256 part, uint256 seed) external {
        uint256[10][] memory expected = _frame();
        _jump(lane % 3, part, seed % 5 == 0 ? 400_000 : 120_000);
        _publish();
        _requireFrame(expected);
        _count("move");
    }

    /// @param most {ppm} up or down, as a ratio
    function _jump(uint256 lane, uint256 part, uint256 most) private {
        uint256 opened = (lane + 1) * 1000e8;
        uint256 ratio = _bound(part >> 1, 1e6, 1e6 + most);
        uint256 price = uint256(int256(prices[lane]));
        price = part % 2 == 0 ? price * ratio / 1e6 : price * 1e6 / ratio;
        prices[lane] = int120(int256(_bound(price, opened / 20, opened * 20)));
    }

    /// What is dead answers nothing, until it is alive again.
    function die(uint256 lane, uint256 seed) external {
        bool dies = seed % 4 == 0;
        if (dead[lane % 3] == dies) _skip("dead or alive");
        dead[lane % 3] = dies;
        _publish();
        _count(dies ? bytes32("die") : bytes32("revive"));
    }

    function changeMood(uint256 price, bool hungry) external {
        moody.set(price % 3 == 0 ? 0 : _bound(price, 0.9e18, 1.1e18), hungry);
        _count("changeMood");
    }

    function pass(uint256 time, uint256 seed) external {
        uint256[10][] memory before = _frame();
        skip(_bound(time, 1, seed % 5 == 0 ? 8 hours : 10 minutes));
        _publish();
        if (seed % 2 == 0) _observeIfDue();
        _requireDue(before, _indices());
        _count("pass");
    }

    /// Anything from an epoch that nobody proves to one that is current with its snapshot, with the prices as they were or others;
    /// with an observation before it they may be far from those of before.
    function epochs(uint256 time, uint256 part, uint256 seed) external {
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        bool far = seed % 4 == 0;
        if (seed % 3 == 0) delete dead;
        skip(far ? INTERVAL : EPOCH_INTERVAL + _bound(time, 0, 5 minutes));
        for (uint256 lane; lane < 3 && seed % 2 == 0; ++lane) {
            _jump(lane, uint256(keccak256(abi.encode(part, lane))), far ? 400_000 : 150_000);
        }
        _publish();
        _observeIfDue();
        assertEq(
            _beginEpoch(seed / 8 % 8, seed / 64 % 8 != 0),
            bytes4(0),
            "A-11: nothing but its interval holds up an epoch"
        );
        _requireDue(before, indices);
        _count("epochs");
    }

    /// Another chance for what has not been proven.
    function proveEpoch(uint256 seed) external {
        uint64 number = riskArrays.latestNumber() - uint64(seed % 3);
        if (number <= riskArrays.currentNumber()) _skip("not newer");
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        if (_acceptArrays(number, 3) == 0) _skip("nothing to prove");
        _requireDue(before, indices);
        _count("proveEpoch");
    }

    function snapshot(bool newest) external {
        uint64 number = newest ? riskArrays.latestNumber() : riskArrays.currentNumber();
        try terms.factsAt(number) {
            _skip("snapshot taken");
        } catch {}
        uint256[10][] memory expected = _frame();
        terms.snapshot(number);
        _requireFrame(expected);
        _count("snapshot");
    }

    /// @param arrays 0 proves none, 1 the first, others all
    /// @return why none has begun, 0 where one has
    function _beginEpoch(uint256 arrays, bool withSnapshot) internal returns (bytes4) {
        _report();
        if (vm.getBlockTimestamp() > oracle.riskState(riskIndex).endTime + 1 days) {
            try this.acceptRiskState() {} catch {}
        }
        try riskArrays.beginEpoch() returns (uint64 number) {
            _price(number);
            if (withSnapshot) terms.snapshot(number);
            _acceptArrays(number, arrays);
            return 0;
        } catch (bytes memory reason) {
            return bytes4(reason);
        }
    }

    function acceptRiskState() external {
        _acceptRiskState(_volatilities(5_000 + words.length * 7919 % 15_000));
    }

    function _acceptArrays(uint64 number, uint256 arrays) private returns (uint256 count) {
        Epoch memory begun = riskArrays.epochAt(number);
        uint256[][4] memory priced = _pricedWords(number);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if (arrays == 0 || (arrays == 1 && array != 0)) continue;
            if ((begun.arrays >> array) & 1 == 0 || (begun.accepted >> array) & 1 == 1) continue;
            riskArrays.accept(number, array, priced[array], 1, _anyProof());
            ++count;
        }
    }

    function _publish() internal {
        int120[] memory said = prices;
        for (uint256 lane; lane < 3; ++lane) {
            if (dead[lane]) said[lane] = 0;
        }
        publisher.publish(said);
    }

    /// An observation where one is due, recorded for every series that it may count for.
    function _observeIfDue() internal {
        if (vm.getBlockTimestamp() < observationLog.lastObservedAt() + INTERVAL) return;
        if (dead[0] || dead[1] || dead[2]) return;
        _observe();
        for (uint256 series; series < 64; ++series) {
            Series memory listed = riskArrays.listing(series);
            if (listed.expiry == 0) continue;
            try settlementPrices.record(listed.underlying, listed.expiry) {} catch {}
        }
    }

    /// A report of each underlying that has options, where the last one is some hours old.
    function _report() private {
        for (uint256 lane; lane < 2; ++lane) {
            (uint64 last,) = volatilityLog.latest(lane);
            if (vm.getBlockTimestamp() < last + 3 hours) continue;
            VolatilityReport memory report = _plainReport();
            report.underlying = lane;
            report.spot = _spot(lane);
            uint256 volatility = 0.58e12 + vm.getBlockTimestamp() % 5 * 0.01e12;
            _fillSlice(report, 0, 7 days, 1_000, 5, volatility * 31 / 30);
            _fillSlice(report, 1, 30 days, 4_000, 5, volatility);
            _fillSlice(report, 2, 180 days, 25_000, 5, volatility * 29 / 30);
            bytes[] memory signatures = _sign(report, QUORUM);
            try volatilityLog.report(report, signatures) {} catch {}
        }
    }

    function _indices() internal view returns (int256[2] memory) {
        return [riskArrays.fundingIndex(0), riskArrays.fundingIndex(16)];
    }

    /// H-1.3, H-1.4: what time and epochs may change: expired series turn into cash, perpetuals pay funding. A position that has
    /// not been paid for several epochs is rounded once, so it may have 1 ppm more than in parts.
    function _requireDue(uint256[10][] memory before, int256[2] memory indices) internal {
        int256[2] memory now_ = _indices();
        uint256[10][] memory found = _frame();
        for (uint256 i; i < ACCOUNTS; ++i) {
            (int256 due, uint256 perpetuals) = _dueOf(before[i], [now_[0] - indices[0], now_[1] - indices[1]]);
            int256 more = found[i].cash() - before[i].cash() - due;
            assertGe(more, 0, "H-1.3, H-1.4: at least the floor of what is due");
            assertLe(more, int256(perpetuals), "H-1.3, H-1.4: no more than is due");
            before[i].addCash(due + more);
        }
        _requireFrame(before);
    }

    /// Takes what has been settled out of the words.
    /// @return due {ppm of a dollar} rounded down, each payment for itself
    /// @return perpetuals how many are held
    function _dueOf(uint256[10] memory words_, int256[2] memory moved)
        private
        view
        returns (int256 due, uint256 perpetuals)
    {
        for (uint256 series; series < 64; ++series) {
            int256 quantity = words_.quantityOf(series);
            if (quantity == 0) continue;
            Series memory listed = riskArrays.listing(series);
            if (listed.kind == Clearing.KIND_PERPETUAL) {
                due += _floor(-quantity * moved[series / 16]);
                ++perpetuals;
            } else if (settlementPrices.isFinal(listed.underlying, listed.expiry)) {
                uint256 price = settlementPrices.settlementPrice(listed.underlying, listed.expiry);
                int256 payoff = int256(price) - int256(listed.strike);
                if (listed.kind == Clearing.KIND_PUT) payoff = -payoff;
                if (payoff > 0) due += _floor(quantity * payoff);
                words_.addQuantity(series, -quantity);
            }
        }
    }

    function _floor(int256 product) private pure returns (int256 quotient) {
        quotient = product / 1e12;
        if (product % 1e12 < 0) --quotient;
    }

    /// The backstop's words as a frame has them.
    function _withPending(uint256 i, uint256[10] memory words_) internal view returns (uint256[10] memory) {
        if (i != BACKSTOP) return words_;
        uint256[10] memory copy = abi.decode(abi.encode(words_), (uint256[10]));
        copy.addCash(lossBook.pending());
        return copy;
    }
}
