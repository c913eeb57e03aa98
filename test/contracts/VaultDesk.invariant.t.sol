// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {DeskFixture} from "./DeskFixture.sol";

/// @notice Holders, newcomers, traders and keepers in any order. What somebody may lose by an action is measured at the prices of its
/// moment: of a share by everything but trading nothing, by trading no more than D-7 lets it cost.
contract DeskHandler is DeskFixture {
    using AccountWords for uint256[10];

    /// {D18 of a share's value} lost to rounding by one action, at most
    uint256 private constant DUST = 1e7;

    address[3] public people = [alice, bob, makeAddr("dave")];
    uint96 private lastAccount = 100;
    mapping(bytes32 action => uint256) public done;
    /// an action after which a share is worth less than it may be
    bytes32 public dilutedBy;
    uint256 public lost;

    constructor() {
        _deployDesk();
        for (uint256 i; i < 3; ++i) {
            _enrich(people[i]);
            vm.startPrank(people[i]);
            desk.approve(address(vault), type(uint256).max);
            cash.approve(address(desk), type(uint256).max);
            vm.stopPrank();
        }
    }

    modifier counts(bytes32 action) {
        uint256 before = _shareValue();
        uint256 cost;
        _;
        _check(action, before, cost);
    }

    function _check(bytes32 action, uint256 before, uint256 cost) private {
        uint256 afterwards = _shareValue();
        if (afterwards + DUST + cost >= before) return;
        (dilutedBy, lost) = (action, before - afterwards);
    }

    /// {D18} of 10¹⁸ shares
    function _shareValue() private view returns (uint256) {
        return vault.totalValue() * 1e18 / vault.totalSupply();
    }

    function _person(uint256 who) private view returns (address) {
        return people[who % 3];
    }

    function fund(uint256 part, uint256 asset) external counts("fund") {
        (uint256 held, uint256 due) = _share();
        if (held >= due) return;
        part = bound(part, (due - held) / 20, due - held);
        try desk.fund(asset % 4 == 0 ? 0 : 12, part, _nothingShown()) {
            ++done["fund"];
        } catch {}
    }

    function giveBack(uint256 part) external counts("giveBack") {
        (uint256 held, uint256 due) = _share();
        if (held <= due) return;
        part = bound(part, (held - due) / 20, held - due);
        try desk.giveBack(12, part, _healthy()) {
            ++done["giveBack"];
        } catch {}
    }

    function _share() private view returns (uint256 held, uint256 due) {
        (held, due) = (desk.valueOf(vault.balances()[UNITS]) / 1e12, vault.totalValue() / 1e12 * SHARE / 1e6);
    }

    function enter(uint256 who, uint256 amount) external counts("enter") {
        uint256 before = desk.valueOf(1e18);
        vm.prank(_person(who));
        try desk.enter(bound(amount, 100e6, 400_000e6), 0, _person(who)) {
            ++done["enter"];
            if (desk.valueOf(1e18) + 1e7 < before) (dilutedBy, lost) = ("unit", before);
        } catch {}
    }

    function leave(uint256 who, uint256 units) external counts("leave") {
        address person = _person(who);
        units = bound(units, 0, desk.balanceOf(person));
        uint256 before = desk.valueOf(1e18);
        bytes32 account = _account(person, ++lastAccount);
        vm.startPrank(person);
        exchange.expectSlice(account, deskAccount);
        try desk.leave(units, account, _rich(), _rich()) {
            ++done["leave"];
            if (desk.valueOf(1e18) + 1e7 < before) (dilutedBy, lost) = ("unit", before);
        } catch {}
        vm.stopPrank();
    }

    function mint(uint256 who, uint256 shares) external counts("mint") {
        vm.prank(_person(who));
        try vault.mint(bound(shares, 1, 100_000e18), _person(who)) {
            ++done["mint"];
        } catch {}
    }

    /// Never refused.
    function redeem(uint256 who, uint256 shares) external counts("redeem") {
        uint256 held = vault.balanceOf(_person(who));
        if (held == 0) return;
        shares = bound(shares, 1, held / 4 + 1);
        vm.prank(_person(who));
        vault.redeem(shares, _person(who));
        ++done["redeem"];
    }

    function trade(uint256 array, uint256 wait, uint256 quantity) external {
        uint256 series = 16 * (array % 3);
        try trades.open(series) {
            ++done["open"];
        } catch {}
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, DESK_LENGTH));
        publisher.publish(prices);
        uint256 left = trades.auctionOf(series).left;
        if (left == 0) return;
        quantity = bound(quantity, left / 20, left);
        Side memory taker = _against(series, trades.auctionOf(series).buying, quantity);
        uint256 before = _shareValue();
        // {D18} half the range about the present price and the fee
        uint256 cost = quantity * _spot(series / 16) / 1e12 * (trades.auctionOf(series).range + TRADE_FEE + 1)
            * 1e6 * vault.balances()[UNITS] / (desk.totalSupply() + 1);
        try trades.fill(series, quantity, _priceNow(series), taker, _healthy()) {
            ++done["fill"];
            _check("fill", before, cost * 1e18 / vault.totalSupply());
        } catch {}
    }

    function rebalance(uint256 lane, uint256 wait) external {
        try vault.openRebalance() {
            vm.warp(vm.getBlockTimestamp() + WARM_UP + bound(wait, 0, AUCTION_LENGTH - 1));
        } catch {
            return;
        }
        publisher.publish(prices);
        uint64 id = vault.rebalance().id;
        bool buying = (vault.rebalance().buying >> (lane % 3)) & 1 == 1;
        vm.prank(bob);
        try vault.bid(id, lane % 3, type(uint128).max, buying ? 0 : type(uint256).max, bob) {
            ++done["bid"];
        } catch {}
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH);
        later(1e6, 1e6, 1e6);
    }

    function later(uint256 one, uint256 two, uint256 three) public {
        uint256[3] memory moves = [one, two, three];
        for (uint256 lane; lane < 3; ++lane) {
            _move(lane, bound(moves[lane], 950_000, 1_050_000));
        }
        _refreshFacts();
        _newEpoch(true);
        ++done["later"];
    }

    function renew() external {
        try desk.renew() {
            ++done["renew"];
        } catch {}
    }

    /// D-1 with everything of the house gone, in a state that is thrown away.
    function redeemWithoutHouse() external {
        uint256 snapshot = vm.snapshotState();
        vm.etch(address(house), hex"fe");
        vm.etch(address(trades), hex"fe");
        vm.etch(address(riskArrays), hex"fe");
        for (uint256 i; i < 3; ++i) {
            uint256 shares = vault.balanceOf(people[i]);
            uint256 units = desk.balanceOf(people[i]);
            if (shares == 0) continue;
            vm.prank(people[i]);
            uint256[14] memory amounts = vault.redeem(shares, people[i]);
            require(desk.balanceOf(people[i]) == units + amounts[UNITS], "units not paid");
        }
        vm.revertToState(snapshot);
        ++done["redeemWithoutHouse"];
    }

    // --- what holds

    function unitsOfAll() external view returns (uint256 all, uint256 held, uint256 supply) {
        all = desk.balanceOf(address(vault));
        for (uint256 i; i < 3; ++i) {
            all += desk.balanceOf(people[i]);
        }
        (held, supply) = (vault.balances()[UNITS], desk.totalSupply());
    }

    /// {ppm of a dollar} of dollars the desk itself holds: all of it is in the account or the vault
    function strandedCash() external view returns (uint256) {
        return cash.balanceOf(address(desk)) + tokens[0].balanceOf(address(desk));
    }

    function basketShort() external view returns (bool) {
        uint256[14] memory held = vault.balances();
        for (uint256 lane; lane < 3; ++lane) {
            if (tokens[lane].balanceOf(address(vault)) < held[lane]) return true;
        }
        return cash.balanceOf(address(vault)) < held[12] || desk.balanceOf(address(vault)) < held[UNITS];
    }
}

contract VaultDeskInvariantTest is Test {
    DeskHandler private handler;

    function setUp() public {
        handler = new DeskHandler();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = handler.fund.selector;
        selectors[1] = handler.giveBack.selector;
        selectors[2] = handler.enter.selector;
        selectors[3] = handler.leave.selector;
        selectors[4] = handler.mint.selector;
        selectors[5] = handler.redeem.selector;
        selectors[6] = handler.trade.selector;
        selectors[7] = handler.trade.selector;
        selectors[8] = handler.rebalance.selector;
        selectors[9] = handler.later.selector;
        selectors[10] = handler.renew.selector;
        selectors[11] = handler.redeemWithoutHouse.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// forge-config: default.invariant.runs = 6
    /// forge-config: default.invariant.depth = 80
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_D_sharesAndUnitsAreNeverDiluted() public view {
        assertEq(handler.dilutedBy(), bytes32(0), "D-4: no action takes from whoever stays");
        (uint256 all, uint256 held, uint256 supply) = handler.unitsOfAll();
        assertEq(all, supply, "D-2: units are the vault's and their holders'");
        assertLe(held, supply, "D-2: the vault counts no units that it has not");
        assertEq(handler.strandedCash(), 0, "D-3: nothing stays between vault and account");
        assertFalse(handler.basketShort(), "V-3: the basket holds what it counts");
    }

    /// The handler does what it says: one long run of its own.
    function test_handler_actsInEveryWay() public {
        for (uint256 i; i < 60; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            handler.fund(seed, 1);
            handler.trade(seed, DESK_SECONDS, seed);
            handler.trade(seed, DESK_SECONDS, seed);
            handler.redeem(seed % 3, seed);
            handler.leave(seed, seed);
            if (i % 6 == 5) handler.later(seed, seed / 3, seed / 7);
            if (i % 10 == 9) handler.rebalance(seed, 2 hours);
            handler.enter(seed, seed);
            handler.mint(seed, seed % 1_000e18);
            handler.giveBack(seed);
        }
        handler.redeemWithoutHouse();
        string[8] memory actions = ["fund", "enter", "leave", "mint", "redeem", "open", "fill", "bid"];
        for (uint256 i; i < actions.length; ++i) {
            assertGt(handler.done(bytes32(bytes(actions[i]))), 0, actions[i]);
        }
        invariant_D_sharesAndUnitsAreNeverDiluted();
    }

    uint256 private constant DESK_SECONDS = 15 minutes;
}
