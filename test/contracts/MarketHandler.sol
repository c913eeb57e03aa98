// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {stdMath} from "forge-std/StdMath.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Series} from "../../contracts/interfaces/IListings.sol";
import {CollateralLane} from "../../contracts/interfaces/IMarginTerms.sol";
import {Epoch} from "../../contracts/interfaces/IRiskArrays.sol";
import {RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {VolatilityReport} from "../../contracts/interfaces/IVolatilityLog.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {ClearingWorld} from "./ClearingWorld.sol";

/// @notice What feeds, signers of reports, provers of arrays and time may do to clearing, and what epochs and snapshots have to
/// be then (A-7, A-11, H-2.4, H-2.5), from the feeds, reports and risk states themselves.
abstract contract MarketHandler is ClearingWorld {
    using AccountWords for uint256[10];
    using Lanes for uint256;
    using Numbers for uint256;

    uint256 private constant ARRAYS = 3;
    /// {ppm}
    uint256 private constant MAX_DEVIATION = 200_000;
    /// {ppm} three volatilities of a day of hours: 3 ⌈√(24 · 10¹²)⌉
    uint256 private constant RANGE_PER_VOLATILITY = 14_696_940;
    uint256 private constant MINIMUM_STEP = 20_000;
    uint256 private constant MAXIMUM_STEP = 200_000;

    /// feeds by lane; what is dead answers nothing, until it is alive again
    bool[3] private deadFeeds;
    bool private deadReports;
    bool private deadRisk;
    /// {ppt of a dollar} and {s} of the last epoch in which an array had a live price
    uint256[ARRAYS] private lastSpots;
    uint256[ARRAYS] private lastSpotAt;

    function _underlyingOf(uint256 array) internal pure returns (uint256) {
        return array == 1 ? 1 : 0;
    }

    // --- what dies

    /// Kills a feed, all reports or all risk states, or revives it.
    function fail(uint256 what, uint256 seed) external {
        bool dies = seed % 3 == 0;
        if (_isDead(what % 5) == dies) _skip("dead or alive");
        uint256[10][] memory expected = _frame();
        _setDead(what % 5, dies);
        _publish();
        _requireFrame(expected);
        _count(dies ? bytes32("die") : bytes32("revive"));
    }

    function _isDead(uint256 what) private view returns (bool) {
        if (what < 3) return deadFeeds[what];
        return what == 3 ? deadReports : deadRisk;
    }

    function _setDead(uint256 what, bool dies) internal {
        if (what < 3) deadFeeds[what] = dies;
        else if (what == 3) deadReports = dies;
        else if (what == 4) deadRisk = dies;
    }

    function _reviveFeeds() internal {
        delete deadFeeds;
    }

    function _reviveAll() internal {
        _reviveFeeds();
        (deadReports, deadRisk) = (false, false);
    }

    function changeMood(uint256 price, bool hungry) external {
        moody.set(price % 3 == 0 ? 0 : _bound(price, 0.9e18, 1.1e18), hungry);
        _count("changeMood");
    }

    /// A-6: whether an array's underlying has a price that counts.
    function _answers(uint256 array) internal view returns (bool) {
        uint256 lane = _underlyingOf(array);
        if (deadFeeds[lane]) return false;
        // {ppt of a dollar} = {D18} / {D18/ppt}
        if (_isNear(_spot(lane), observationLog.basePrice(lane) / 1e6)) return true;
        bool rested = vm.getBlockTimestamp() - observationLog.lastObservedAt() > MAX_GAP;
        return rested && _isNear(_spot(lane), lastSpots[array]);
    }

    function _isNear(uint256 spot, uint256 base) private pure returns (bool) {
        return stdMath.delta(spot, base) * 1e6 <= base * MAX_DEVIATION;
    }

    /// H-2.6: whether all these arrays are in the current epoch, not halted, and their prices within a step of it.
    function _areNear(uint256 which) internal view returns (bool) {
        Epoch memory current = riskArrays.current();
        if (which & current.halted != 0 || which & ~uint256(current.arrays) != 0) return false;
        for (uint256 array; array < ARRAYS; ++array) {
            if ((which >> array) & 1 == 0) continue;
            uint256 moved = stdMath.delta(_spot(_underlyingOf(array)), current.spots[array]);
            if (moved * 1e6 > uint256(current.spots[array]) * current.steps[array]) return false;
            if (!_answers(array)) return false;
        }
        return true;
    }

    function _isYoung() internal view returns (bool) {
        return vm.getBlockTimestamp() <= riskArrays.current().time + MAX_ARRAY_AGE;
    }

    // --- series

    function list(uint256 seed, uint256 expiry, uint256 strike) external {
        (uint256 array, uint256 place) = (seed % ARRAYS, 1 + seed / 3 % 3);
        if (listings.listing(16 * array + place).listed) _skip("place taken");
        expiry = vm.getBlockTimestamp() + SETTLEMENT_WINDOW + _bound(expiry, 0, 4) * 6 hours;
        strike = _spot(_underlyingOf(array)) * _bound(strike, 70, 130) / 100;
        vm.prank(governor);
        try listings.listSeries(array, place, 1 + seed / 9 % 2, uint64(expiry), strike) {
            assertTrue(_answers(array), "A-6: a strike is measured by a live price");
            _count("list");
        } catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
    }

    /// A-8: what has expired, is settled and held by nobody can be retired, and nothing else.
    function retire(uint256 seed) external {
        uint256 series = _listed(seed);
        Series memory listed = listings.listing(series);
        bool over = listed.expiry != 0 && settlementPrices.isFinal(listed.underlying, listed.expiry);
        uint256[10][] memory expected = _frame();
        bool held = house.openInterest(series) != 0;
        try listings.retire(series) {
            assertTrue(over && !held, "A-8: nobody loses a series");
        } catch (bytes memory reason) {
            assertFalse(over && !held, "A-8: a place becomes free");
            _skip(bytes4(reason));
        }
        _requireFrame(expected);
        _count("retire");
    }

    /// One of the series that are listed.
    function _listed(uint256 seed) internal view returns (uint256 series) {
        series = seed % 64;
        while (!listings.listing(series).listed) series = (series + 1) % 64;
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
    function _jump(uint256 lane, uint256 part, uint256 most) internal {
        uint256 opened = (lane + 1) * 1000e8;
        uint256 ratio = _bound(part >> 1, 1e6, 1e6 + most);
        uint256 price = uint256(int256(prices[lane]));
        price = part % 2 == 0 ? price * ratio / 1e6 : price * 1e6 / ratio;
        prices[lane] = int120(int256(_bound(price, opened / 20, opened * 20)));
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
        if (seed % 3 != 0) _reviveAll();
        skip(far ? INTERVAL : EPOCH_INTERVAL + _bound(time, 0, 5 minutes));
        for (uint256 lane; lane < 3 && seed % 2 == 0; ++lane) {
            _jump(lane, uint256(keccak256(abi.encode(part, lane))), far ? 400_000 : 150_000);
        }
        _publish();
        _observeIfDue();
        _beginEpoch(seed / 8 % 8, seed / 64 % 8 != 0);
        _requireDue(before, indices);
        _count("epochs");
    }

    /// Hours or days after which one of them is dead, with an epoch after each third, or none before the last: what is old
    /// makes steps wide.
    function rest(uint256 time, uint256 what, uint256 seed) external {
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        _setDead(what % 5, true);
        // a risk state is old after two days
        bool long = what % 5 == 4;
        time = _bound(time, long ? 16 hours : 20 minutes, long ? 20 hours : 4 hours);
        for (uint256 third; third < 3; ++third) {
            skip(time);
            _publish();
            _observeIfDue();
            if (third == 2 || seed % 4 == 0) _beginEpoch(seed / 4 % 4, true);
        }
        if (seed / 16 % 4 != 0) _reviveAll();
        _publish();
        _requireDue(before, indices);
        _count("rest");
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
        _takeSnapshot(number);
        _requireFrame(expected);
        _count("snapshot");
    }

    /// Prices turn against an account, and an epoch shows it.
    function squeeze(uint256 i, uint256 part, uint256 seed) external {
        if (!_squeeze(i, part, seed)) _skip("nothing held");
    }

    /// @return whether anybody has anything to lose
    function _squeeze(uint256 seed, uint256 part, uint256 manner) internal returns (bool) {
        (uint256 lane, int256 direction) = (manner % 2, 0);
        for (uint256 k; k < 2 * BACKSTOP && direction == 0; ++k) {
            if (k == BACKSTOP) lane = 1 - lane;
            direction = _directionOf((seed % BACKSTOP + k) % BACKSTOP, lane);
        }
        if (direction == 0) return false;
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        skip(INTERVAL);
        _jump(lane, part << 1 | (direction > 0 ? 1 : 0), manner % 4 < 2 ? 450_000 : 80_000);
        _publish();
        _observeIfDue();
        _beginEpoch(manner / 4 % 4, true);
        _requireDue(before, indices);
        _count("squeeze");
        return true;
    }

    /// A feed dies, and the next epoch has none of its prices: what leans on them is halted.
    function _darken(uint256 lane) internal {
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        _setDead(lane, true);
        if (vm.getBlockTimestamp() < _nextEpochAt()) vm.warp(_nextEpochAt());
        _beginEpoch(3, true);
        _requireDue(before, indices);
    }

    /// Minutes, within which an auction goes on and the newest epoch stays young.
    function _linger(uint256 time) internal {
        uint256[10][] memory expected = _frame();
        skip(_bound(time, 1, 15 minutes));
        _publish();
        _requireFrame(expected);
    }

    /// Above 0 where an account has gained when the underlying has risen, about.
    function _directionOf(uint256 i, uint256 lane) private view returns (int256 direction) {
        uint256[10] memory words_ = house.accountWords(accounts[i]);
        for (uint256 series; series < 64; ++series) {
            int256 quantity = words_.quantityOf(series);
            if (quantity == 0 || _underlyingOf(series / 16) != lane) continue;
            direction += listings.listing(series).kind == Clearing.KIND_PUT ? -quantity : quantity;
        }
    }

    /// For most seeds an epoch by which what is alive can be traded, where one can be had. Who does something does this first.
    function _wake(uint256 seed) internal {
        // in a sequence of calls time does not come back with a discard, and what was published does
        _publish();
        if (seed % 8 < 2) return;
        uint256[10][] memory before = _frame();
        int256[2] memory indices = _indices();
        _acceptArrays(riskArrays.latestNumber(), 3);
        uint64 number = riskArrays.currentNumber();
        try terms.factsAt(number) {}
        catch {
            _takeSnapshot(number);
        }
        uint256 alive;
        for (uint256 array; array < ARRAYS; ++array) {
            if (!deadFeeds[_underlyingOf(array)]) alive |= 1 << array;
        }
        alive &= riskArrays.current().arrays;
        bool late = !(_isYoung() && _areNear(alive));
        if (late && seed % 8 > 5 && vm.getBlockTimestamp() < _nextEpochAt()) {
            vm.warp(_nextEpochAt());
            _publish();
        }
        if (late && vm.getBlockTimestamp() >= _nextEpochAt()) {
            _observeIfDue();
            _beginEpoch(3, true);
        }
        _requireDue(before, indices);
    }

    /// {s}
    function _nextEpochAt() internal view returns (uint256) {
        return riskArrays.epochAt(riskArrays.latestNumber()).time + EPOCH_INTERVAL;
    }

    /// Reverts never: nothing but its interval holds up an epoch (A-11).
    /// @param arrays 0 proves none, 1 the first, others all
    function _beginEpoch(uint256 arrays, bool withSnapshot) internal returns (uint64 number) {
        _publish();
        if (!deadReports) _report();
        if (!deadRisk && vm.getBlockTimestamp() > oracle.riskState(riskIndex).endTime + 12 hours) {
            try this.acceptRiskState() {
                _count("riskState");
            } catch {}
        }
        number = riskArrays.beginEpoch();
        _requireEpoch(riskArrays.epochAt(number));
        _price(number);
        if (withSnapshot) _takeSnapshot(number);
        _acceptArrays(number, arrays);
    }

    function acceptRiskState() external {
        _acceptRiskState(_volatilities(5_000 + words.length * 7919 % 15_000));
    }

    function _acceptArrays(uint64 number, uint256 arrays) private returns (uint256 count) {
        Epoch memory begun = riskArrays.epochAt(number);
        uint256[][4] memory priced = _pricedWords(number);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if (arrays == 0 || (arrays == 1 && array != 0) || number <= riskArrays.currentNumber()) continue;
            if ((begun.arrays >> array) & 1 == 0 || (begun.accepted >> array) & 1 == 1) continue;
            riskArrays.accept(number, array, priced[array], 1, _anyProof());
            ++count;
        }
    }

    function _publish() internal {
        int120[] memory said = prices;
        for (uint256 lane; lane < 3; ++lane) {
            if (deadFeeds[lane]) said[lane] = 0;
        }
        publisher.publish(said);
    }

    /// An observation where one is due, recorded for every series that it may count for.
    function _observeIfDue() internal {
        if (vm.getBlockTimestamp() < observationLog.lastObservedAt() + INTERVAL) return;
        if (deadFeeds[0] || deadFeeds[1] || deadFeeds[2]) return;
        _publish();
        _observe();
        for (uint256 series; series < 64; ++series) {
            Series memory listed = listings.listing(series);
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
            report.spot = observationLog.basePrice(lane) / 1e6;
            uint256 volatility = 0.58e12 + vm.getBlockTimestamp() % 5 * 0.01e12;
            _fillSlice(report, 0, 7 days, 1_000, 5, volatility * 31 / 30);
            _fillSlice(report, 1, 30 days, 4_000, 5, volatility);
            _fillSlice(report, 2, 180 days, 25_000, 5, volatility * 29 / 30);
            bytes[] memory signatures = _sign(report, QUORUM);
            try volatilityLog.report(report, signatures) {
                _count("report");
            } catch {}
        }
    }

    // --- what an epoch has to be

    /// A-7, A-11: which arrays it has, at what spots, how wide their steps are and which are halted.
    function _requireEpoch(Epoch memory begun) private {
        RiskState memory state = oracle.riskState(oracle.latestIndex());
        uint256 riskAge = vm.getBlockTimestamp() - state.endTime;
        riskAge = riskAge > MAX_RISK_AGE ? riskAge - MAX_RISK_AGE : 0;
        for (uint256 array; array < ARRAYS; ++array) {
            (bool any, bool options) = _lists(array);
            assertEq((begun.arrays >> array) & 1 == 1, any, "A-7: an epoch has all arrays that have series");
            if (!any) continue;
            uint256 lane = _underlyingOf(array);
            bool silent = !_answers(array);
            if (!silent) (lastSpots[array], lastSpotAt[array]) = (_spot(lane), vm.getBlockTimestamp());
            assertEq(begun.spots[array], lastSpots[array], "A-11: the last spot there was");
            (uint64 reportedAt,) = volatilityLog.latest(lane);
            bool old = options && vm.getBlockTimestamp() > reportedAt + VOLATILITY_AGE;
            uint256 age = vm.getBlockTimestamp() - lastSpotAt[array];
            if (riskAge > age) age = riskAge;
            assertEq((begun.silent >> array) & 1 == 1, silent, "A-11: silent without a live price");
            assertEq(
                (begun.halted >> array) & 1 == 1,
                silent || old || riskAge != 0,
                "A-11: halted where something is old"
            );
            assertEq(begun.steps[array], _stepAt(state.volatilities.get(lane) + 1, age), "A-11: the step");
            if (silent) _count("silent");
            if (old) _count("oldReport");
            if (riskAge != 0) _count("oldRisk");
        }
    }

    function _lists(uint256 array) private view returns (bool any, bool options) {
        for (uint256 place; place < 16; ++place) {
            Series memory listed = listings.listing(16 * array + place);
            any = any || listed.listed;
            options = options || (listed.listed && listed.kind != Clearing.KIND_PERPETUAL);
        }
    }

    /// A-6, A-11 {ppm}
    /// @param volatility {ppm per observation}
    /// @param age {s} of what is too old
    function _stepAt(uint256 volatility, uint256 age) private pure returns (uint256 step) {
        step = (volatility * RANGE_PER_VOLATILITY + 3e6 - 1) / 3e6;
        if (step < MINIMUM_STEP) step = MINIMUM_STEP;
        if (step > MAXIMUM_STEP) step = MAXIMUM_STEP;
        step += (_costOf(3 * (MAXIMUM_STEP - step), age, volatility) + 2) / 3;
    }

    /// A-11, H-2.5: what of `left` {ppm} is lost after a silence
    function _costOf(uint256 left, uint256 age, uint256 volatility) private pure returns (uint256 cost) {
        uint256 root = Math.sqrt((age * 1e12 + INTERVAL - 1) / INTERVAL, Math.Rounding.Ceil);
        cost = (5 * volatility * root + 1e6 - 1) / 1e6;
        uint256 even = (left * age + 1 days - 1) / 1 days;
        if (even > cost) cost = even;
        if (cost > left) cost = left;
    }

    // --- what collateral counts

    struct Answer {
        uint256 price;
        uint256 time;
    }

    /// of each lane, the last
    Answer[3] private answers;

    /// H-2.4, H-2.5: prices of the moment, or the last ones with a haircut that grows; nothing of those for who wants something.
    function _takeSnapshot(uint64 number) internal {
        terms.snapshot(number);
        uint256[8] memory taken = terms.factsAt(number);
        uint256[8] memory strict = terms.strictFactsAt(number);
        Epoch memory of_ = riskArrays.epochAt(number);
        for (uint256 i; i < 3; ++i) {
            CollateralLane memory its = terms.lane(i);
            uint256 volatility = 10_000;
            uint256 haircut = uint256(its.base) + its.uncertainty;
            if (its.underlying != 0) {
                volatility = oracle.volatilities(of_.riskIndex).get(its.underlying - 1) + 1;
                haircut += (volatility * its.volatilityMultiple + 1e6 - 1) / 1e6;
            }
            (bool answered, Answer memory now_) = _answerOf(i, of_);
            if (answered && now_.time >= answers[i].time) answers[i] = now_;
            if (!answered) {
                now_ = Answer(i == 0 ? now_.price : answers[i].price, answers[i].time);
                haircut += _costOf(1e6 - haircut, vm.getBlockTimestamp() - now_.time, volatility);
            }
            assertEq(taken[0].read(4 * i, 4), now_.price, "H-2.4: the price of a token");
            assertEq(taken[4].get(i), haircut, "H-2.4: the haircut of a token");
            assertEq(taken[5].get(i), its.slope, "H-2.4: the slope of a token");
            assertEq(strict[4].get(i), answered ? haircut : 1e6, "H-2.5: a dead token counts for nobody");
            if (!answered) _count("deadToken");
        }
    }

    /// Lane 0 is array 0's underlying, lane 1 an asset of the log without an array, lane 2 a dollar.
    function _answerOf(uint256 i, Epoch memory of_) private view returns (bool answered, Answer memory) {
        uint256 now_ = vm.getBlockTimestamp();
        if (i == 0) return (of_.silent & 1 == 0, Answer(of_.spots[0], of_.time));
        if (i == 1) return (!deadFeeds[2], Answer(_spot(2), now_));
        return (moody.price() != 0 && !moody.hungry(), Answer(moody.price() / 1e6, now_));
    }

    // --- what is due

    function _indices() internal view returns (int256[2] memory) {
        return [riskArrays.fundingIndex(0), riskArrays.fundingIndex(16)];
    }

    /// H-1.3, H-1.4: what time and epochs may change: expired series turn into cash, perpetuals pay funding. A position that has
    /// not been paid for several epochs is rounded once, so it may have 1 ppm more than in parts.
    function _requireDue(uint256[10][] memory before, int256[2] memory indices) internal {
        int256[2] memory now_ = _indices();
        uint256[10][] memory found = _frame();
        for (uint256 i; i < ACCOUNTS; ++i) {
            (int256 due, uint256 perpetuals, uint256 paid) =
                _dueOf(before[i], [now_[0] - indices[0], now_[1] - indices[1]]);
            if (paid != 0) _count("paid");
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
    /// @return paid how many have been settled for more than nothing
    function _dueOf(uint256[10] memory words_, int256[2] memory moved)
        private
        view
        returns (int256 due, uint256 perpetuals, uint256 paid)
    {
        for (uint256 series; series < 64; ++series) {
            int256 quantity = words_.quantityOf(series);
            if (quantity == 0) continue;
            Series memory listed = listings.listing(series);
            if (listed.kind == Clearing.KIND_PERPETUAL) {
                due += _floor(-quantity * moved[series / 16]);
                ++perpetuals;
                (bool ended, uint256 price) = _endPrice(series / 16, listed);
                if (!ended) continue;
                (due, paid) = (due + _floor(quantity * int256(price)), paid + 1);
                words_.addQuantity(series, -quantity);
            } else if (settlementPrices.isFinal(listed.underlying, listed.expiry)) {
                uint256 price = settlementPrices.settlementPrice(listed.underlying, listed.expiry);
                int256 payoff = int256(price) - int256(uint256(listed.strike));
                if (listed.kind == Clearing.KIND_PUT) payoff = -payoff;
                if (payoff > 0) (due, paid) = (due + _floor(quantity * payoff), paid + 1);
                words_.addQuantity(series, -quantity);
            }
        }
    }

    /// {ppt of a dollar} and {s} of the last spot before each array's perpetual ended
    uint256[ARRAYS] private endSpots;
    uint256[ARRAYS] private endSpotAt;

    /// Called at the end of a notice, before any later epoch.
    function _noteEnd(uint256 array) internal {
        (endSpots[array], endSpotAt[array]) = (lastSpots[array], lastSpotAt[array]);
    }

    /// A-12.2: the average, or the last spot where no average has come in 7 days, at once where that is more than a day old.
    /// @return ended whether it is known, with the last funding booked
    function _endPrice(uint256 array, Series memory its) private view returns (bool ended, uint256 price) {
        (ended,,) = riskArrays.endOf(array);
        if (its.expiry == 0 || !ended) return (false, 0);
        if (endSpotAt[array] + 1 days < its.expiry) return (true, endSpots[array]);
        (uint256 count,) = settlementPrices.recorded(its.underlying, its.expiry);
        if (count < SETTLEMENT_COUNT) return (vm.getBlockTimestamp() > its.expiry + 7 days, endSpots[array]);
        if (vm.getBlockTimestamp() <= its.expiry) return (false, 0);
        return (true, settlementPrices.settlementPrice(its.underlying, its.expiry));
    }

    function _floor(int256 product) private pure returns (int256 quotient) {
        quotient = product / 1e12;
        if (product % 1e12 < 0) --quotient;
    }
}
