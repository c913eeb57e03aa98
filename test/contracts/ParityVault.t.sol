// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {
    Allocation,
    IParityVault,
    MandateWords,
    Rebalance,
    VaultConfig
} from "../../contracts/interfaces/IParityVault.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {IRiskState} from "../../contracts/interfaces/IRiskState.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Mandate} from "../../contracts/libraries/Mandate.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {TokenTransfer} from "../../contracts/libraries/TokenTransfer.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {KeyPolicy} from "../../contracts/proofs/KeyPolicy.sol";
import {ParityVault} from "../../contracts/vault/ParityVault.sol";
import {Fixture} from "./Fixture.sol";
import {CallingToken, FailingToken, FeeToken, SilentToken} from "./OddTokens.sol";

contract ParityVaultSharesTest is Fixture {
    function setUp() public {
        _deployThree();
        // a basket of everything: a quarter in each lane by value would do as well
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH / 2);
        publisher.publish(prices);
        vm.startPrank(bob);
        for (uint256 lane; lane < 3; ++lane) {
            vault.bid(1, lane, type(uint128).max, 0, bob);
        }
        vm.stopPrank();
    }

    function test_seed_locksAMinimum() public view {
        assertEq(vault.totalSupply(), 1_000_000e18);
        assertEq(vault.balanceOf(alice), 1_000_000e18 - 1e15);
        assertEq(vault.balanceOf(vault.LOCKED_SHARES_OWNER()), 1e15);
    }

    function test_seed_reverts() public {
        uint256[14] memory amounts;
        amounts[12] = 5;
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NotGovernor.selector, address(this)));
        vault.seed(amounts, 1e18, alice);
        vm.prank(governor);
        vm.expectRevert(IParityVault.AlreadySeeded.selector);
        vault.seed(amounts, 1e18, alice);

        _deployVault();
        vm.expectRevert(IParityVault.NotSeeded.selector);
        vault.mint(1, alice);
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.SeedOutOfBounds.selector, 1e15));
        vault.seed(amounts, 1e15, alice);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.SeedOutOfBounds.selector, uint256(1) << 128));
        vault.seed(amounts, 1 << 128, alice);
        amounts[12] = 0;
        vm.expectRevert(IParityVault.SeedEmpty.selector);
        vault.seed(amounts, 1e18, alice);
        amounts[11] = 1; // a lane without a token
        vm.expectRevert(abi.encodeWithSelector(IParityVault.TokenUnusable.selector, address(0)));
        vault.seed(amounts, 1e18, alice);
    }

    function testFuzz_mint_takesProRataRoundedUp(uint256 shares) public {
        shares = bound(shares, 1, 1e25);
        uint256[14] memory held = vault.balances();
        uint256[14] memory expected;
        for (uint256 asset; asset < 13; ++asset) {
            uint256 product = held[asset] * shares;
            expected[asset] = product / 1_000_000e18 + (product % 1_000_000e18 == 0 ? 0 : 1);
        }
        assertEq(abi.encode(vault.previewMint(shares)), abi.encode(expected));
        vm.prank(bob);
        assertEq(abi.encode(vault.mint(shares, bob)), abi.encode(expected));
        assertEq(vault.balanceOf(bob), shares);
        uint256[14] memory balances = vault.balances();
        for (uint256 asset; asset < 13; ++asset) {
            assertEq(balances[asset], held[asset] + expected[asset]);
        }
    }

    function testFuzz_redeem_paysProRataRoundedDown(uint256 shares) public {
        shares = bound(shares, 1, vault.balanceOf(alice));
        uint256[14] memory held = vault.balances();
        vm.prank(alice);
        uint256[14] memory amounts = vault.redeem(shares, alice);
        for (uint256 asset; asset < 13; ++asset) {
            assertEq(amounts[asset], held[asset] * shares / 1_000_000e18);
            assertEq(vault.balances()[asset], held[asset] - amounts[asset]);
            if (asset < 3) assertEq(tokens[asset].balanceOf(alice), amounts[asset]);
        }
        assertEq(cash.balanceOf(alice), amounts[12]);
    }

    function testFuzz_mintThenRedeem_neverProfits(uint256 shares, uint256 parts) public {
        shares = bound(shares, 1, 1e25);
        parts = bound(parts, 1, 5);
        vm.startPrank(bob);
        uint256[14] memory paid = vault.mint(shares, bob);
        uint256[14] memory back;
        for (uint256 part; part < parts; ++part) {
            uint256 some = part + 1 == parts ? vault.balanceOf(bob) : shares / parts;
            if (some == 0) continue;
            uint256[14] memory amounts = vault.redeem(some, bob);
            for (uint256 asset; asset < 13; ++asset) {
                back[asset] += amounts[asset];
            }
        }
        for (uint256 asset; asset < 13; ++asset) {
            assertLe(back[asset], paid[asset], "a round trip never profits, in any asset");
        }
    }

    function testFuzz_redeemThenMint_neverProfits(uint256 shares) public {
        shares = bound(shares, 1, vault.balanceOf(alice));
        _enrich(alice);
        vm.startPrank(alice);
        uint256[14] memory back = vault.redeem(shares, alice);
        uint256[14] memory paid = vault.mint(shares, alice);
        for (uint256 asset; asset < 13; ++asset) {
            assertLe(back[asset], paid[asset], "a round trip never profits, in any asset");
        }
    }

    function testFuzz_mintAndRedeem_neverDiluteTheOthers(uint256 minted, uint256 redeemed) public {
        minted = bound(minted, 1, 1e25);
        redeemed = bound(redeemed, 1, minted);
        uint256[14] memory before = vault.balances();
        uint256 supplyBefore = vault.totalSupply();
        vm.startPrank(bob);
        vault.mint(minted, bob);
        vault.redeem(redeemed, bob);
        uint256[14] memory held = vault.balances();
        for (uint256 asset; asset < 13; ++asset) {
            assertGe(
                held[asset] * supplyBefore, before[asset] * vault.totalSupply(), "a share never holds less"
            );
        }
    }

    function testFuzz_donation_changesNothing(uint256 gift, uint256 shares) public {
        gift = bound(gift, 1, 1e30);
        shares = bound(shares, 1, 1e24);
        bytes memory before =
            abi.encode(vault.balances(), vault.totalValue(), vault.previewMint(shares), vault.drift());
        cash.mint(address(vault), gift);
        for (uint256 lane; lane < 3; ++lane) {
            tokens[lane].mint(address(vault), gift);
        }
        assertEq(
            before, abi.encode(vault.balances(), vault.totalValue(), vault.previewMint(shares), vault.drift())
        );
        uint256 held = cash.balanceOf(address(vault));
        uint256 all = vault.balanceOf(alice);
        vm.prank(alice);
        uint256[14] memory amounts = vault.redeem(all, alice);
        assertLe(amounts[12], held - gift, "gifts are not paid out");
        vm.prank(bob);
        vault.mint(1e18, bob);
    }

    function test_redeem_needsNothingOfTheRest() public {
        // sources, risk state and verifier are gone, the guardian has stopped the rebalance
        vm.prank(guardian);
        vault.stopRebalance();
        for (uint256 lane; lane < 3; ++lane) {
            vm.mockCallRevert(address(sources[lane]), bytes(""), "gone");
        }
        vm.mockCallRevert(address(oracle), bytes(""), "gone");
        vm.mockCallRevert(address(verifier), bytes(""), "gone");
        vm.warp(vm.getBlockTimestamp() + 365 days);
        uint256 shares = vault.balanceOf(alice);
        vm.prank(alice);
        vault.redeem(shares, alice);
        assertEq(vault.balanceOf(alice), 0);
        assertGt(tokens[0].balanceOf(alice), 0);
        assertGt(cash.balanceOf(alice), 0);
    }

    function test_redeem_reverts() public {
        vm.startPrank(alice);
        vm.expectRevert(IParityVault.SharesZero.selector);
        vault.redeem(0, alice);
        vm.expectRevert(IParityVault.AddressZero.selector);
        vault.redeem(1, address(0));
        vm.expectRevert(IParityVault.SharesZero.selector);
        vault.mint(0, alice);
        vm.stopPrank();
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        vault.redeem(1, alice);
    }

    function test_mint_revertsWhenSupplyOutOfBounds() public {
        vm.expectRevert(IParityVault.SupplyOutOfBounds.selector);
        vault.mint(type(uint128).max, bob);
    }

    function test_redeem_revertsWhenLegGasMissing() public {
        vm.prank(alice);
        (bool success, bytes memory reason) =
            address(vault).call{gas: 330_000}(abi.encodeCall(vault.redeem, (1e18, alice)));
        assertFalse(success);
        assertEq(bytes4(reason), IParityVault.LegGasMissing.selector);
    }
}

contract ParityVaultOddTokensTest is Fixture {
    FailingToken private failing;
    CallingToken private calling;

    function setUp() public {
        _deployFacts(3);
        _observeWindow();
        _acceptRiskState(_volatilities(10_000));
        cash = new LocalToken("cash", "CASH", 6);
        failing = new FailingToken();
        calling = new CallingToken();
        tokens.push(new LocalToken("lane", "LANE", 8));
        tokens.push(failing);
        tokens.push(calling);
        _deployVault();
        uint256[14] memory amounts;
        (amounts[0], amounts[1], amounts[2], amounts[12]) = (100e8, 50e18, 30e18, 300_000e6);
        _fund(governor, amounts);
        vm.prank(governor);
        vault.seed(amounts, 1000e18, alice);
        _enrich(bob);
    }

    function testFuzz_redeem_failingLegDoesNotFreezeTheOthers(uint8 manner, uint256 shares) public {
        FailingToken.Manner how = FailingToken.Manner(bound(manner, 1, 5));
        shares = bound(shares, 1e12, vault.balanceOf(alice));
        failing.behave(how);
        vm.prank(alice);
        uint256[14] memory amounts = vault.redeem(shares, alice);
        assertEq(tokens[0].balanceOf(alice), amounts[0]);
        assertEq(calling.balanceOf(alice), amounts[2]);
        assertEq(cash.balanceOf(alice), amounts[12]);
        assertEq(failing.balanceOf(alice), 0);
        assertEq(vault.claimable(alice, 1), amounts[1]);
        assertEq(vault.balances()[1], 50e18 - amounts[1], "what is kept for alice is no longer the basket's");

        // and it stays hers while others come and go
        vm.prank(bob);
        vault.mint(1e18, bob);
        failing.behave(FailingToken.Manner.Fine);
        vm.prank(alice);
        assertEq(vault.claim(1, bob), amounts[1]);
        assertEq(vault.claimable(alice, 1), 0);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NothingToClaim.selector, 1));
        vault.claim(1, alice);
    }

    function test_claim_revertsWhileTheTokenStillFails() public {
        failing.behave(FailingToken.Manner.Reverts);
        vm.startPrank(alice);
        uint256 amount = vault.redeem(1e18, alice)[1];
        vm.expectRevert(bytes("no"));
        vault.claim(1, alice);
        assertEq(vault.claimable(alice, 1), amount, "a failed claim loses nothing");
    }

    function test_reentry_isRefusedEverywhere() public {
        uint256[14] memory none;
        bytes[7] memory attempts = [
            abi.encodeCall(vault.redeem, (1, alice)),
            abi.encodeCall(vault.mint, (1, alice)),
            abi.encodeCall(vault.claim, (0, alice)),
            abi.encodeCall(vault.openRebalance, ()),
            abi.encodeCall(vault.bid, (0, 0, 1, 0, alice)),
            abi.encodeCall(vault.seed, (none, 1e18, alice)),
            abi.encodeCall(vault.allocate, (1, 1, 1, 1, _anyProof()))
        ];
        for (uint256 i; i < attempts.length; ++i) {
            calling.onMove(address(vault), attempts[i]);
            uint256 before = calling.calls();
            vm.prank(bob);
            vault.mint(1e18, bob);
            vm.prank(bob);
            vault.redeem(1e18, bob);
            assertEq(calling.calls(), before + 2, "the token did call, on the way in and out");
            assertFalse(calling.lastCallSucceeded());
            assertEq(
                bytes4(calling.lastCallReturned()),
                ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
            );
        }
        calling.onMove(address(vault), abi.encodeCall(vault.entered, ()));
        vm.prank(bob);
        vault.mint(1e18, bob);
        assertTrue(
            abi.decode(calling.lastCallReturned(), (bool)), "integrators can see that they are in a callback"
        );
        assertFalse(vault.entered());
    }

    function test_feeToken_isRefusedOnTheWayIn() public {
        FeeToken fee = new FeeToken();
        VaultConfig memory config = _config();
        config.tokens[1] = address(fee);
        vault = new ParityVault(config, _mandate(1));
        fee.mint(governor, 100e18);
        uint256[14] memory amounts;
        amounts[1] = 100e18;
        vm.startPrank(governor);
        fee.approve(address(vault), 100e18);
        vm.expectRevert(
            abi.encodeWithSelector(TokenTransfer.TransferNotExact.selector, address(fee), 100e18, 99e18)
        );
        vault.seed(amounts, 1e18, alice);
    }

    function test_silentToken_comesInAndGoesOut() public {
        SilentToken silent = new SilentToken();
        VaultConfig memory config = _config();
        config.tokens[1] = address(silent);
        vault = new ParityVault(config, _mandate(1));
        silent.mint(governor, 100e18);
        uint256[14] memory amounts;
        amounts[1] = 100e18;
        vm.startPrank(governor);
        silent.approve(address(vault), 100e18);
        vault.seed(amounts, 1e18, alice);
        vm.stopPrank();
        vm.prank(alice);
        vault.redeem(0.5e18, alice);
        assertEq(silent.balanceOf(alice), 50e18);
    }
}

contract ParityVaultMakingTest is Fixture {
    function setUp() public {
        _deployFacts(3);
        _deployTokens();
    }

    function test_constructor_revertsWhenTimeOutOfBounds() public {
        VaultConfig memory config = _config();
        config.warmUp = 59;
        _expectTime("warmUp", 59, 1 minutes, 1 days, config);
        config = _config();
        config.auctionLength = 7 days + 1;
        _expectTime("auctionLength", 7 days + 1, 10 minutes, 7 days, config);
        config = _config();
        config.mandateDelay = 1 days - 1;
        _expectTime("mandateDelay", 1 days - 1, 1 days, 30 days, config);
        config = _config();
        config.maxRiskAge = INTERVAL - 1;
        _expectTime("maxRiskAge", INTERVAL - 1, INTERVAL, 90 days, config);
        config = _config();
        config.observationInterval = 0;
        _expectTime("observationInterval", 0, 1 minutes, 30 days, config);
    }

    function _expectTime(
        bytes32 name,
        uint256 value,
        uint256 minimum,
        uint256 maximum,
        VaultConfig memory config
    ) private {
        MandateWords memory mandate = _mandate(1);
        vm.expectRevert(
            abi.encodeWithSelector(IParityVault.TimeOutOfBounds.selector, name, value, minimum, maximum)
        );
        new ParityVault(config, mandate);
    }

    function test_constructor_revertsWhenAssetsUnusable() public {
        MandateWords memory mandate = _mandate(1);
        VaultConfig memory config = _config();
        config.tokens[1] = config.tokens[0];
        vm.expectRevert(abi.encodeWithSelector(IParityVault.TokenUnusable.selector, config.tokens[0]));
        new ParityVault(config, mandate);

        config.tokens[1] = config.cash;
        vm.expectRevert(abi.encodeWithSelector(IParityVault.TokenUnusable.selector, config.cash));
        new ParityVault(config, mandate);

        config.tokens[1] = alice;
        vm.expectRevert(abi.encodeWithSelector(IParityVault.TokenUnusable.selector, alice));
        new ParityVault(config, mandate);

        config.tokens[1] = address(new LocalToken("wide", "WIDE", 19));
        vm.expectRevert(abi.encodeWithSelector(IParityVault.TokenUnusable.selector, config.tokens[1]));
        new ParityVault(config, mandate);

        config = _config();
        config.sources[2] = IPriceSource(address(0));
        vm.expectRevert(abi.encodeWithSelector(IParityVault.SourceUnusable.selector, 2));
        new ParityVault(config, mandate);

        config = _config();
        config.tokens[2] = address(0);
        config.sources[2] = IPriceSource(address(0));
        vm.expectRevert(abi.encodeWithSelector(Mandate.BudgetWithoutToken.selector, 2));
        new ParityVault(config, mandate);

        config = _config();
        config.guardian = address(0);
        vm.expectRevert(IParityVault.AddressZero.selector);
        new ParityVault(config, mandate);
    }

    function test_constructor_revertsWhenDevelopmentKeyInEarnest() public {
        VaultConfig memory config = _config();
        MandateWords memory mandate = _mandate(1);
        vm.chainId(8_453);
        vm.expectRevert(abi.encodeWithSelector(KeyPolicy.DevelopmentKeyRefused.selector, 8_453));
        new ParityVault(config, mandate);
    }
}

contract ParityVaultAllocateTest is Fixture {
    using Lanes for uint256;

    uint64 private index;

    function setUp() public {
        _deployThree();
        index = oracle.latestIndex();
    }

    /// Weights that sum to 10⁶, from two arbitrary numbers.
    function _anyWeights(uint256 a, uint256 b) private pure returns (uint256) {
        a = bound(a, 0, 1e6);
        b = bound(b, 0, 1e6 - a);
        return _weights(a, b, 1e6 - a - b);
    }

    function testFuzz_allocate_stores(uint256 a, uint256 b, uint256 exposure, uint256 volatility) public {
        exposure = bound(exposure, 0, 900_000);
        volatility = bound(volatility, 0, Protocol.LANE_LIMIT - 1);
        uint256 weights = _anyWeights(a, b);
        uint256 portfolio = Lanes.put(volatility, Protocol.PORTFOLIO_EXPOSURE, exposure);
        assertEq(vault.allocation().index, 0);
        assertEq(vault.allocation().weights, 0, "nothing shows before the first allocation");
        vm.expectEmit(address(vault));
        emit IParityVault.Allocated(index, 1, weights, volatility, exposure);
        vault.allocate(index, weights, portfolio, 1, _anyProof());

        Allocation memory latest = vault.allocation();
        assertEq(latest.index, index);
        assertEq(latest.endTime, observationLog.timestampOf(index));
        assertEq(latest.mandateVersion, 1);
        assertEq(latest.weights, weights);
        assertEq(latest.exposure, exposure);
        assertEq(latest.portfolioVolatility, volatility);
    }

    function test_allocate_asksForThisVaultsStatement() public {
        MandateWords memory mandate = vault.mandate();
        uint256 weights = _weights(1e6, 0, 0);
        (uint256 covariance,) = oracle.covarianceCommitment(index, 1); // the decay of the mandate
        uint256[] memory statement = new uint256[](6);
        (statement[0], statement[1], statement[2]) = (mandate.terms, mandate.budgets, mandate.caps);
        (statement[3], statement[4], statement[5]) = (weights, _portfolio(5), covariance);
        uint256 z =
            uint256(keccak256(abi.encode(uint256(2), statement, uint256(77)))) % Protocol.FIELD_MODULUS;
        verifier.expect([uint256(77), z, Statement.evaluate(statement, z)]);

        // the same proof for other weights, another portfolio, another commitment
        vm.expectRevert(Statement.StatementNotProven.selector);
        vault.allocate(index, _weights(999_999, 1, 0), _portfolio(5), 77, _anyProof());
        vm.expectRevert(Statement.StatementNotProven.selector);
        vault.allocate(index, weights, _portfolio(6), 77, _anyProof());
        vm.expectRevert(Statement.StatementNotProven.selector);
        vault.allocate(index, weights, _portfolio(5), 78, _anyProof());
        vault.allocate(index, weights, _portfolio(5), 77, _anyProof());
    }

    function _nextRiskState() private {
        _tick();
        _acceptRiskState(_volatilities(10_000));
    }

    function test_allocate_revertsWhenNotProven() public {
        verifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        _allocate(_weights(1e6, 0, 0), 1);
    }

    function testFuzz_allocate_revertsWhenOutOfMandate(uint256 a, uint256 b, uint256 c, uint256 exposure)
        public
    {
        a = bound(a, 0, 1e6);
        b = bound(b, 0, 1e6);
        c = bound(c, 0, 1e6);
        vm.assume(a + b + c != 1e6);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.WeightsNotWhole.selector, a + b + c));
        _allocate(_weights(a, b, c), 0);

        exposure = bound(exposure, 900_001, Protocol.LANE_LIMIT - 1);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.ExposureAboveMaximum.selector, exposure, 900_000));
        _allocate(_weights(0, 0, 1e6), exposure);

        uint256 weights = _weights(500_000, 0, 499_999).put(3, 1);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.WeightNotAllowed.selector, 3, 1));
        _allocate(weights, 0);
    }

    function testFuzz_allocate_revertsWhenWordOutOfRange(uint256 bit) public {
        bit = bound(bit, 252, 255);
        uint256 weights = _weights(1e6, 0, 0) | (1 << bit);
        vm.expectRevert(abi.encodeWithSelector(Statement.WordOutOfRange.selector, 3));
        _allocate(weights, 0);
        uint256 portfolio = _portfolio(0) | (1 << bit);
        vm.expectRevert(abi.encodeWithSelector(Statement.WordOutOfRange.selector, 4));
        vault.allocate(index, _weights(1e6, 0, 0), portfolio, 1, _anyProof());
    }

    function test_allocate_revertsWhenNotNewer() public {
        _allocate(_weights(1e6, 0, 0), 0);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.AllocationNotNewer.selector, index, index));
        _allocate(_weights(0, 1e6, 0), 0);
        _nextRiskState();
        _allocate(_weights(0, 1e6, 0), 0);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.AllocationNotNewer.selector, index, index + 1));
        vault.allocate(index, _weights(1e6, 0, 0), _portfolio(0), 1, _anyProof());
    }

    function testFuzz_allocate_sameIndexOnlyWhenCalmer(uint256 volatility) public {
        volatility = bound(volatility, 1, 10_000);
        _allocate(_weights(1e6, 0, 0), 0);
        uint256 standing = vault.allocation().portfolioVolatility;
        uint256 portfolio = Lanes.put(0, Protocol.PORTFOLIO_VOLATILITY, volatility);
        if (volatility >= standing) {
            vm.expectRevert(abi.encodeWithSelector(IParityVault.AllocationNotNewer.selector, index, index));
        }
        vault.allocate(index, _weights(0, 1e6, 0), portfolio, 1, _anyProof());
        assertEq(vault.allocation().portfolioVolatility, volatility < standing ? volatility : standing);
    }

    function test_allocate_sameIndexUnderANewerMandate() public {
        VaultConfig memory config = _config();
        config.maxRiskAge = 30 days;
        vault = new ParityVault(config, _mandate(1));
        _allocate(_weights(1e6, 0, 0), 0);
        vm.prank(governor);
        vault.scheduleMandate(_mandate(2));
        vm.warp(vm.getBlockTimestamp() + MANDATE_DELAY);
        vault.applyMandate();
        _allocate(_weights(0, 1e6, 0), 0);
        assertEq(vault.allocation().mandateVersion, 2);
        assertEq(vault.allocation().index, index);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.AllocationNotNewer.selector, index, index));
        _allocate(_weights(0, 1e6, 0), 0);
    }

    function test_allocate_acceptsAnOlderStateThatIsStillKept() public {
        _nextRiskState();
        vault.allocate(index, _weights(1e6, 0, 0), _portfolio(0), 1, _anyProof());
        assertEq(vault.allocation().index, index, "a proof in flight survives a newer state");
    }

    function testFuzz_allocate_revertsWhenRiskStateUnknown(uint64 other) public {
        vm.assume(other != index);
        vm.expectRevert(abi.encodeWithSelector(IRiskState.RiskStateUnknown.selector, other));
        vault.allocate(other, _weights(1e6, 0, 0), _portfolio(0), 1, _anyProof());
    }

    function testFuzz_allocate_revertsWhenRiskStateTooOld(uint256 age) public {
        age = bound(age, MAX_RISK_AGE + 1, 365 days);
        vm.warp(observationLog.timestampOf(index) + age);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.RiskStateTooOld.selector, age, MAX_RISK_AGE));
        _allocate(_weights(1e6, 0, 0), 0);
    }

    function test_allocate_acceptsAStateFromAClockAhead() public {
        vm.warp(vm.getBlockTimestamp() - 1 minutes);
        _allocate(_weights(1e6, 0, 0), 0);
    }
}

contract ParityVaultMandateTest is Fixture {
    function setUp() public {
        _deployThree();
    }

    function test_mandate_takesItsTime() public {
        MandateWords memory next = _mandate(2);
        uint64 readyAt = uint64(vm.getBlockTimestamp()) + MANDATE_DELAY;
        vm.expectEmit(address(vault));
        emit IParityVault.MandateScheduled(2, next, readyAt);
        vm.prank(governor);
        vault.scheduleMandate(next);
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.MandateNotReady.selector, readyAt));
        vault.applyMandate();
        vm.warp(readyAt);
        vm.prank(bob); // anyone
        vault.applyMandate();
        assertEq(vault.mandate().terms, next.terms);
        vm.expectRevert(IParityVault.NoMandateScheduled.selector);
        vault.applyMandate();
    }

    function test_mandate_canBeCancelled() public {
        vm.prank(governor);
        vault.scheduleMandate(_mandate(2));
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NotGovernor.selector, address(this)));
        vault.cancelMandate();
        vm.startPrank(governor);
        vault.cancelMandate();
        vm.expectRevert(IParityVault.NoMandateScheduled.selector);
        vault.cancelMandate();
        (, uint64 readyAt) = vault.scheduledMandate();
        assertEq(readyAt, 0);
    }

    function test_mandate_reverts() public {
        MandateWords memory next = _mandate(2);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NotGovernor.selector, address(this)));
        vault.scheduleMandate(next);
        MandateWords memory old = _mandate(1);
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(Mandate.VersionNotNewer.selector, 1, 1));
        vault.scheduleMandate(old);
    }

    function test_openRebalance_waitsForAnAllocationUnderTheNewMandate() public {
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        vm.prank(governor);
        vault.scheduleMandate(_mandate(2));
        vm.warp(vm.getBlockTimestamp() + MANDATE_DELAY);
        vault.applyMandate();
        vm.expectRevert(abi.encodeWithSelector(IParityVault.AllocationOutdated.selector, 1, 2));
        vault.openRebalance();
    }
}

contract ParityVaultRebalanceTest is Fixture {
    using Lanes for uint256;

    uint256 private constant SELL_TARGETS = 400_000;

    function setUp() public {
        _deployThree();
        publisher.publish(prices);
    }

    function _price(uint256 lane) private view returns (uint256 price) {
        (price,) = sources[lane].read();
    }

    function _unit(uint256 lane) private view returns (uint256) {
        return 10 ** tokens[lane].decimals();
    }

    /// Buys everything the vault wants, so that later rebalances can sell.
    function _fill() private {
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH / 2);
        publisher.publish(prices);
        vm.startPrank(bob);
        for (uint256 lane; lane < 3; ++lane) {
            vault.bid(id, lane, type(uint128).max, 0, bob);
        }
        vm.stopPrank();
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH);
        publisher.publish(prices);
    }

    function test_openRebalance_setsMarksTargetsAndRanges() public {
        _allocate(_weights(300_000, 300_000, 400_000), 500_000);
        vault.openRebalance();
        Rebalance memory current = vault.rebalance();
        assertEq(current.id, 1);
        assertEq(current.startTime, vm.getBlockTimestamp() + WARM_UP);
        assertEq(current.endTime, current.startTime + AUCTION_LENGTH);
        assertEq(current.buying, 7);
        uint256[3] memory weights = [uint256(300_000), 300_000, 400_000];
        for (uint256 lane; lane < 3; ++lane) {
            assertEq(current.marks[lane], _price(lane));
            // half of a million in cash, by weight
            uint256 value = 1_000_000e18 * weights[lane] / 1e6 / 2;
            assertEq(current.targets[lane], value * _unit(lane) / _price(lane));
            // k σ √(4 h / 1 h) = 1.5 · 1 % · 2
            assertEq(current.ranges.get(lane), 30_000);
        }
        for (uint256 lane = 3; lane < 12; ++lane) {
            assertEq(current.marks[lane], 0);
            assertEq(current.targets[lane], 0);
        }
        assertTrue(vault.rebalanceRunning());
        assertEq(vault.drift(), 200_000, "the largest drift is that of the heaviest lane");
    }

    function test_openRebalance_tradesAtMostMaxTrade() public {
        _allocate(_weights(0, 0, 1e6), 900_000); // maxTrade is half of value
        vault.openRebalance();
        assertEq(vault.rebalance().targets[2], 500_000e18 * _unit(2) / _price(2));
    }

    function test_openRebalance_rangeNeverWiderThanTheMandates() public {
        _tick();
        _acceptRiskState(_volatilities(500_000));
        _allocate(_weights(1e6, 0, 0), 900_000);
        vault.openRebalance();
        assertEq(vault.rebalance().ranges.get(0), 50_000);
    }

    function test_openRebalance_revertsWhenNotAllocated() public {
        vm.expectRevert(IParityVault.NotAllocated.selector);
        vault.openRebalance();
    }

    function testFuzz_openRebalance_onlyBeyondTheBand(uint256 exposure) public {
        exposure = bound(exposure, 0, 100_000);
        _allocate(_weights(1e6, 0, 0), exposure); // all in cash: the drift is the exposure
        if (exposure <= 10_000) {
            vm.expectRevert(abi.encodeWithSelector(IParityVault.DriftWithinBand.selector, exposure, 10_000));
        }
        vault.openRebalance();
    }

    function test_openRebalance_revertsWhenRiskStateTooOld() public {
        _allocate(_weights(1e6, 0, 0), 900_000);
        vm.warp(observationLog.timestampOf(oracle.latestIndex()) + MAX_RISK_AGE + 1);
        publisher.publish(prices);
        vm.expectRevert(
            abi.encodeWithSelector(IParityVault.RiskStateTooOld.selector, MAX_RISK_AGE + 1, MAX_RISK_AGE)
        );
        vault.openRebalance();
    }

    function test_openRebalance_revertsWhileOneRuns() public {
        _allocate(_weights(1e6, 0, 0), 900_000);
        vault.openRebalance();
        uint256 endTime = vault.rebalance().endTime;
        vm.expectRevert(abi.encodeWithSelector(IParityVault.RebalanceRunning.selector, endTime));
        vault.openRebalance();
        vm.warp(endTime - 1);
        publisher.publish(prices);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.RebalanceRunning.selector, endTime));
        vault.openRebalance();
        vm.warp(endTime);
        prices[0] *= 2;
        publisher.publish(prices);
        assertEq(vault.openRebalance(), 2);
        assertEq(vault.rebalance().marks[0], _price(0), "a new rebalance starts from fresh marks");
    }

    function test_openRebalance_revertsWhenPriceUnavailable() public {
        _allocate(_weights(1e6, 0, 0), 900_000);
        vm.warp(vm.getBlockTimestamp() + MAX_AGE + 1);
        bytes memory reason = abi.encodeWithSelector(IPriceSource.PriceTooOld.selector, MAX_AGE + 1, MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.PriceUnavailable.selector, 0, reason));
        vault.openRebalance();
        publisher.publish(prices);
        vm.mockCall(
            address(sources[2]), abi.encodeCall(IPriceSource.read, ()), abi.encode(uint256(0), uint64(0))
        );
        vm.expectRevert(abi.encodeWithSelector(IParityVault.PriceUnusable.selector, 2, 0));
        vault.openRebalance();
    }

    function test_stopRebalance_blocksForADay() public {
        _allocate(_weights(1e6, 0, 0), 900_000);
        vm.prank(guardian);
        vm.expectRevert(IParityVault.NoRebalanceRunning.selector);
        vault.stopRebalance();
        uint64 id = _openAndWarmUp();
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NotGuardian.selector, address(this)));
        vault.stopRebalance();
        vm.prank(guardian);
        vault.stopRebalance();
        assertFalse(vault.rebalanceRunning());
        assertEq(vault.auctionAmount(0), 0);
        vm.prank(bob);
        vm.expectPartialRevert(IParityVault.BiddingClosed.selector);
        vault.bid(id, 0, 1, 0, bob);

        uint256 until = vault.blockedUntil();
        assertEq(until, vm.getBlockTimestamp() + 1 days);
        vm.warp(until - 1);
        publisher.publish(prices);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.RebalanceBlocked.selector, until));
        vault.openRebalance();
        vm.warp(until);
        assertEq(vault.openRebalance(), id + 1, "the stop expires by itself");
    }

    function test_bid_revertsOutsideItsTime() public {
        _allocate(_weights(1e6, 0, 0), 900_000);
        uint64 id = vault.openRebalance();
        Rebalance memory current = vault.rebalance();
        bytes memory closed =
            abi.encodeWithSelector(IParityVault.BiddingClosed.selector, current.startTime, current.endTime);
        vm.startPrank(bob);
        vm.expectRevert(closed);
        vault.bid(id, 0, 1, 0, bob);
        assertEq(vault.auctionAmount(0), 0);
        vm.warp(current.startTime);
        vault.bid(id, 0, 1, 0, bob);
        vm.warp(current.endTime);
        vm.expectRevert(closed);
        vault.bid(id, 0, 1, 0, bob);
    }

    function testFuzz_bid_revertsWhenRebalanceNotCurrent(uint64 id) public {
        _allocate(_weights(1e6, 0, 0), 900_000);
        uint64 current = _openAndWarmUp();
        vm.assume(id != current);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.RebalanceNotCurrent.selector, id, current));
        vault.bid(id, 0, 1, 0, bob);
    }

    function testFuzz_bid_vaultBuysWithinRangeAndTarget(uint256 lane, uint256 wait, uint256 amount) public {
        lane = bound(lane, 0, 2);
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, AUCTION_LENGTH - 1));
        publisher.publish(prices);
        amount = bound(amount, 1, type(uint128).max);
        uint256 target = vault.rebalance().targets[lane];
        uint256 mark = vault.rebalance().marks[lane];
        uint256 price = vault.auctionPrice(lane);
        assertGe(price, mark * 97 / 100);
        assertLe(price, mark * 103 / 100);
        uint256 available = vault.auctionAmount(lane);
        uint256 cashBefore = cash.balanceOf(alice);

        vm.prank(bob);
        (uint256 filled, uint256 paid) = vault.bid(id, lane, amount, price, alice);
        assertEq(filled, amount < available ? amount : available, "clipped to what is left");
        assertLe(vault.balances()[lane], target, "never buys past its target");
        assertEq(vault.balances()[lane], filled);
        assertEq(paid, filled * price / _unit(lane) / 1e12, "rounded down where the vault pays");
        assertEq(cash.balanceOf(alice) - cashBefore, paid, "paid to the receiver");
        assertEq(vault.balances()[12], 1_000_000e6 - paid);
    }

    function testFuzz_bid_vaultSellsWithinRangeAndTarget(uint256 lane, uint256 wait, uint256 amount) public {
        lane = bound(lane, 0, 2);
        _fill();
        _tick();
        _acceptRiskState(_volatilities(10_000));
        _allocate(_weights(300_000, 300_000, 400_000), SELL_TARGETS); // half of what it holds
        uint64 id = _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, AUCTION_LENGTH - 1));
        publisher.publish(prices);
        amount = bound(amount, 1, type(uint128).max);
        Rebalance memory current = vault.rebalance();
        assertEq(current.buying, 0);
        uint256 price = vault.auctionPrice(lane);
        assertGe(price, current.marks[lane] * 97 / 100);
        assertLe(price, current.marks[lane] * 103 / 100 + 1);
        uint256[14] memory before = vault.balances();
        uint256 available = vault.auctionAmount(lane);

        vm.prank(bob);
        (uint256 filled, uint256 paid) = vault.bid(id, lane, amount, price, alice);
        uint256[14] memory afterwards = vault.balances();
        assertEq(filled, amount < available ? amount : available, "clipped to what is left");
        assertEq(afterwards[lane], before[lane] - filled);
        assertGe(afterwards[lane], current.targets[lane], "never sells past its target");
        assertGe(paid * _unit(lane) * 1e12, filled * price, "rounded up where the vault is paid");
        assertLt((paid - 1) * _unit(lane) * 1e12, filled * price, "and by less than one unit");
        assertEq(afterwards[12], before[12] + paid);
        assertEq(tokens[lane].balanceOf(alice), filled, "paid to the receiver");
    }

    function test_bid_partialFillsEndAtTheTarget() public {
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        uint256 target = vault.rebalance().targets[0];
        vm.startPrank(bob);
        for (uint256 part = 1; part <= 3; ++part) {
            vault.bid(id, 0, target / 3, 0, bob);
        }
        vault.bid(id, 0, type(uint256).max, 0, bob);
        assertEq(vault.balances()[0], target);
        assertEq(vault.auctionAmount(0), 0);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NothingLeft.selector, 0));
        vault.bid(id, 0, 1, 0, bob);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NothingLeft.selector, 7));
        vault.bid(id, 7, 1, 0, bob);
    }

    function test_bid_revertsBeyondTheLimit() public {
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        uint256 price = vault.auctionPrice(0);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.PriceBeyondLimit.selector, price, price + 1));
        vault.bid(id, 0, 1, price + 1, bob);
        vault.bid(id, 0, 1, price, bob);
        vm.stopPrank();

        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH);
        _deployVault();
        uint256[14] memory amounts;
        amounts[0] = 10 * _unit(0);
        _fund(governor, amounts);
        vm.prank(governor);
        vault.seed(amounts, 1e18, alice);
        _enrich(bob);
        publisher.publish(prices);
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        id = _openAndWarmUp();
        price = vault.auctionPrice(0);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.PriceBeyondLimit.selector, price, price - 1));
        vault.bid(id, 0, 1e6, price - 1, bob);
        vault.bid(id, 0, 1e6, price, bob);
        assertEq(vault.auctionAmount(1), 0, "less cash than the allocation keeps");
        vault.bid(id, 0, type(uint128).max, price, bob);
        // no cash has come in yet for the lanes it buys, but what was just paid
        uint256 held = vault.balances()[12];
        (, uint256 paid) = vault.bid(id, 1, type(uint128).max, 0, bob);
        assertLe(paid, held, "cash never falls below zero");
        assertGt(paid, 0);
    }

    function test_bid_buysOnlyWithTheCashThereIs() public {
        _deployVault();
        uint256[14] memory amounts;
        amounts[0] = 10 * _unit(0);
        _fund(governor, amounts);
        vm.prank(governor);
        vault.seed(amounts, 1e18, alice);
        _enrich(bob);
        publisher.publish(prices);
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        assertEq(vault.auctionAmount(1), 0);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NothingLeft.selector, 1));
        vault.bid(id, 1, 1, 0, bob);
    }

    function testFuzz_targets_followTheSupply(uint256 minted, uint256 redeemed) public {
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        uint256[12] memory targets = vault.rebalance().targets;
        vm.prank(bob);
        vault.bid(id, 0, targets[0] / 2, 0, bob);
        uint256 left = vault.auctionAmount(0);

        minted = bound(minted, 1, 1e25);
        redeemed = bound(redeemed, 1, vault.balanceOf(alice));
        vm.prank(bob);
        vault.mint(minted, bob);
        vm.prank(alice);
        vault.redeem(redeemed, alice);
        uint256 supply = vault.totalSupply();
        for (uint256 lane; lane < 3; ++lane) {
            assertEq(vault.rebalance().targets[lane], targets[lane] * supply / 1_000_000e18);
        }
        assertApproxEqAbs(
            vault.auctionAmount(0), left * supply / 1_000_000e18, 2, "what is left keeps its share"
        );
    }

    function testFuzz_auctionPrice_isMonotone(uint256 earlier, uint256 later) public {
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        _openAndWarmUp();
        uint256 start = vm.getBlockTimestamp();
        later = bound(later, 0, AUCTION_LENGTH - 1);
        earlier = bound(earlier, 0, later);
        vm.warp(start + earlier);
        uint256 before = vault.auctionPrice(1);
        vm.warp(start + later);
        assertGe(vault.auctionPrice(1), before);
    }

    function test_donation_blocksNothing() public {
        cash.mint(address(vault), 1);
        tokens[0].mint(address(vault), 1);
        _allocate(_weights(300_000, 300_000, 400_000), 800_000);
        uint64 id = _openAndWarmUp();
        cash.mint(address(vault), 1);
        tokens[0].mint(address(vault), 1);
        vm.prank(bob);
        vault.bid(id, 0, type(uint128).max, 0, bob);
        assertEq(vault.balances()[0], vault.rebalance().targets[0]);
    }
}
