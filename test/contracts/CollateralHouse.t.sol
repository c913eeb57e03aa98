// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralHub} from "../../contracts/interfaces/ICollateralHub.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {HouseFixture} from "./HouseFixture.sol";
import {ThreeChains} from "./ThreeChains.sol";

/// @notice The house with facts, risk arrays and terms, the hub and two spokes: deposits and withdrawals of accounts that
/// trade.
contract CollateralHouseTest is HouseFixture, ThreeChains {
    CollateralHub private collateralHub;

    function setUp() public {
        collateralHub = _deployNodes();
        _deployHouseOver(collateralHub);
        collateralHub.setHouse(house);
        for (uint256 chain; chain < CHAINS; ++chain) {
            address[13] memory tokens;
            tokens[CASH] = address(new LocalToken("dollar", "USD", 6));
            gates[chain] = _makeGate(collateralHub, chain, tokens, _limitsOf(1e14));
        }
        vm.deal(alice, 1e30);
        vm.deal(bob, 1e30);
    }

    function _take(uint256 chain, bytes32 account, uint256 amount, MarginProof memory proof)
        private
        returns (Packet[] memory)
    {
        return _withdraw(house, account, CASH, amount, chain, address(bytes20(account)), proof);
    }

    /// Deposit on a spoke, message, credit, withdrawal without a position or a proof, message, payment.
    function test_withdraw_withoutPositions() public {
        _deposit(1, first, CASH, 1000e6);
        assertEq(_cash(first), 1000e6);
        MarginProof memory none;
        Packet[] memory packets = _take(1, first, 1000e6, none);
        assertEq(_cash(first), 0);
        deliver(nodes[1], packets[0], PAYMENT_GAS);
        assertEq(_token(1, CASH).balanceOf(alice), 1000e6);
        assertEq(collateralHub.held(2, CASH), 0);
    }

    /// Two deposit on two spokes and trade; one takes out on the other's chain, within what a proof allows.
    function test_withdraw_withPositions_onAnotherChain() public {
        _deposit(1, first, CASH, 300_000e6);
        _deposit(2, second, CASH, 300_000e6);
        _trade(first, second, PERPETUAL, 1e6, _spot(0));
        uint256 total = uint256(_cash(first) + _cash(second) + _cash(backstop));
        assertEq(total, 600_000e6, "a trade moves cash between accounts and brings none");

        MarginProof memory poor = _proof(10e6, 1, 20e6);
        uint256 fee = collateralHub.quote(3, "");
        vm.expectPartialRevert(IClearingHouse.AccountUnhealthy.selector);
        vm.prank(alice);
        house.withdraw{value: fee}(first, CASH, 1e6, 3, toBytes32(alice), "", poor);

        int256 before = _cash(first);
        Packet[] memory packets = _take(2, first, 20_000e6, _rich());
        assertEq(_cash(first), before - 20_000e6);
        deliver(nodes[2], packets[0], PAYMENT_GAS);
        assertEq(_token(2, CASH).balanceOf(alice), 20_000e6);
        assertEq(collateralHub.held(2, CASH) + collateralHub.held(3, CASH), 580_000e6);
        assertEq(uint256(_cash(first) + _cash(second) + _cash(backstop)), 580_000e6);
    }

    /// Nothing lies on the third chain, so nothing is paid there and the account keeps what it has.
    function test_withdraw_revertsWhereNothingLies() public {
        _deposit(1, first, CASH, 1000e6);
        MarginProof memory none;
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.EscrowMissing.selector, HUB_EID, CASH, 1, 0));
        vm.prank(alice);
        house.withdraw(first, CASH, 1, HUB_EID, toBytes32(alice), "", none);
        assertEq(_cash(first), 1000e6);
    }
}
