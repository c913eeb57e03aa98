// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {PositionLimits} from "../../contracts/interfaces/IMarginTerms.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {CountingHub, HouseFixture} from "./HouseFixture.sol";

/// @notice Everything that changes accounts, in any order: what is refused is refused by the house, not left out here.
contract HouseHandler is HouseFixture {
    using AccountWords for uint256[10];

    uint256[4] private series = [PERPETUAL, CALL, PUT, FAR_CALL];
    bytes32[] public accounts;
    uint256 public trades;
    uint256 public withdrawals;
    uint256 public settlements;
    uint256 public slices;
    uint256 public epochs;
    uint256 public losses;
    uint256 public sales;
    uint256 public retirements;

    constructor() {
        _deployHouse();
        for (uint96 i; i < 3; ++i) {
            accounts.push(_account(alice, i));
            accounts.push(_account(bob, i));
        }
        for (uint256 i; i < 6; ++i) {
            _deposit(accounts[i], CASH_LANE, 1e11);
        }
        accounts.push(backstop);
    }

    /// Of array 0 such that trades meet them now and then.
    function _limits() internal pure override returns (PositionLimits[4] memory limits) {
        limits = super._limits();
        limits[0] = PositionLimits(2.5e7, 9e6);
    }

    function accountCount() external view returns (uint256) {
        return accounts.length;
    }

    function deposit(uint256 to, uint256 lane, uint256 amount, bool owners) external {
        bytes32 account = accounts[to % accounts.length];
        lane = bound(lane, 0, 12);
        amount = bound(amount, 0, amount % 50 == 0 ? 1 << 62 : 1e12);
        hub.deliver(account, lane, amount, owners ? address(bytes20(account)) : address(1));
    }

    function accept(uint256 to, uint256 lane) external {
        bytes32 account = accounts[to % accounts.length];
        vm.prank(address(bytes20(account)));
        try house.accept(account, bound(lane, 0, 12)) {} catch {}
    }

    function withdraw(uint256 from, uint256 lane, uint256 amount) external {
        bytes32 account = accounts[from % accounts.length];
        lane = bound(lane, 0, 12);
        uint256[10] memory words = house.accountWords(account);
        uint256 most = lane == 12 ? (words.cash() > 0 ? uint256(words.cash()) : 0) : words.balance(lane);
        vm.prank(address(bytes20(account)));
        try house.withdraw(account, lane, bound(amount, 0, most + most / 8 + 1), EID, "", "", _rich()) {
            ++withdrawals;
        } catch {}
    }

    function trade(uint256 buyer, uint256 seller, uint256 which, uint256 lot, uint256 price) external {
        bytes32 one = accounts[buyer % 6];
        bytes32 other = accounts[seller % 6];
        uint256 number = series[which % 4];
        lot = bound(lot, 1, 1e7);
        price = bound(price, 1, _spot(0) * 2);
        // sides that close what they hold come up often enough
        if (lot % 3 == 0) {
            int256 held = house.accountWords(other).quantityOf(number);
            if (held > 0) lot = uint256(held);
        }
        Side memory maker = _sideOf(one, number, true, lot, price);
        Side memory taker = _sideOf(other, number, false, lot, price);
        int256[2] memory held_ =
            [house.accountWords(one).quantityOf(number), house.accountWords(other).quantityOf(number)];
        try exchange.trade(maker, taker, lot) {
            ++trades;
            if (number != PERPETUAL || listings.listing(number).expiry == 0) return;
            assertLe(held_[0], -int256(lot), "A-12: a buyer only closes");
            assertGe(held_[1], int256(lot), "A-12: a seller only closes");
        } catch {}
    }

    function settle(uint256 which) external {
        house.settle(accounts[which % accounts.length]);
        ++settlements;
    }

    function sweep(uint256 which) external {
        house.sweep(series[which % 4]);
    }

    function slice(uint256 from, uint256 to, uint256 share) external {
        vm.prank(liquidation);
        try house.moveSlice(
            accounts[from % 7], accounts[to % 7], share % 4 == 0 ? Protocol.PPM : share % Protocol.PPM
        ) {
            ++slices;
        } catch {}
    }

    function moveCash(uint256 from, uint256 to, uint256 amount) external {
        vm.prank(liquidation);
        try house.moveCash(accounts[from % 7], accounts[to % 7], bound(amount, 0, 1e13)) {} catch {}
    }

    function moveCollateral(uint256 from, uint256 to, uint256 lane, uint256 amount) external {
        bytes32 account = accounts[from % 7];
        lane = bound(lane, 0, 11);
        amount = bound(amount, 0, house.accountWords(account).balance(lane) + 1);
        vm.prank(liquidation);
        try house.moveCollateral(account, accounts[to % 7], lane, amount) {
            if (amount != 0) ++sales;
        } catch {}
    }

    function loss(uint256 amount) external {
        vm.prank(liquidation);
        if (lossBook.shareOut(bound(amount, 0, 1e11)) != 0) ++losses;
    }

    /// Prices move, time goes on by an hour, and another epoch becomes current while volatilities are young enough.
    function hour(bool withEpoch) external {
        _movePrices();
        _tick();
        for (uint256 lane; lane < 2; ++lane) {
            try settlementPrices.record(lane, uint64(soon)) {} catch {}
        }
        uint64 end = listings.listing(PERPETUAL).expiry;
        if (end != 0) try settlementPrices.record(0, end) {} catch {}
        if (!withEpoch) return;
        try riskArrays.beginEpoch() returns (uint64 number) {
            _acceptAll(number);
            terms.snapshot(number);
            ++epochs;
        } catch {}
    }

    /// A perpetual comes and goes: its notice, after a while the end of that, its place, another one.
    function retire(uint256 seed) external {
        if (seed % 3 != 0) return;
        uint64 end = listings.listing(PERPETUAL).expiry;
        if (!listings.listing(PERPETUAL).listed) {
            publisher.publish(prices);
            _listPerpetual(0);
        } else if (end == 0) {
            vm.prank(governor);
            listings.giveNotice(PERPETUAL);
        } else if (vm.getBlockTimestamp() < end) {
            // with an epoch on the last day, so that an average is waited for, or without
            if (seed % 2 == 0) {
                vm.warp(end - 4 hours);
                _refreshAll();
                _epoch();
            }
            vm.warp(end);
            riskArrays.endFunding(0);
        } else {
            _refreshAll();
            try listings.retire(PERPETUAL) {
                assertEq(house.openInterest(PERPETUAL), 0, "A-8: a place in use was emptied");
                ++retirements;
            } catch {}
        }
    }

    /// The first observation after a gap is only a base.
    function _refreshAll() private {
        _tick();
        _refreshFacts();
    }

    // --- for the invariants

    function theHouse() external view returns (ClearingHouse) {
        return house;
    }

    function openInterestLimit() external view returns (uint256) {
        return terms.positionLimits(0).openInterest;
    }

    function spotOf(uint256 lane) external view returns (uint256) {
        return _spot(lane);
    }

    function theHub() external view returns (CountingHub) {
        return hub;
    }
}

/// @notice Nothing is created or lost, whatever is done in whatever order.
contract ClearingHouseInvariantTest is HouseFixture {
    using AccountWords for uint256[10];

    HouseHandler private handler;
    uint256 private count;

    function setUp() public {
        handler = new HouseHandler();
        (house, hub) = (handler.theHouse(), handler.theHub());
        count = handler.accountCount();
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = HouseHandler.deposit.selector;
        selectors[1] = HouseHandler.accept.selector;
        selectors[2] = HouseHandler.withdraw.selector;
        selectors[3] = HouseHandler.trade.selector;
        selectors[4] = HouseHandler.settle.selector;
        selectors[5] = HouseHandler.sweep.selector;
        selectors[6] = HouseHandler.slice.selector;
        selectors[7] = HouseHandler.moveCash.selector;
        selectors[8] = HouseHandler.hour.selector;
        selectors[9] = HouseHandler.loss.selector;
        selectors[10] = HouseHandler.moveCollateral.selector;
        selectors[11] = HouseHandler.retire.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 100
    /// forge-config: deep.invariant.runs = 48
    /// forge-config: deep.invariant.depth = 256
    function invariant_H1_nothingIsCreatedOrLost() public {
        _requireConserved("as it is");
        for (uint256 i; i < count; ++i) {
            house.settle(handler.accounts(i));
        }
        _requireConserved("after all is settled");
        uint256[4] memory series = [PERPETUAL, CALL, PUT, FAR_CALL];
        for (uint256 k; k < 4; ++k) {
            int256 sum;
            for (uint256 i; i < count; ++i) {
                sum += house.accountWords(handler.accounts(i)).quantityOf(series[k]);
            }
            assertEq(sum, 0, "quantities of a series sum to 0");
            // as long as the limit stays: nothing but trades makes it grow
            if (series[k] < 16) {
                assertLe(
                    house.openInterest(series[k]), handler.openInterestLimit(), "H-1.6: within the limit"
                );
            }
            if (house.openInterest(series[k]) == 0) {
                assertGe(
                    house.unsettled(series[k]), 0, "what is left when nobody holds it is what rounding took"
                );
            }
        }
    }

    function _requireConserved(string memory when) private {
        uint256[10][] memory held = new uint256[10][](count);
        int256 cash;
        uint256 open;
        for (uint256 i; i < count; ++i) {
            held[i] = _stored(handler.accounts(i));
            if (!held[i].owesNothing()) ++open;
            else assertTrue(house.accountWords(handler.accounts(i)).owesNothing(), "nothing due opens");
            cash += held[i].cash() + int256(house.waiting(handler.accounts(i), CASH_LANE));
        }
        assertEq(house.openAccounts(), open, "H-2.7: open accounts are those that are not free");
        uint256[4] memory series = [PERPETUAL, CALL, PUT, FAR_CALL];
        for (uint256 k; k < 4; ++k) {
            cash += house.unsettled(series[k]);
            uint256 magnitudes;
            for (uint256 i; i < count; ++i) {
                int256 quantity = held[i].quantityOf(series[k]);
                magnitudes += uint256(quantity < 0 ? -quantity : quantity);
            }
            assertEq(house.openInterest(series[k]), magnitudes, "open interest is what accounts hold");
        }
        assertEq(
            cash,
            int256(hub.credited(CASH_LANE)) - int256(hub.released(CASH_LANE)),
            string.concat("cash is somebody's, ", when)
        );
        for (uint256 lane; lane < 12; ++lane) {
            uint256 total;
            for (uint256 i; i < count; ++i) {
                total += held[i].balance(lane) + house.waiting(handler.accounts(i), lane);
            }
            assertEq(total, hub.credited(lane) - hub.released(lane), "every token is somebody's");
        }
    }

    /// place of `accounts` in the house's storage
    uint256 private constant ACCOUNTS_SLOT = 0;
    uint256[10] private copy;

    /// What stands in the house's storage, before what is due.
    function _stored(bytes32 account) private returns (uint256[10] memory words) {
        bytes32 base = keccak256(abi.encode(account, ACCOUNTS_SLOT));
        for (uint256 i; i < 10; ++i) {
            copy[i] = uint256(vm.load(address(house), bytes32(uint256(base) + i)));
        }
        words = AccountWords.load(copy);
    }

    /// What the handler catches are refusals, not mistakes of its own: each of its actions can come to pass.
    function test_handlerActs() public {
        handler.trade(0, 1, 0, 1e6, _spotOfHandler());
        handler.trade(0, 1, 1, 1e6, 1e12);
        assertEq(handler.trades(), 2);
        handler.withdraw(2, 12, 1e9);
        assertEq(handler.withdrawals(), 1);
        handler.slice(0, 3, 400_001);
        assertEq(handler.slices(), 1);
        handler.deposit(0, 3, 7e6, true);
        handler.moveCollateral(0, 1, 3, 2e6);
        assertEq(handler.sales(), 1);
        assertEq(house.accountWords(handler.accounts(1)).balance(3), 2e6);
        handler.loss(1e9);
        assertEq(handler.losses(), 1);
        handler.hour(true);
        assertEq(handler.epochs(), 1);
        for (uint256 i; i < 9; ++i) {
            handler.hour(false);
        }
        bytes32 account = handler.accounts(0);
        assertGt(house.accountWords(account).quantityOf(PERPETUAL), 0);
        assertEq(house.accountWords(account).quantityOf(CALL), 0, "settled");
        handler.retire(3);
        handler.retire(3);
        assertEq(house.accountWords(account).quantityOf(PERPETUAL), 0, "retired");
        for (uint256 i; i < count; ++i) {
            house.settle(handler.accounts(i));
        }
        handler.retire(3);
        assertEq(handler.retirements(), 1);
        handler.retire(3);
        handler.hour(true);
        handler.trade(0, 1, 0, 1e6, _spotOfHandler());
        assertEq(handler.trades(), 3);
    }

    function _spotOfHandler() private view returns (uint256) {
        return handler.spotOf(0);
    }
}
