// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Origin} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {LossBook} from "../../contracts/clearing/LossBook.sol";
import {HouseConfig, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {IMarginTerms} from "../../contracts/interfaces/IMarginTerms.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {TransferMessage} from "../../contracts/libraries/TransferMessage.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";
import {FailingToken} from "./OddTokens.sol";
import {ThreeChains} from "./ThreeChains.sol";

/// @notice Three chains and the real house. Nobody has a position, so the house never asks its risk arrays, terms or verifier.
abstract contract CollateralFixture is ThreeChains {
    using AccountWords for uint256[10];

    /// {ppm of a token per day}
    uint64 internal constant LIMIT = 1000e6;

    CollateralHub internal hub;
    ClearingHouse internal house;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    bytes32 internal aliceAccount;
    bytes32 internal bobAccount;

    function _deployCollateral() internal {
        hub = _deployNodes();
        house = _makeHouse();
        hub.setHouse(house);
        for (uint256 chain; chain < CHAINS; ++chain) {
            gates[chain] = _makeGate(hub, chain, _makeTokens(), _limits());
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
        config.solvencyVerifier = config.verifier;
        config.exchange = makeAddr("exchange");
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

    function _limits() internal pure returns (uint64[13] memory) {
        return _limitsOf(LIMIT);
    }

    // --- what people do

    function _withdraw(bytes32 account, uint256 lane, uint256 amount, uint256 chain, address receiver)
        internal
        returns (Packet[] memory)
    {
        MarginProof memory none;
        return _withdraw(house, account, lane, amount, chain, receiver, none);
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
