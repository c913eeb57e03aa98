// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    EnforcedOptionParam
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppOptionsType3.sol";
import {CollateralGate} from "../../contracts/clearing/CollateralGate.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {TransferMessage} from "../../contracts/libraries/TransferMessage.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {LayerZeroPath} from "./LayerZeroPath.sol";

/// @notice The hub's chain and two spokes over LayerZero's own contracts, with a gate on each: how tokens come to a house and
/// leave it. The hub itself is whoever's who has the house.
abstract contract ThreeChains is LayerZeroPath {
    uint256 internal constant CHAINS = 3;
    uint32 internal constant HUB_EID = 1;
    /// a lane whose token can fail
    uint256 internal constant FAILING = 1;
    uint256 internal constant CASH = 12;
    uint128 internal constant PAYMENT_GAS = 500_000;
    uint128 internal constant DEPOSIT_GAS = 600_000;

    Node[CHAINS] internal nodes;
    CollateralGate[CHAINS] internal gates;

    /// @return hub on the first chain, owned by this contract, without a house or a path
    function _deployNodes() internal returns (CollateralHub hub) {
        uint32[] memory spokes = new uint32[](2);
        (spokes[0], spokes[1]) = (2, 3);
        uint32[] memory toHub = new uint32[](1);
        toHub[0] = HUB_EID;
        nodes[0] = deployNode(HUB_EID, spokes);
        nodes[1] = deployNode(2, toHub);
        nodes[2] = deployNode(3, toHub);
        hub = new CollateralHub(address(nodes[0].endpoint), address(this));
    }

    function _makeGate(CollateralHub hub, uint256 chain, address[13] memory tokens, uint64[13] memory limits)
        internal
        returns (CollateralGate gate)
    {
        gate = new CollateralGate(address(nodes[chain].endpoint), address(this), HUB_EID, tokens);
        gate.openPath(HUB_EID, toBytes32(address(hub)), limits);
        hub.openPath(nodes[chain].eid, toBytes32(address(gate)), limits);
        if (chain == 0) return gate;
        _enforce(hub, nodes[chain].eid, PAYMENT_GAS);
        _enforce(gate, HUB_EID, DEPOSIT_GAS);
    }

    function _enforce(CollateralPath path, uint32 eid, uint128 gas) internal {
        EnforcedOptionParam[] memory enforced = new EnforcedOptionParam[](2);
        enforced[0] = EnforcedOptionParam(eid, TransferMessage.KIND_TRANSFER, receiveOptions(gas));
        enforced[1] = EnforcedOptionParam(eid, TransferMessage.KIND_DENIAL, receiveOptions(200_000));
        path.setEnforcedOptions(enforced);
    }

    /// @param limit {ppm of a token per day} of every lane
    function _limitsOf(uint64 limit) internal pure returns (uint64[13] memory limits) {
        for (uint256 lane; lane < 13; ++lane) {
            limits[lane] = limit;
        }
    }

    function _eid(uint256 chain) internal pure returns (uint32) {
        return uint32(chain + 1);
    }

    function _token(uint256 chain, uint256 lane) internal view returns (LocalToken token) {
        (address at,) = gates[chain].tokenOf(lane);
        return LocalToken(at);
    }

    function _unit(uint256 chain, uint256 lane) internal view returns (uint256 unit) {
        (, unit) = gates[chain].tokenOf(lane);
    }

    /// @param amount {ppm of a token}
    /// @return what is on its way; nothing from the hub's own chain
    function _send(uint256 chain, address who, bytes32 account, uint256 lane, uint256 amount)
        internal
        returns (Packet[] memory)
    {
        uint256 units = amount * _unit(chain, lane);
        _token(chain, lane).mint(who, units);
        uint256 fee = gates[chain].quote(HUB_EID, "");
        vm.recordLogs();
        vm.startPrank(who);
        _token(chain, lane).approve(address(gates[chain]), units);
        gates[chain].deposit{value: fee}(account, lane, units, "");
        vm.stopPrank();
        return sentPackets();
    }

    /// A deposit by the account's owner that has arrived.
    function _deposit(uint256 chain, bytes32 account, uint256 lane, uint256 amount) internal {
        Packet[] memory packets = _send(chain, address(bytes20(account)), account, lane, amount);
        if (packets.length != 0) deliver(nodes[0], packets[0], DEPOSIT_GAS);
    }

    /// @param amount {ppm of a token}
    /// @return what is on its way; nothing to the hub's own chain
    function _withdraw(
        IClearingHouse from,
        bytes32 account,
        uint256 lane,
        uint256 amount,
        uint256 chain,
        address receiver,
        MarginProof memory proof
    ) internal returns (Packet[] memory) {
        uint256 fee = CollateralHub(address(from.collateralHub())).quote(_eid(chain), "");
        vm.recordLogs();
        vm.prank(address(bytes20(account)));
        from.withdraw{value: fee}(account, lane, amount, _eid(chain), toBytes32(receiver), "", proof);
        return sentPackets();
    }
}
