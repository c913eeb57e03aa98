// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {IParityVault, Rebalance, VaultConfig} from "../../contracts/interfaces/IParityVault.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {LocalPricePublisher} from "../../contracts/local/LocalPricePublisher.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {ParityVault} from "../../contracts/vault/ParityVault.sol";
import {Fixture} from "./Fixture.sol";
import {FailingToken} from "./OddTokens.sol";

/// @notice What holders, bidders, donors, the market and a broken token may do to a vault, in any order.
contract VaultHandler is Test {
    ParityVault private immutable vault;
    LocalPricePublisher private immutable publisher;
    LocalToken private immutable cash;
    LocalToken[] private tokens;
    FailingToken private immutable failing;
    address private immutable guardian;
    address private immutable publisherOwner;
    int120[] private prices;
    address[3] public actors = [address(0xA11), address(0xB0B), address(0xCA1)];

    /// set once a bid has taken a lane past its target
    bool public targetPassed;
    /// set once a bid has been filled outside mark · (1 ± range)
    bool public rangeLeft;
    uint256 public mints;
    uint256 public redemptions;
    uint256 public rebalances;
    uint256 public fills;

    constructor(
        ParityVault vault_,
        LocalPricePublisher publisher_,
        LocalToken cash_,
        LocalToken[] memory tokens_,
        address guardian_,
        int120[] memory prices_
    ) {
        (vault, publisher, cash, guardian, prices) = (vault_, publisher_, cash_, guardian_, prices_);
        tokens = tokens_;
        publisherOwner = msg.sender;
        failing = FailingToken(address(tokens_[1]));
        for (uint256 i; i < 3; ++i) {
            vm.startPrank(actors[i]);
            cash.approve(address(vault), type(uint256).max);
            for (uint256 lane; lane < 3; ++lane) {
                tokens[lane].approve(address(vault), type(uint256).max);
            }
            vm.stopPrank();
        }
    }

    function _actor(uint256 seed) private view returns (address) {
        return actors[seed % 3];
    }

    function _pay(address who, uint256 lane, uint256 amount) private {
        (lane == 12 ? cash : tokens[lane]).mint(who, amount);
    }

    function mint(uint256 who, uint256 shares) external {
        shares = bound(shares, 1, 1e24);
        uint256[14] memory amounts = vault.previewMint(shares);
        for (uint256 asset; asset < 13; ++asset) {
            if (amounts[asset] != 0) _pay(_actor(who), asset, amounts[asset]);
        }
        vm.prank(_actor(who));
        vault.mint(shares, _actor(who));
        ++mints;
    }

    function redeem(uint256 who, uint256 shares) external {
        uint256 owned = vault.balanceOf(_actor(who));
        if (owned == 0) return;
        vm.prank(_actor(who));
        vault.redeem(bound(shares, 1, owned), _actor(who));
        ++redemptions;
    }

    function claim(uint256 who) external {
        if (vault.claimable(_actor(who), 1) == 0 || failing.manner() != FailingToken.Manner.Fine) return;
        vm.prank(_actor(who));
        vault.claim(1, _actor(who));
    }

    function donate(uint256 lane, uint256 amount) external {
        _pay(address(vault), lane % 4 == 3 ? 12 : lane % 4, bound(amount, 1, 1e24));
    }

    function breakToken(uint256 manner) external {
        failing.behave(FailingToken.Manner(manner % 6));
    }

    function mendToken() external {
        failing.behave(FailingToken.Manner.Fine);
    }

    function movePrices(uint256 seed) external {
        for (uint256 i; i < 3; ++i) {
            int256 move = int256(uint256(keccak256(abi.encode(seed, i))) % 200_001) - 100_000; // ±10 %
            prices[i] = int120(int256(prices[i]) * (1_000_000 + move) / 1_000_000 + 1);
        }
        _publish();
    }

    function _publish() private {
        vm.prank(publisherOwner);
        publisher.publish(prices);
    }

    function pass(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 3 hours));
        _publish();
    }

    function openRebalance() external {
        if (vault.rebalanceRunning() || block.timestamp < vault.blockedUntil()) return;
        try vault.openRebalance() {
            ++rebalances;
        } catch (bytes memory reason) {
            require(bytes4(reason) == IParityVault.DriftWithinBand.selector, "only the band may refuse");
        }
    }

    function stopRebalance(uint256 chance) external {
        if (chance % 8 != 0 || !vault.rebalanceRunning()) return;
        vm.prank(guardian);
        vault.stopRebalance();
    }

    function bid(uint256 who, uint256 lane, uint256 amount) external {
        lane %= 3;
        uint256 available = vault.auctionAmount(lane);
        if (available == 0) return;
        Rebalance memory current = vault.rebalance();
        bool buying = (current.buying >> lane) & 1 == 1;
        amount = bound(amount, 1, available);
        _pay(_actor(who), lane, amount);
        _pay(_actor(who), 12, 1e18);
        uint256 price = vault.auctionPrice(lane);
        bool breaks = lane == 1 && !buying && failing.manner() != FailingToken.Manner.Fine;
        vm.prank(_actor(who));
        try vault.bid(current.id, lane, amount, price, _actor(who)) {
            ++fills;
        } catch {
            require(breaks, "a bid within what is available fills");
        }
        uint256 held = vault.balances()[lane];
        if (buying ? held > current.targets[lane] : held < current.targets[lane]) targetPassed = true;
        uint256 range = Lanes.get(current.ranges, lane);
        uint256 mark = current.marks[lane];
        if (price > mark * (1e6 + range) / 1e6 + 1 || price + 1 < mark * (1e6 - range) / 1e6) {
            rangeLeft = true;
        }
    }

    function heldOf(uint256 asset) public view returns (uint256) {
        return (asset == 12 ? cash : tokens[asset]).balanceOf(address(vault));
    }
}

contract ParityVaultInvariantTest is Fixture {
    VaultHandler private handler;

    function setUp() public {
        _deployFacts(3);
        _observeWindow();
        _acceptRiskState(_volatilities(10_000));
        cash = new LocalToken("cash", "CASH", 6);
        tokens.push(new LocalToken("lane", "LANE", 8));
        tokens.push(new FailingToken());
        tokens.push(new LocalToken("lane", "LANE", 6));
        // long enough for any run to stay allocated
        vault = new ParityVault(_longLived(), _mandate(1));
        _seedCash(1_000_000);
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        handler = new VaultHandler(vault, publisher, cash, tokens, guardian, prices);
        address first = handler.actors(0);
        vm.prank(alice);
        vault.transfer(first, 500_000e18);
        targetContract(address(handler));
    }

    function _longLived() private view returns (VaultConfig memory config) {
        config = _config();
        config.maxRiskAge = 90 days;
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 60
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: deep.invariant.runs = 64
    /// forge-config: deep.invariant.depth = 128
    function invariant_V1_accountsAreCovered() public view {
        for (uint256 asset; asset < 13; ++asset) {
            if (asset > 2 && asset < 12) continue;
            uint256 owed = vault.balances()[asset];
            for (uint256 i; i < 3; ++i) {
                owed += vault.claimable(handler.actors(i), asset);
            }
            assertGe(handler.heldOf(asset), owed, "V1: the vault holds what its accounts and claims say");
        }
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 60
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: deep.invariant.runs = 64
    /// forge-config: deep.invariant.depth = 128
    function invariant_V2_targetsAndRangesHold() public view {
        assertFalse(handler.targetPassed(), "V2: nothing is traded past its target");
        assertFalse(handler.rangeLeft(), "V2: nothing is traded outside mark * (1 +- range)");
        assertGe(vault.totalSupply(), vault.LOCKED_SHARES(), "V2: the locked shares stay");
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 60
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: deep.invariant.runs = 64
    /// forge-config: deep.invariant.depth = 128
    function invariant_V3_redeemNeverBlocked() public {
        uint256 snapshot = vm.snapshotState();
        // whatever state the vault is in, even with everything around it gone, everyone leaves
        for (uint256 lane; lane < 3; ++lane) {
            vm.mockCallRevert(address(sources[lane]), bytes(""), "gone");
        }
        vm.mockCallRevert(address(oracle), bytes(""), "gone");
        for (uint256 i; i < 4; ++i) {
            address holder = i == 3 ? alice : handler.actors(i);
            uint256 shares = vault.balanceOf(holder);
            if (shares == 0) continue;
            uint256[14] memory expected = vault.previewRedeem(shares);
            uint256 before = cash.balanceOf(holder);
            vm.prank(holder);
            vault.redeem(shares, holder);
            assertEq(
                cash.balanceOf(holder) - before, expected[12], "V3: redeeming pays, whatever else happens"
            );
        }
        vm.clearMockedCalls();
        vm.revertToState(snapshot);
    }

    /// The handler is worth something: this way through it mints, rebalances, fills and redeems.
    function test_handler_reachesEverything() public {
        handler.mint(1, 5e23);
        handler.openRebalance();
        handler.pass(2 hours);
        handler.bid(1, 0, type(uint256).max);
        handler.bid(2, 1, type(uint256).max);
        handler.breakToken(1);
        handler.redeem(1, 4e23);
        assertGt(vault.claimable(handler.actors(1), 1), 0);
        handler.mendToken();
        handler.claim(1);
        assertEq(vault.claimable(handler.actors(1), 1), 0);
        assertEq(handler.mints() + handler.redemptions() + handler.rebalances() + handler.fills(), 5);
    }
}
