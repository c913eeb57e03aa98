// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CollateralGate} from "../../contracts/clearing/CollateralGate.sol";
import {ICollateralGate} from "../../contracts/interfaces/ICollateralGate.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {TokenTransfer} from "../../contracts/libraries/TokenTransfer.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {CollateralFixture} from "./CollateralFixture.sol";
import {CallingToken, FailingToken, FeeToken, SilentToken} from "./OddTokens.sol";

contract CollateralGateTest is CollateralFixture {
    function setUp() public {
        _deployCollateral();
    }

    /// A gate on a spoke whose lane 5 has another token.
    function _gateWith(address token) private returns (CollateralGate gate) {
        address[13] memory tokens;
        tokens[5] = token;
        gate = new CollateralGate(address(nodes[1].endpoint), address(this), HUB_EID, tokens);
    }

    /// The spoke whose end is replaced by one with such a token, wired to a hub that knows it.
    function _spokeWith(address token) private returns (CollateralGate gate) {
        address[13] memory tokens;
        tokens[5] = token;
        // the paths of chains 1 and 2 are taken; the hub's own chain and these are all there are, so a new hub
        _deployCollateral();
        gate = new CollateralGate(address(nodes[1].endpoint), address(this), HUB_EID, tokens);
        gate.openPath(HUB_EID, toBytes32(address(hub)), _limits());
        _enforce(gate, HUB_EID, DEPOSIT_GAS);
        gates[1] = gate;
    }

    function _bring(CollateralGate gate, address token, uint256 units) private returns (uint64 id) {
        uint256 fee = gate.quote(HUB_EID, "");
        LocalToken(token).mint(alice, units);
        vm.startPrank(alice);
        SilentToken(token).approve(address(gate), units); // asks for no answer
        id = gate.deposit{value: fee}(aliceAccount, 5, units, "");
        vm.stopPrank();
    }

    // --- deposits

    /// Deposit on a spoke, credit on the hub, withdrawal, payment on the same spoke.
    function test_deposit_thenWithdraw_acrossTwoChains() public {
        _deposit(1, aliceAccount, CASH, 700e6);
        assertEq(_balance(aliceAccount, CASH), 700e6);
        assertEq(hub.held(2, CASH), 700e6);
        assertEq(gates[1].escrow(CASH), 700e6);

        Packet memory packet = _withdraw(aliceAccount, CASH, 300e6, 1, bob)[0];
        assertEq(_balance(aliceAccount, CASH), 400e6, "it leaves the ledger first");
        assertEq(hub.held(2, CASH), 400e6);
        assertEq(_token(1, CASH).balanceOf(bob), 0);
        deliver(nodes[1], packet, PAYMENT_GAS);
        assertEq(_token(1, CASH).balanceOf(bob), 300e6);
        assertEq(gates[1].escrow(CASH), 400e6);
    }

    /// On the hub's chain both ways are calls, and the same is counted.
    function test_deposit_thenWithdraw_onTheHubsChain() public {
        assertEq(_send(0, alice, aliceAccount, 0, 2e6).length, 0, "no message");
        assertEq(_balance(aliceAccount, 0), 2e6);
        assertEq(hub.held(HUB_EID, 0), 2e6);
        assertEq(_withdraw(aliceAccount, 0, 2e6, 0, bob).length, 0);
        assertEq(_token(0, 0).balanceOf(bob), 2e8);
        assertEq(hub.held(HUB_EID, 0), 0);
        assertEq(gates[0].escrow(0), 0);
        assertEq(hub.delivered(HUB_EID, 1), gates[0].sent(HUB_EID, 1));
        assertEq(gates[0].delivered(HUB_EID, 1), hub.sent(HUB_EID, 1));
    }

    /// What is less than 1 ppm of a token stays with the depositor.
    function testFuzz_deposit_takesWholePpmOnly(uint256 units) public {
        units = bound(units, 1e12, 1e21);
        LocalToken token = _token(0, FAILING);
        token.mint(alice, units);
        vm.startPrank(alice);
        token.approve(address(gates[0]), units);
        gates[0].deposit(aliceAccount, FAILING, units, "");
        vm.stopPrank();
        assertEq(token.balanceOf(alice), units % 1e12);
        assertEq(gates[0].escrow(FAILING), units / 1e12);
        assertEq(_balance(aliceAccount, FAILING), units / 1e12);
    }

    function test_deposit_revertsWhenBelowOnePpm() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.AmountOutOfRange.selector, 0));
        vm.prank(alice);
        gates[1].deposit(aliceAccount, FAILING, 1e12 - 1, "");
    }

    function test_deposit_revertsWhenAmountOutOfRange() public {
        LocalToken token = _token(1, CASH);
        token.mint(alice, 1 << 62);
        vm.startPrank(alice);
        token.approve(address(gates[1]), 1 << 62);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.AmountOutOfRange.selector, 1 << 62));
        gates[1].deposit(aliceAccount, CASH, 1 << 62, "");
        vm.stopPrank();
    }

    function test_deposit_revertsWhenLaneOrAccountIsNone() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LaneUnknown.selector, 13));
        gates[1].deposit(aliceAccount, 13, 1e6, "");
        vm.expectRevert(abi.encodeWithSelector(ICollateralGate.LaneWithoutToken.selector, 2));
        gates[1].deposit(aliceAccount, 2, 1e6, "");
        bytes32 nobody = bytes32(uint256(type(uint96).max));
        vm.expectRevert(abi.encodeWithSelector(ICollateralGate.AccountInvalid.selector, nobody));
        gates[1].deposit(nobody, CASH, 1e6, "");
    }

    /// The depositor that the hub hears of is the caller, never a word of the caller's.
    function test_deposit_byAnybodyElseWaits() public {
        deliver(nodes[0], _send(1, bob, aliceAccount, CASH, 5e6)[0], DEPOSIT_GAS);
        assertEq(_balance(aliceAccount, CASH), 0);
        assertEq(house.waiting(aliceAccount, CASH), 5e6);
        vm.prank(alice);
        house.accept(aliceAccount, CASH);
        assertEq(_balance(aliceAccount, CASH), 5e6);
    }

    function test_deposit_takesTheFeeAndReturnsTheRest() public {
        LocalToken token = _token(1, CASH);
        token.mint(alice, 1e6);
        uint256 fee = gates[1].quote(HUB_EID, "");
        assertEq(fee, VERIFIER_FEE + EXECUTOR_FEE + uint256(DEPOSIT_GAS) * EXECUTOR_GAS_PRICE);
        uint256 before = alice.balance;
        vm.startPrank(alice);
        token.approve(address(gates[1]), 1e6);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.FeeAboveValue.selector, fee, fee - 1));
        gates[1].deposit{value: fee - 1}(aliceAccount, CASH, 1e6, "");
        gates[1].deposit{value: fee + 77}(aliceAccount, CASH, 1e6, "");
        vm.stopPrank();
        assertEq(before - alice.balance, fee);
        assertEq(address(gates[1]).balance, 0);
    }

    /// Gifts are nobody's: neither the escrow nor what a message may pay changes.
    function test_gift_changesNothing() public {
        _deposit(1, aliceAccount, CASH, 10e6);
        _token(1, CASH).mint(address(gates[1]), 1);
        assertEq(gates[1].escrow(CASH), 10e6);
        _forgeTransfer(0, 1, _payment(1, CASH, 10e6 + 1, bob));
        assertEq(_token(1, CASH).balanceOf(bob), 10e6, "never more than came in as deposits");
        assertEq(gates[1].waiting(HUB_EID, 1).left, 1);
    }

    // --- odd tokens

    function test_deposit_refusesAFeeOnTransfer() public {
        FeeToken token = new FeeToken();
        CollateralGate gate = _gateWith(address(token));
        token.mint(alice, 1e18);
        vm.startPrank(alice);
        token.approve(address(gate), 1e18);
        vm.expectRevert(abi.encodeWithSelector(TokenTransfer.TransferNotExact.selector, token, 1e18, 0.99e18));
        gate.deposit(aliceAccount, 5, 1e18, "");
        vm.stopPrank();
    }

    function test_silentToken_comesInAndGoesOut() public {
        SilentToken token = new SilentToken();
        CollateralGate gate = _spokeWith(address(token));
        vm.recordLogs();
        _bring(gate, address(token), 3e18);
        assertEq(token.balanceOf(address(gate)), 3e18);
        assertEq(sentPackets().length, 1);
        _forgeTransfer(0, 1, _payment(1, 5, 3e6, bob));
        assertEq(token.balanceOf(bob), 3e18);
    }

    function test_constructor_decimals() public {
        for (uint8 decimals; decimals < 40; ++decimals) {
            address token = address(new LocalToken("", "", decimals));
            if (decimals < 6 || decimals > 30) {
                vm.expectRevert(
                    abi.encodeWithSelector(ICollateralGate.DecimalsOutOfBounds.selector, token, decimals)
                );
                _gateWith(token);
            } else {
                (address of_, uint256 unit) = _gateWith(token).tokenOf(5);
                assertEq(of_, token);
                assertEq(unit * 1e6, 10 ** decimals);
            }
        }
    }

    /// Whatever a token does when it should pay, the payment is kept for its receiver, who takes it to any address, once.
    function test_payment_isKeptWhenTheTokenFails() public {
        _deposit(1, aliceAccount, FAILING, 60e6);
        FailingToken token = FailingToken(address(_token(1, FAILING)));
        for (uint256 manner = 1; manner < 6; ++manner) {
            token.behave(FailingToken.Manner(manner));
            deliver(nodes[1], _withdraw(aliceAccount, FAILING, 10e6, 1, bob)[0], PAYMENT_GAS);
            assertEq(gates[1].claimable(bob, FAILING), 10e6 * manner);
            assertEq(gates[1].escrow(FAILING), 60e6 - 10e6 * manner);
            assertEq(token.balanceOf(bob), 0);
        }
        token.behave(FailingToken.Manner.Reverts);
        vm.prank(bob);
        vm.expectRevert(bytes("no"));
        gates[1].claim(FAILING, bob);
        assertEq(gates[1].claimable(bob, FAILING), 50e6, "a claim that fails takes nothing");

        token.behave(FailingToken.Manner.Fine);
        address elsewhere = makeAddr("elsewhere");
        vm.startPrank(bob);
        assertEq(gates[1].claim(FAILING, elsewhere), 50e6);
        vm.expectRevert(abi.encodeWithSelector(ICollateralGate.NothingClaimable.selector, bob, FAILING));
        gates[1].claim(FAILING, elsewhere);
        vm.stopPrank();
        assertEq(token.balanceOf(elsewhere), 50e18);
        // and the next one is paid
        deliver(nodes[1], _withdraw(aliceAccount, FAILING, 10e6, 1, bob)[0], PAYMENT_GAS);
        assertEq(token.balanceOf(bob), 10e18);
    }

    function test_claim_onlyTheReceivers() public {
        _deposit(1, aliceAccount, FAILING, 10e6);
        FailingToken(address(_token(1, FAILING))).behave(FailingToken.Manner.Reverts);
        deliver(nodes[1], _withdraw(aliceAccount, FAILING, 10e6, 1, bob)[0], PAYMENT_GAS);
        vm.expectRevert(abi.encodeWithSelector(ICollateralGate.NothingClaimable.selector, alice, FAILING));
        vm.prank(alice);
        gates[1].claim(FAILING, alice);
    }

    /// A token that calls back finds every door shut, on its way in and out.
    function test_reentrantToken_findsDoorsShut() public {
        CallingToken token = new CallingToken();
        CollateralGate gate = _spokeWith(address(token));
        bytes[3] memory calls;
        calls[0] = abi.encodeCall(gate.deposit, (aliceAccount, 5, 1e18, ""));
        calls[1] = abi.encodeCall(gate.claim, (5, alice));
        calls[2] = abi.encodeCall(gate.process, (HUB_EID, new Transfer[](0)));
        for (uint256 i; i < 3; ++i) {
            token.onMove(address(gate), calls[i]);
            _bring(gate, address(token), 1e18);
            assertFalse(token.lastCallSucceeded());
            assertEq(bytes4(token.lastCallReturned()), bytes4(keccak256("ReentrancyGuardReentrantCall()")));
            _forgeTransfer(0, 1, _payment(uint64(i + 1), 5, 1e6, bob));
            assertFalse(token.lastCallSucceeded());
            assertEq(bytes4(token.lastCallReturned()), bytes4(keccak256("ReentrancyGuardReentrantCall()")));
        }
        assertEq(gate.escrow(5), 0);
        assertEq(token.balanceOf(bob), 3e18);
    }

    // --- gas

    /// Whoever executes a payment with too little gas reverts it and leaves no claim behind; with enough it is paid.
    function testFuzz_payment_cannotBeStarved(uint256 gas) public {
        _deposit(1, aliceAccount, CASH, 10e6);
        Packet memory packet = _withdraw(aliceAccount, CASH, 10e6, 1, bob)[0];
        verifyAndCommit(nodes[1], packet);
        gas = bound(gas, 50_000, PAYMENT_GAS);
        try nodes[1].endpoint.lzReceive{gas: gas}(
            packet.origin, packet.receiver, packet.guid, packet.message, ""
        ) {
            assertEq(_token(1, CASH).balanceOf(bob), 10e6);
        } catch {
            assertEq(_token(1, CASH).balanceOf(bob), 0);
            execute(nodes[1], packet, PAYMENT_GAS);
            assertEq(_token(1, CASH).balanceOf(bob), 10e6);
        }
        assertEq(gates[1].claimable(bob, CASH), 0);
    }
}
