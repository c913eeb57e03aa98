// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IParityVault, Rebalance} from "../../contracts/interfaces/IParityVault.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {Fixture} from "./Fixture.sol";
import {FailingToken} from "./OddTokens.sol";

/// @notice A mark is read once and auctions run for hours: what the vault gives away when the market moves meanwhile.
contract AuctionAgainstTheMarketTest is Fixture {
    function setUp() public {
        _deployThree();
        publisher.publish(prices);
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH / 2);
        publisher.publish(prices);
        vm.startPrank(bob);
        for (uint256 lane; lane < 3; ++lane) {
            vault.bid(id, lane, type(uint128).max, 0, bob);
        }
        vm.stopPrank();
        vm.warp(vault.rebalance().endTime);
        _tick();
        _acceptRiskState(_volatilities(10_000));
    }

    /// A rebalance that sells half of every lane, or buys as much again, in its first second of bidding.
    function _open(bool buying) private returns (uint64 id) {
        // 0.8 of value is in the lanes
        _allocate(_weights(300_000, 300_000, 400_000), buying ? 900_000 : 400_000);
        id = _openAndWarmUp();
        assertEq(vault.rebalance().buying, buying ? 7 : 0);
    }

    function _move(uint256 lane, int256 ppm) private returns (uint256 present) {
        prices[lane] = int120(int256(prices[lane]) * (1_000_000 + ppm) / 1_000_000);
        publisher.publish(prices);
        (present,) = sources[lane].read();
    }

    function test_bid_vaultDoesNotSellFarBelowThePresentPrice() public {
        uint64 id = _open(false);
        uint256 present = _move(0, 1_000_000); // doubles during the warm-up
        uint256 price = vault.auctionPrice(0);
        assertEq(vault.auctionAmount(0), 0);
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(IParityVault.PriceMoved.selector, 0, price, present * 97 / 100)
        );
        vault.bid(id, 0, type(uint128).max, type(uint256).max, bob);
        // the other lanes go on
        assertGt(vault.auctionAmount(1), 0);
        vm.prank(bob);
        vault.bid(id, 1, type(uint128).max, type(uint256).max, bob);
    }

    function test_bid_vaultDoesNotBuyFarAboveThePresentPrice() public {
        uint64 id = _open(true);
        uint256 present = _move(0, -500_000);
        uint256 price = vault.auctionPrice(0);
        assertEq(vault.auctionAmount(0), 0);
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(IParityVault.PriceMoved.selector, 0, price, present * 103 / 100)
        );
        vault.bid(id, 0, type(uint128).max, 0, bob);
    }

    /// A price that was wrong for a moment, taken as the mark by whoever opened in that moment, is worth nothing after it.
    function test_bid_aWrongMarkIsOfNoUse() public {
        _move(0, -150_000); // still far above the target of the lane: the vault sells it
        uint64 id = _open(false);
        uint256 mark = vault.rebalance().marks[0];
        uint256 present = _move(0, 176_470); // and back
        assertLt(mark * 103 / 100, present * 97 / 100);
        vm.prank(bob);
        vm.expectPartialRevert(IParityVault.PriceMoved.selector);
        vault.bid(id, 0, type(uint128).max, type(uint256).max, bob);
    }

    function test_bid_needsThePresentPrice() public {
        uint64 id = _open(true);
        vm.warp(vm.getBlockTimestamp() + MAX_AGE + 1);
        (, bytes memory reason) = address(sources[1]).staticcall(abi.encodeCall(IPriceSource.read, ()));
        bytes memory unavailable = abi.encodeWithSelector(IParityVault.PriceUnavailable.selector, 1, reason);
        vm.expectRevert(unavailable);
        vault.auctionAmount(1);
        vm.prank(bob);
        vm.expectRevert(unavailable);
        vault.bid(id, 1, 1e6, 0, bob);
        publisher.publish(prices);
        vm.prank(bob);
        vault.bid(id, 1, 1e6, 0, bob);
    }

    /// Whatever the market does after the opening, at its prices a bid costs the vault at most the range of what it traded.
    function testFuzz_bid_costsAtMostTheRange(
        bool buying,
        uint256 lane,
        int256 ppm,
        uint256 wait,
        uint256 amount
    ) public {
        lane = bound(lane, 0, 2);
        uint64 id = _open(buying);
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, AUCTION_LENGTH - 1));
        uint256 present = _move(lane, bound(ppm, -150_000, 150_000));
        uint256 before = vault.totalValue();
        uint256 available = vault.auctionAmount(lane);
        amount = bound(amount, 1, type(uint128).max);
        vm.prank(bob);
        try vault.bid(id, lane, amount, buying ? 0 : type(uint256).max, bob) returns (
            uint256 filled, uint256
        ) {
            assertEq(filled, amount < available ? amount : available);
            uint256 traded = filled * present / 10 ** tokens[lane].decimals();
            // a unit of each token, rounded
            assertGe(vault.totalValue() + traded * 30_000 / Protocol.PPM + present, before);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IParityVault.PriceMoved.selector);
            assertEq(available, 0);
        }
    }

    /// Nobody wants what the vault sells, everybody sells what it wants: it does not end up with more at risk than allowed.
    function testFuzz_bid_buysNeverTakeTheCashThatIsKept(uint256 sold, uint256 minted, uint256 wait) public {
        uint256 exposure = 800_000;
        _allocate(_weights(0, 1e6, 0), exposure); // sells lanes 0 and 2, buys lane 1, and half of that at once
        uint64 id = _openAndWarmUp();
        uint256 value = vault.totalValue();
        vm.startPrank(bob);
        vault.bid(id, 1, type(uint128).max, 0, bob); // hardly anything: all the cash that is there is to stay
        assertGe(vault.balances()[12] + 1, value * (1e6 - exposure) / 1e6 / 1e12);

        sold = bound(sold, 1, vault.auctionAmount(0));
        vault.bid(id, 0, sold, type(uint256).max, bob);
        minted = bound(minted, 1, 1e25);
        vault.mint(minted, bob);
        value = value * vault.totalSupply() / 1_000_000e18;
        vm.stopPrank();
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, AUCTION_LENGTH - 1));
        publisher.publish(prices);
        uint256 available = vault.auctionAmount(1);
        if (available != 0) {
            vm.prank(bob);
            vault.bid(id, 1, type(uint128).max, 0, bob);
        }
        uint256 kept = value * (1e6 - exposure) / 1e6 / 1e12; // {cash units}
        assertGe(vault.balances()[12] + 1, kept, "the lanes hold no more than the exposure");
    }

    /// Bidding between minting and redeeming leaves the other holders what bidding alone leaves them.
    function testFuzz_bid_betweenMintAndRedeemGainsNothing(bool buying, uint256 lane, uint256 shares) public {
        lane = bound(lane, 0, 2);
        shares = bound(shares, 1e12, 1e25);
        uint64 id = _open(buying);
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH / 3);
        publisher.publish(prices);
        uint256 limit = buying ? 0 : type(uint256).max;

        uint256 snapshot = vm.snapshotState();
        vm.prank(bob);
        vault.bid(id, lane, type(uint128).max, limit, bob);
        uint256[14] memory alone = vault.balances();
        vm.revertToState(snapshot);

        vm.startPrank(bob);
        vault.mint(shares, bob);
        vault.bid(id, lane, type(uint128).max, limit, bob);
        vault.redeem(shares, bob);
        vm.stopPrank();
        uint256[14] memory around = vault.balances();
        for (uint256 asset; asset < 13; ++asset) {
            // rounding, whatever was minted: lane 1 has 18 decimals, the others 6 or 8
            assertApproxEqAbs(
                around[asset], alone[asset], asset == 1 ? 1e12 : 10_000, "the others keep what they had"
            );
        }
        Rebalance memory current = vault.rebalance();
        uint256 held = around[lane];
        assertTrue(buying ? held <= current.targets[lane] : held >= current.targets[lane]);
    }
}

/// @notice Redemption where everything is as bad as it can be.
contract RedemptionAtTheBoundsTest is Fixture {
    function setUp() public {
        _deployFacts(12);
        cash = new FailingToken();
        for (uint256 lane; lane < 12; ++lane) {
            tokens.push(new FailingToken());
        }
        _deployVault();
    }

    function _seedAll(uint256 each, uint256 shares) private {
        uint256[14] memory amounts;
        for (uint256 asset; asset < 13; ++asset) {
            amounts[asset] = each;
        }
        _fund(governor, amounts);
        vm.prank(governor);
        vault.seed(amounts, shares, alice);
    }

    function _token(uint256 asset) private view returns (LocalToken) {
        return asset == 12 ? cash : tokens[asset];
    }

    function test_redeem_everyTokenBurnsItsGas() public {
        _seedAll(1000e18, 1000e18);
        for (uint256 asset; asset < 13; ++asset) {
            FailingToken(address(_token(asset))).behave(FailingToken.Manner.BurnsGas);
        }
        vm.prank(alice);
        vault.redeem{gas: 5_500_000}(100e18, alice);
        for (uint256 asset; asset < 13; ++asset) {
            assertEq(vault.claimable(alice, asset), 100e18);
            assertEq(vault.balances()[asset], 900e18);
            FailingToken(address(_token(asset))).behave(FailingToken.Manner.Fine);
            vm.prank(alice);
            vault.claim(asset, alice);
            assertEq(_token(asset).balanceOf(alice), 100e18);
        }
    }

    function testFuzz_redeem_atTheBoundsOf128Bits(uint256 each, uint256 shares, uint256 part) public {
        uint256 most = type(uint128).max;
        each = bound(each, most - 1e18, most);
        shares = bound(shares, most - 1e18, most);
        _seedAll(each, shares);
        uint256 owned = vault.balanceOf(alice);
        part = bound(part, 1, owned);
        vm.startPrank(alice);
        vault.redeem(part, alice);
        if (part != owned) vault.redeem(owned - part, alice);
        vm.stopPrank();
        for (uint256 asset; asset < 13; ++asset) {
            uint256 paid = _token(asset).balanceOf(alice);
            assertEq(paid + vault.balances()[asset], each);
            assertGe(
                vault.balances()[asset] * shares,
                each * vault.LOCKED_SHARES(),
                "the locked shares keep theirs"
            );
        }
    }

    /// Sent to the vault itself, a redemption is a gift: it pays nobody, and the accounts stay covered.
    function test_redeem_toTheVaultItself() public {
        _seedAll(1000e18, 1000e18);
        vm.prank(alice);
        vault.redeem(100e18, address(vault));
        for (uint256 asset; asset < 13; ++asset) {
            assertEq(vault.balances()[asset], 900e18);
            assertEq(_token(asset).balanceOf(address(vault)), 1000e18);
        }
    }
}
