// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {IExchange, Side} from "../../contracts/interfaces/IExchange.sol";
import {IDeskAuctions} from "../../contracts/interfaces/IDeskAuctions.sol";
import {IParityVault} from "../../contracts/interfaces/IParityVault.sol";
import {DeskConfig, DeskReading, IVaultDesk, Shown} from "../../contracts/interfaces/IVaultDesk.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Mandate} from "../../contracts/libraries/Mandate.sol";
import {DeskAuctions} from "../../contracts/vault/DeskAuctions.sol";
import {ParityVault} from "../../contracts/vault/ParityVault.sol";
import {VaultDesk} from "../../contracts/vault/VaultDesk.sol";
import {DeskFixture} from "./DeskFixture.sol";

contract VaultDeskMakingTest is DeskFixture {
    using Lanes for uint256;

    function setUp() public {
        _deployDesk();
    }

    function test_desk_isOneAccountOfOneVault() public view {
        assertEq(address(vault.desk()), address(desk));
        assertEq(address(trades.desk()), address(desk));
        assertEq(desk.account(), house.accountOf(address(desk), 0));
        assertEq(vault.token(UNITS), address(desk));
        assertEq(desk.spotShare(), 750_000);
    }

    function test_constructor_revertsWhenTheAuctionsNameAnotherDesk() public {
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.AuctionsDiffer.selector, address(desk)));
        new VaultDesk(DeskConfig(trades, gate, SHARE, HEALTH));
    }

    function test_constructor_revertsWhenTheVaultHasNoDesk() public {
        ParityVault alone = new ParityVault(_config(), _mandate(1));
        vm.expectRevert(IDeskAuctions.VaultWithoutDesk.selector);
        new DeskAuctions(alone, house, DESK_WARM_UP, DESK_LENGTH, LEAST_COST);
    }

    /// D-4: however little a mandate lets its auctions' prices move.
    function test_costs_areAtLeastWhatPricesMayBeOffBy() public {
        uint256 range = trades.costs().get(0) - TRADE_FEE;
        assertGt(range, LEAST_COST);
        DeskAuctions wide = new DeskAuctions(vault, house, DESK_WARM_UP, DESK_LENGTH, range + 1);
        assertEq(wide.costs().get(0), range + 1 + TRADE_FEE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeskAuctions.ParameterOutOfBounds.selector, bytes32("leastCost"), 4_999, 5_000, 200_000
            )
        );
        new DeskAuctions(vault, house, DESK_WARM_UP, DESK_LENGTH, 4_999);
    }

    function test_vault_withoutADeskHasNoLeverage() public {
        uint256 asked = 1_600_000;
        vm.expectRevert(abi.encodeWithSelector(Mandate.TermOutOfBounds.selector, 3, asked, 0, 1_000_000));
        new ParityVault(_config(), _leveraged(1));
    }

    function test_giveToDesk_isTheDesksAlone() public {
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NotDesk.selector, address(this)));
        vault.giveToDesk(12, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.NotDesk.selector, address(this)));
        vault.takeFromDesk(12, 0, 0);
        vm.prank(address(desk));
        vm.expectRevert(abi.encodeWithSelector(IParityVault.AssetUnknown.selector, UNITS));
        vault.giveToDesk(UNITS, 1, 0);
    }

    function test_trade_isTheAuctionsAlone() public {
        Side memory taker = _against(0, true, 1);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.NotAuctions.selector, address(this)));
        desk.trade(0, true, 1, 1, taker, _healthy());
    }
}

contract VaultDeskMarginTest is DeskFixture {
    using AccountWords for uint256[10];
    using Lanes for uint256;

    function setUp() public {
        _deployDesk();
    }

    function test_fund_bringsTheShare() public {
        _fundShare();
        assertEq(vault.balances()[12], 750_000e6);
        assertEq(_deskEquity(), 250_000e6);
        assertEq(vault.balances()[UNITS], 250_000e18);
        assertEq(desk.balanceOf(address(vault)), desk.totalSupply());
        assertEq(vault.totalValue(), 1_000_000e18);
    }

    function test_fund_revertsBeyondTheShare() public {
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooLarge.selector, 250_000e6 + 1, 250_000e6));
        desk.fund(12, 250_000e6 + 1, _nothingShown());
    }

    function test_fund_revertsWithinTheBand() public {
        desk.fund(12, 225_000e6, _nothingShown());
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.ShareWithinBand.selector, 225_000e6, 250_000e6));
        desk.fund(12, 1, _nothingShown());
    }

    function test_fund_revertsWhenAPartIsTooSmall() public {
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooSmall.selector, 1e6, 12_500e6));
        desk.fund(12, 1e6, _nothingShown());
    }

    function test_fund_takesALaneOnlyForWhatCashDoesNotCover() public {
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooLarge.selector, _spot(0) / 1e6, 0));
        desk.fund(0, 1e6, _nothingShown());
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.CollateralUnknown.selector, 1));
        desk.fund(1, 1e6, _nothingShown());
    }

    /// The vault has tokens of lane 0 and a little cash, and its desk lacks more than that.
    /// @return part {ppm of a token} of what is lacking
    function _lackTokens() private returns (uint256 part) {
        _enrich(bob);
        _allocate2(_weights(1_000_000, 0, 0), 750_000);
        _buyLanes(1);
        _buyLanes(2);
        desk.fund(12, 200_000e6, _nothingShown());
        _lose(150_000e6);
        uint256 left = vault.balances()[12];
        uint256 lacking = vault.totalValue() / 1e12 * SHARE / 1e6 - uint256(_deskEquity()) - left;
        part = lacking * 1e12 / _spot(0);
    }

    /// D-4: beside others a token counts as the most when it is brought, and as the least when it comes back.
    function test_tokens_areAsUncertainOnTheirWayAsInTheAccount() public {
        uint256 part = _lackTokens() / 2;
        vm.prank(alice);
        vault.redeem(10_000e18, alice);
        uint256 cost = trades.costs().get(0);
        uint256 value = part * _spot(0) / 1e12;
        DeskReading memory reading = desk.read();
        (uint256 supply, uint256 held) = (desk.totalSupply(), vault.balances()[UNITS]);
        desk.fund(0, part, _nothingShown());
        uint256 lower = uint256(reading.equity) - reading.uncertainty;
        uint256 most = value + Math.ceilDiv(value * cost, 1e6);
        assertEq(vault.balances()[UNITS] - held, Math.mulDiv(most, supply, lower, Math.Rounding.Ceil));

        vm.prank(address(auctions));
        house.moveCash(second, deskAccount, 300_000e6);
        reading = desk.read();
        (supply, held) = (desk.totalSupply(), vault.balances()[UNITS]);
        desk.giveBack(0, part, _healthy());
        uint256 least = value - Math.ceilDiv(value * cost, 1e6);
        uint256 upper = uint256(reading.equity) + reading.uncertainty;
        assertEq(held - vault.balances()[UNITS], least * supply / upper);
    }

    /// What fund brings by live prices does not come back by the epoch's.
    function test_giveBack_leavesHealthAtLivePricesToo() public {
        _fundShare();
        _tradeDesk(0);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
        vm.prank(address(auctions));
        house.moveCash(second, deskAccount, 300_000e6);
        _move(0, 980_000);
        publisher.publish(prices);
        uint256 equity = uint256(_deskEquity());
        uint256 value = (equity - vault.totalValue() / 1e12 * SHARE / 1e6) / 10;
        // {ppm of a dollar} a requirement that is met to the next ppm, whatever the proven equity is
        uint256 most = (equity - value) * 1e6 / HEALTH;
        uint256 needed = Math.ceilDiv((most + 1) * HEALTH, 1e6);
        vm.expectRevert(
            abi.encodeWithSelector(IVaultDesk.HealthTooLow.selector, int256(equity - value), needed)
        );
        desk.giveBack(12, value, _proof(1e12, 1, most + 1));
        desk.giveBack(12, value, _proof(1e12, 1, most));
    }

    /// L-12: what others may have withdrawn for the account's tokens, the basket's dollars may pay.
    function test_fund_paysACalledDebt() public {
        _fundShare();
        _bring(second, 0, 300e6);
        vm.startPrank(address(auctions));
        house.moveCollateral(second, deskAccount, 0, 300e6);
        house.moveCash(deskAccount, second, 260_000e6);
        vm.stopPrank();
        vm.expectPartialRevert(IVaultDesk.ShareWithinBand.selector);
        desk.fund(12, 10_000e6, _nothingShown());
        auctions.callDebt(deskAccount, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooLarge.selector, 10_000e6 + 1, 10_000e6));
        desk.fund(12, 10_000e6 + 1, _nothingShown());
        desk.fund(12, 10_000e6, _nothingShown());
        assertEq(_cash(deskAccount), 0);
        vm.expectPartialRevert(IVaultDesk.ShareWithinBand.selector);
        desk.fund(12, 10_000e6, _nothingShown());
    }

    /// What a position has cost is no debt: of a called account that is long, its debt comes, and no more.
    function test_fund_paysNoMoreThanACalledDebt() public {
        _fundShare();
        _tradeDesk(0);
        _bring(second, 0, 300e6);
        uint256 taken = uint256(desk.read().owned) + 10_000e6;
        vm.startPrank(address(auctions));
        house.moveCash(deskAccount, second, taken);
        house.moveCollateral(second, deskAccount, 0, 300e6);
        vm.stopPrank();
        assertEq(desk.read().owned, -10_000e6);
        assertGt(-_cash(deskAccount), 200_000e6);
        auctions.callDebt(deskAccount, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooLarge.selector, 10_000e6 + 1, 10_000e6));
        desk.fund(12, 10_000e6 + 1, _nothingShown());
        desk.fund(12, 500e6, _nothingShown());
        desk.fund(12, 9_500e6, _nothingShown());
        vm.expectPartialRevert(IVaultDesk.ShareWithinBand.selector);
        desk.fund(12, 10_000e6, _nothingShown());
    }

    /// The last of the basket's cash may be less than a twentieth of what is missing.
    function test_fund_bringsTheLastCash() public {
        _lackTokens();
        (uint256 left, uint256 units) = (vault.balances()[12], vault.balances()[UNITS]);
        vm.prank(address(desk));
        vault.giveToDesk(12, left - 1_000e6, units);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooLarge.selector, 1_000e6 + 1, 1_000e6));
        desk.fund(12, 1_000e6 + 1, _nothingShown());
        desk.fund(12, 1_000e6, _nothingShown());
        assertEq(vault.balances()[12], 0);
    }

    /// A day's limit is a part of the vault's value: what came before a redemption does not count for more after it.
    function test_fund_countsADayByTheValueOfEachMoment() public {
        _fundShare();
        vm.prank(alice);
        vault.redeem(600_000e18, alice);
        _lose(200_000e6);
        uint256 held = desk.valueOf(vault.balances()[UNITS]) / 1e12;
        desk.fund(12, vault.totalValue() / 1e12 * SHARE / 1e6 - held, _nothingShown());
        _lose(150_000e6);
        held = desk.valueOf(vault.balances()[UNITS]) / 1e12;
        uint256 due = vault.totalValue() / 1e12 * SHARE / 1e6;
        vm.expectPartialRevert(IVaultDesk.DayLimitReached.selector);
        desk.fund(12, due - held, _nothingShown());
    }

    function test_fund_bringsLanesWhereThereIsNoCash() public {
        uint256 part = _lackTokens();
        vm.expectPartialRevert(IVaultDesk.PartTooLarge.selector);
        desk.fund(0, part + 1, _nothingShown());
        uint256 held = vault.balances()[0];
        desk.fund(0, part, _nothingShown());
        assertEq(vault.balances()[0], held - part * 1e2); // 8 decimals
        assertEq(house.accountWords(deskAccount).balance(0), part);
    }

    /// Bob sells lane 0 to the vault, at the mark.
    function _buyLanes(uint64 id) private {
        _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH / 2);
        publisher.publish(prices);
        vm.prank(bob);
        vault.bid(id, 0, type(uint128).max, 0, bob);
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH);
        _refreshFacts();
        _newEpoch(true);
    }

    function _allocate2(uint256 weights, uint256 exposure) private {
        _tick();
        _acceptRiskState(_volatilities(10_000));
        _allocate(weights, exposure);
    }

    function test_fund_revertsBeyondADaysLimit() public {
        _fundShare();
        // the account loses all it has to another, in the middle of the day
        _lose(200_000e6);
        _newEpoch(true);
        desk.fund(12, 150_000e6, _nothingShown());
        _lose(150_000e6);
        _newEpoch(true);
        uint256 due = vault.totalValue() / 1e12 * SHARE / 1e6 - uint256(_deskEquity());
        vm.expectPartialRevert(IVaultDesk.DayLimitReached.selector);
        desk.fund(12, due, _nothingShown());
        vm.warp(vm.getBlockTimestamp() / 1 days * 1 days + 1 days);
        _newEpoch(true);
        desk.fund(12, due, _nothingShown());
    }

    /// {ppm of a dollar} to bob, as a bad trade would.
    function _lose(uint256 amount) private {
        vm.prank(address(auctions));
        house.moveCash(deskAccount, second, amount);
    }

    function test_fund_showsARequirementWithoutAProof() public {
        _fundShare();
        _tradeDesk(0);
        _newEpoch(true);
        (uint256 scenario,) = _worst(deskAccount);
        (, uint256 requirement) = auctions.assess(deskAccount, scenario, epoch, provenWords);
        _lose(uint256(_deskEquity()) - requirement);
        // within the band of a tenth of the share nothing could come otherwise
        Shown memory shown = Shown(scenario, epoch, provenWords);
        int256 lacking = int256(requirement * HEALTH / 1e6) - _deskEquity();
        assertGt(lacking, 0);
        desk.fund(12, uint256(lacking), shown);
    }

    function test_giveBack_bringsWhatIsTooMuch() public {
        _fundShare();
        // the vault shrinks by a redemption, its part of the desk with it: nothing is too much
        vm.prank(alice);
        vault.redeem(500_000e18, alice);
        vm.expectPartialRevert(IVaultDesk.ShareWithinBand.selector);
        desk.giveBack(12, 1, _healthy());
        // the account wins
        vm.prank(address(auctions));
        house.moveCash(second, deskAccount, 100_000e6);
        uint256 before = vault.balances()[12];
        uint256 value = vault.totalValue();
        // half of the desk is alice's: 175,000 of 550,000 where 137,500 are due
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.PartTooLarge.selector, 37_500e6 + 1, 37_500e6));
        desk.giveBack(12, 37_500e6 + 1, _healthy());
        desk.giveBack(12, 37_500e6, _healthy());
        assertEq(vault.balances()[12], before + 37_500e6);
        assertGe(vault.totalValue() + 1e12, value);
    }

    function test_everything_restsWhileTheEpochIsStale() public {
        vm.warp(vm.getBlockTimestamp() + MAX_ARRAY_AGE + 1);
        publisher.publish(prices);
        vm.expectPartialRevert(IVaultDesk.EpochStale.selector);
        desk.fund(12, 1e6, _nothingShown());
        vm.expectPartialRevert(IVaultDesk.EpochStale.selector);
        desk.enter(1e6, 0, bob);
        vm.expectPartialRevert(IVaultDesk.EpochStale.selector);
        trades.open(0);
    }
}

contract VaultDeskUnitsTest is DeskFixture {
    using AccountWords for uint256[10];

    address private dave = makeAddr("dave");
    bytes32 private fourth;

    function setUp() public {
        _deployDesk();
        _fundShare();
        fourth = _account(dave, 3);
    }

    function _fundDave(uint256 amount) private {
        cash.mint(dave, amount);
        vm.prank(dave);
        cash.approve(address(desk), type(uint256).max);
    }

    function _leave(uint256 units) private {
        vm.startPrank(dave);
        exchange.expectSlice(fourth, deskAccount);
        desk.leave(units, fourth, _rich(), _rich());
        vm.stopPrank();
    }

    function test_redeem_givesUnitsInKind() public {
        _tradeDesk(0);
        vm.prank(alice);
        uint256[14] memory amounts = vault.redeem(100_000e18, dave);
        assertEq(amounts[UNITS], 25_000e18);
        assertEq(desk.balanceOf(dave), 25_000e18);
        assertEq(vault.balances()[UNITS], 225_000e18);
    }

    /// D-1: nothing of the house is asked.
    function test_redeem_needsNothingOfTheHouse() public {
        _tradeDesk(0);
        address[7] memory all = [
            address(house),
            address(exchange),
            address(gate),
            address(collateralHub),
            address(riskArrays),
            address(auctions),
            address(trades)
        ];
        for (uint256 i; i < all.length; ++i) {
            vm.etch(all[i], hex"fe");
        }
        for (uint256 lane; lane < 3; ++lane) {
            vm.etch(address(sources[lane]), hex"fe");
        }
        uint256 shares = vault.balanceOf(alice);
        vm.prank(alice);
        uint256[14] memory amounts = vault.redeem(shares, dave);
        assertEq(cash.balanceOf(dave), amounts[12]);
        assertEq(desk.balanceOf(dave), amounts[UNITS]);
        assertGt(amounts[UNITS], 249_999e18);
    }

    function test_mint_takesUnits() public {
        _fundDave(75_000e6);
        vm.startPrank(dave);
        cash.approve(address(vault), type(uint256).max);
        desk.approve(address(vault), type(uint256).max);
        vm.expectPartialRevert(0xe450d38c); // ERC20InsufficientBalance(address,uint256,uint256)
        vault.mint(100_000e18, dave);
        vm.stopPrank();
        _fundDave(25_000e6);
        vm.startPrank(dave);
        uint256 units = desk.enter(25_000e6, 0, dave);
        assertEq(units, 25_000e18);
        vault.mint(100_000e18, dave);
        vm.stopPrank();
        assertEq(vault.balances()[UNITS], 275_000e18);
        assertEq(desk.balanceOf(dave), 0);
    }

    /// Whoever enters pays at least what the units are worth, and gets no more than that by leaving.
    function testFuzz_enter_neverDilutes(uint256 amount, int256 moved) public {
        amount = bound(amount, 100e6, 1_000_000e6);
        _tradeDesk(0);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
        _move(0, uint256(1e6 + bound(moved, -40_000, 40_000)));
        publisher.publish(prices);
        _fundDave(amount);
        uint256 before = desk.valueOf(1e18);
        vm.prank(dave);
        uint256 units = desk.enter(amount, 0, dave);
        uint256 afterwards = desk.valueOf(1e18);
        assertGe(afterwards + 1, before);
        assertLe(desk.valueOf(units), amount * 1e12);

        _leave(units);
        // equity is read to a ppm of a dollar, down, so the same position may be read as one less
        uint256 ppm = Math.ceilDiv(1e12 * 1e18, desk.totalSupply());
        assertGe(desk.valueOf(1e18) + ppm, afterwards);
        assertLe(_worth(fourth), int256(amount));
    }

    /// {ppm of a dollar} of cash and the perpetual at the present price
    function _worth(bytes32 who) private view returns (int256) {
        uint256[10] memory words = house.accountWords(who);
        return words.cash() + words.quantityOf(0) * int256(_spot(0)) / 1e12;
    }

    function test_leave_givesTheFloorOfEverything() public {
        _tradeDesk(0);
        vm.prank(alice);
        uint256 units = vault.redeem(333_333e18, dave)[UNITS];
        uint256[10] memory words = house.accountWords(deskAccount);
        uint256 supply = desk.totalSupply();
        _leave(units);
        uint256[10] memory taken = house.accountWords(fourth);
        int256 quantity = words.quantityOf(0) * int256(units) / int256(supply);
        assertEq(taken.quantityOf(0), quantity);
        // what is owed is rounded up: cash is below 0 after buying
        int256 exact = words.cash() * int256(units);
        int256 owed = exact / int256(supply) - (exact % int256(supply) < 0 ? int256(1) : int256(0));
        assertEq(taken.cash(), owed);
        assertEq(_quantityOf(0), words.quantityOf(0) - quantity);
        assertEq(desk.totalSupply(), supply - units);
    }

    function test_leave_revertsWhenTheAccountIsNotTheSenders() public {
        vm.prank(alice);
        vault.redeem(1e18, dave);
        vm.prank(dave);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotOwner.selector, dave, second));
        desk.leave(1, second, _rich(), _rich());
    }

    function test_leave_revertsWhenTheDeskWouldBeUnhealthy() public {
        _tradeDesk(0);
        vm.prank(alice);
        uint256 units = vault.redeem(100_000e18, dave)[UNITS];
        vm.startPrank(dave);
        exchange.expectSlice(fourth, deskAccount);
        MarginProof memory weak = _proof(10, 5, 11);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, deskAccount, 10, 11));
        desk.leave(units, fourth, weak, _rich());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountUnhealthy.selector, fourth, 10, 11));
        desk.leave(units, fourth, _rich(), weak);
        vm.stopPrank();
    }

    /// Only cash: nobody has to prove anything.
    function test_leave_withoutAProofWhereTheAccountIsFree() public {
        vm.prank(alice);
        uint256 units = vault.redeem(100_000e18, dave)[UNITS];
        marginVerifier.refuseAll();
        _leave(units);
        MarginProof memory none;
        vm.startPrank(dave);
        house.withdraw(fourth, CASH_LANE, 25_000e6, EID, toBytes32(dave), "", none);
        vm.stopPrank();
        assertEq(cash.balanceOf(dave), 75_000e6 + 25_000e6);
    }

    /// A gift of units to the vault counts nothing for it, and of dollars to the account nothing until the desk would accept them.
    function test_gifts_changeNothing() public {
        vm.prank(alice);
        vault.redeem(1e18, dave);
        uint256 held = vault.balances()[UNITS];
        uint256 value = vault.totalValue();
        vm.prank(dave);
        desk.transfer(address(vault), 1e17);
        cash.mint(dave, 5e6);
        vm.startPrank(dave);
        cash.approve(address(gate), 5e6);
        gate.deposit(deskAccount, CASH_LANE, 5e6, "");
        vm.stopPrank();
        assertEq(vault.balances()[UNITS], held);
        assertEq(vault.totalValue(), value);
    }

    /// Others' units neither gain nor lose more than the uncertainty when the vault brings margin.
    function test_fund_besidesOthersIsPricedForTheVault() public {
        _tradeDesk(0);
        vm.prank(alice);
        vault.redeem(500_000e18, dave);
        _move(0, 850_000);
        vm.warp(vm.getBlockTimestamp() / 1 days * 1 days + 1 days);
        _refreshFacts();
        _newEpoch(true);
        uint256 before = vault.totalValue();
        uint256 others = desk.valueOf(desk.balanceOf(dave));
        uint256 lacking = before / 1e12 * SHARE / 1e6 - desk.valueOf(vault.balances()[UNITS]) / 1e12;
        desk.fund(12, lacking, _nothingShown());
        assertGe(vault.totalValue() + 1e12, before);
        assertLe(desk.valueOf(desk.balanceOf(dave)), others);
        assertGt(desk.valueOf(desk.balanceOf(dave)), others * 97 / 100);
    }
}

/// @dev A desk whose equity is less than what trading it may cost.
contract VaultDeskThinTest is DeskFixture {
    address private dave = makeAddr("dave");

    function setUp() public {
        _deployDesk();
        _fundShare();
        _tradeDesk(0);
        vm.prank(alice);
        vault.redeem(500_000e18, dave);
        vm.warp(vm.getBlockTimestamp() / 1 days * 1 days + 1 days);
        _refreshFacts();
        _newEpoch(true);
    }

    /// @param left {ppm of a dollar} of equity
    function _thin(uint256 left) private {
        uint256 lost = uint256(_deskEquity()) - left;
        vm.prank(address(auctions));
        house.moveCash(deskAccount, second, lost);
    }

    /// D-4: whoever cannot leave yet bears a tenth at most of what he has, and margin waits for nobody's units.
    function testFuzz_fund_dilutesOthersByATenthAtMost(uint256 left) public {
        left = bound(left, 1e6, desk.read().uncertainty * 2);
        _thin(left);
        uint256 others = desk.valueOf(desk.balanceOf(dave));
        uint256 before = vault.totalValue();
        uint256 lacking = before / 1e12 * SHARE / 1e6 - desk.valueOf(vault.balances()[UNITS]) / 1e12;
        desk.fund(12, lacking, _nothingShown());
        assertGe(desk.valueOf(desk.balanceOf(dave)), others * 9 / 10 - 1e12);
        assertLe(desk.valueOf(desk.balanceOf(dave)), others);
        assertGe(vault.totalValue() + 1e12, before);
    }

    function test_enter_waitsForMoreEquityThanUncertainty() public {
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
        uint256 uncertainty = desk.read().uncertainty;
        _thin(uncertainty);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.EquityMissing.selector, uncertainty));
        desk.enter(100e6, 0, dave);
    }
}

contract VaultDeskInsolventTest is DeskFixture {
    using AccountWords for uint256[10];

    address private dave = makeAddr("dave");

    function setUp() public {
        _deployDesk();
        _fundShare();
        _tradeDesk(0);
        vm.prank(alice);
        vault.redeem(400_000e18, dave);
        // over steps that the log's limit of a price allows
        for (uint256 i; i < 4; ++i) {
            _move(0, 830_000);
            _tick();
        }
        _newEpoch(true);
    }

    /// D-10: the basket pays nothing for the account's debt.
    function test_debt_isTheAccountsAlone() public {
        assertLt(_deskEquity(), 0);
        assertEq(vault.totalValue(), vault.balances()[12] * 1e12);
        assertEq(vault.balances()[12], 450_000e6);
        assertEq(desk.valueOf(1e18), 0);
        vm.expectPartialRevert(IVaultDesk.EquityMissing.selector);
        desk.fund(12, 10_000e6, _nothingShown());
        vm.expectPartialRevert(IVaultDesk.EquityMissing.selector);
        desk.enter(1_000e6, 0, bob);
        vm.prank(alice);
        vault.redeem(100_000e18, alice);
        assertEq(cash.balanceOf(alice), 75_000e6);
    }

    function test_nothing_isDoneWhileTheAccountIsLiquidated() public {
        uint256 auction = _start(deskAccount);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.AccountLiquidated.selector, auction));
        desk.fund(12, 1e6, _nothingShown());
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.AccountLiquidated.selector, auction));
        trades.open(0);
        bytes32 fourth = _account(dave, 0);
        vm.startPrank(dave);
        exchange.expectSlice(fourth, deskAccount);
        vm.expectRevert(abi.encodeWithSelector(IExchange.AccountLiquidated.selector, deskAccount));
        desk.leave(1e18, fourth, _rich(), _rich());
        vm.stopPrank();
        uint256 shares = vault.balanceOf(alice);
        vm.prank(alice);
        vault.redeem(shares, alice);
    }

    function test_renew_beginsAnewWhenAllIsSold() public {
        vm.expectRevert(IVaultDesk.AccountNotBare.selector);
        desk.renew();
        uint256 auction = _start(deskAccount);
        _bring(third, CASH_LANE, 10_000_000e6);
        _bid(auction, 1, 1e6, 0);
        assertTrue(house.accountWords(deskAccount).isEmpty());

        desk.renew();
        assertEq(desk.totalSupply(), 0);
        assertEq(desk.balanceOf(dave), 0);
        assertEq(vault.balances()[UNITS], 0);
        // minting asks for no units, redeeming gives none, and margin comes for the vault's holders alone
        vm.prank(alice);
        assertEq(vault.redeem(1e18, alice)[UNITS], 0);
        _newEpoch(true);
        _fundShare();
        assertEq(desk.balanceOf(address(vault)), desk.totalSupply());
        assertEq(desk.balanceOf(dave), 0);
    }
}
