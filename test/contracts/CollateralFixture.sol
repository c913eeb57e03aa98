// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Origin} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {
    EnforcedOptionParam
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppOptionsType3.sol";
import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralGate} from "../../contracts/clearing/CollateralGate.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {LossBook} from "../../contracts/clearing/LossBook.sol";
import {HouseConfig, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {IMarginTerms} from "../../contracts/interfaces/IMarginTerms.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {TransferMessage} from "../../contracts/libraries/TransferMessage.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";
import {LayerZeroPath} from "./LayerZeroPath.sol";
import {FailingToken} from "./OddTokens.sol";

/// @notice The hub's chain and two spokes over LayerZero's own contracts, a gate on each, and the real house. Nobody has a
/// position, so the house never asks its risk arrays, terms or verifier.
abstract contract CollateralFixture is LayerZeroPath {
    using AccountWords for uint256[10];

    uint256 internal constant CHAINS = 3;
    uint32 internal constant HUB_EID = 1;
    uint256 internal constant FAILING = 1;
    uint256 internal constant CASH = 12;
    uint128 internal constant PAYMENT_GAS = 500_000;
    uint128 internal constant DEPOSIT_GAS = 600_000;
    /// {ppm of a token per day}
    uint64 internal constant LIMIT = 1000e6;

    Node[CHAINS] internal nodes;
    CollateralGate[CHAINS] internal gates;
    CollateralHub internal hub;
    ClearingHouse internal house;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    bytes32 internal aliceAccount;
    bytes32 internal bobAccount;

    function _deployCollateral() internal {
        uint32[] memory spokes = new uint32[](2);
        (spokes[0], spokes[1]) = (2, 3);
        uint32[] memory toHub = new uint32[](1);
        toHub[0] = HUB_EID;
        nodes[0] = deployNode(HUB_EID, spokes);
        nodes[1] = deployNode(2, toHub);
        nodes[2] = deployNode(3, toHub);
        hub = new CollateralHub(address(nodes[0].endpoint), address(this));
        house = _makeHouse();
        hub.setHouse(house);
        for (uint256 chain; chain < CHAINS; ++chain) {
            gates[chain] = _makeGate(chain, _makeTokens());
        }
        (aliceAccount, bobAccount) = (house.accountOf(alice, 3), house.accountOf(bob, 0));
        vm.deal(alice, 1e30);
        vm.deal(bob, 1e30);
    }

    function _makeHouse() private returns (ClearingHouse) {
        HouseConfig memory config;
        config.arrays = IRiskArrays(makeAddr("arrays"));
        config.terms = IMarginTerms(makeAddr("terms"));
        (config.verifier, config.collateralHub) = (new AcceptAnyVerifier(), hub);
        (config.liquidation, config.backstop) =
        (makeAddr("liquidation"), bytes32(uint256(uint160(makeAddr("backstop"))) << 96));
        config.maxArrayAge = 1 hours;
        // a house and its loss book know each other
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        config.lossBook = new LossBook(next, config.liquidation);
        return new ClearingHouse(config);
    }

    /// Lane 0 has 8 decimals, lane 1 a token that can fail and 18, lane 12, cash, has 6.
    function _makeTokens() internal returns (address[13] memory tokens) {
        tokens[0] = address(new LocalToken("lane", "LANE", 8));
        tokens[FAILING] = address(new FailingToken());
        tokens[CASH] = address(new LocalToken("cash", "CASH", 6));
    }

    function _makeGate(uint256 chain, address[13] memory tokens) internal returns (CollateralGate gate) {
        gate = new CollateralGate(address(nodes[chain].endpoint), address(this), HUB_EID, tokens);
        gate.openPath(HUB_EID, toBytes32(address(hub)), _limits());
        hub.openPath(nodes[chain].eid, toBytes32(address(gate)), _limits());
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

    function _limits() internal pure returns (uint64[13] memory limits) {
        for (uint256 lane; lane < 13; ++lane) {
            limits[lane] = LIMIT;
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

    // --- what people do

    /// @param amount {ppm of a token}
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

    function _withdraw(bytes32 account, uint256 lane, uint256 amount, uint256 chain, address receiver)
        internal
        returns (Packet[] memory)
    {
        MarginProof memory none;
        uint256 fee = hub.quote(_eid(chain), "");
        vm.recordLogs();
        vm.prank(address(bytes20(account)));
        house.withdraw{value: fee}(account, lane, amount, _eid(chain), toBytes32(receiver), "", none);
        return sentPackets();
    }

    // --- what the house says

    /// @return {ppm of a token}, cash or collateral
    function _balance(bytes32 account, uint256 lane) internal view returns (uint256) {
        uint256[10] memory words = house.accountWords(account);
        return lane == CASH ? uint256(words.cash()) : words.balance(lane);
    }

    // --- what verifiers may claim

    function _payment(uint64 id, uint256 lane, uint256 amount, address receiver)
        internal
        view
        returns (Transfer memory)
    {
        return Transfer(id, lane, amount, toBytes32(receiver), toBytes32(address(house)));
    }

    /// A deposit as the gate sends it for its owner.
    function _transferTo(uint64 id, uint256 lane, uint256 amount, bytes32 account)
        internal
        pure
        returns (Transfer memory)
    {
        return Transfer(id, lane, amount, account, toBytes32(address(bytes20(account))));
    }

    /// A message that no contract has sent, which all verifiers of the path vouch for.
    function _forge(uint256 from, uint256 to, bytes memory message) internal returns (Packet memory packet) {
        address sender = from == 0 ? address(hub) : address(gates[from]);
        packet.receiver = to == 0 ? address(hub) : address(gates[to]);
        uint64 nonce = nodes[to].endpoint.inboundNonce(packet.receiver, _eid(from), toBytes32(sender)) + 1;
        packet.origin = Origin(_eid(from), toBytes32(sender), nonce);
        bytes memory path =
            abi.encodePacked(_eid(from), toBytes32(sender), _eid(to), toBytes32(packet.receiver));
        packet.header = abi.encodePacked(uint8(1), nonce, path);
        packet.guid = keccak256(abi.encodePacked(nonce, path));
        packet.message = message;
        packet.payloadHash = keccak256(abi.encodePacked(packet.guid, message));
        deliver(nodes[to], packet, PAYMENT_GAS);
    }

    function _forgeTransfer(uint256 from, uint256 to, Transfer memory transfer) internal {
        _forge(from, to, TransferMessage.encode(TransferMessage.KIND_TRANSFER, transfer));
    }
}
