// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {CollateralFixture} from "./CollateralFixture.sol";

/// @notice Gas of what collateral costs on its way, each call a transaction of its own over LayerZero's own endpoint and
/// libraries. Deliveries are `lzReceive` of the endpoint: what an executor pays, and what receive options must cover.
/// forge-config: default.isolate = true
contract GasCollateralTest is CollateralFixture {
    function setUp() public {
        _deployCollateral();
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    function _receive(uint256 to, Packet memory packet) private {
        verifyAndCommit(nodes[to], packet);
        nodes[to].endpoint.lzReceive(packet.origin, packet.receiver, packet.guid, packet.message, "");
    }

    /// @dev The call itself is the last one, so that `_figure` is of it.
    function _bring(uint256 chain) private {
        uint256 fee = gates[chain].quote(HUB_EID, "");
        LocalToken token = _token(chain, CASH);
        token.mint(alice, 9e6);
        vm.prank(alice);
        token.approve(address(gates[chain]), 9e6);
        vm.recordLogs();
        vm.prank(alice);
        gates[chain].deposit{value: fee}(aliceAccount, CASH, 9e6, "");
    }

    function _take(uint256 chain) private {
        MarginProof memory none;
        uint256 fee = hub.quote(_eid(chain), "");
        vm.recordLogs();
        vm.prank(alice);
        house.withdraw{value: fee}(aliceAccount, CASH, 2e6, _eid(chain), toBytes32(bob), "", none);
    }

    /// The second of each: the first also makes what later ones find.
    function test_figures() public {
        for (uint256 i; i < 2; ++i) {
            _bring(1);
            if (i == 1) _figure("deposit, with its message", 420_000);
            _receive(0, sentPackets()[0]);
            _figure(i == 0 ? "lzReceive, an account's first deposit" : "lzReceive, a deposit", 250_000);
        }
        for (uint256 i; i < 2; ++i) {
            _take(1);
            if (i == 1) _figure("withdraw without positions, with its message", 420_000);
            _receive(1, sentPackets()[0]);
            if (i == 1) _figure("lzReceive, a payment", 200_000);
        }
    }

    function test_figures_onTheHubsChain() public {
        _bring(0);
        _bring(0);
        _figure("deposit on the hub's chain", 300_000);
        _take(0);
        _take(0);
        _figure("withdraw without positions, on the hub's chain", 300_000);
    }
}
