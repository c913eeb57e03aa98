// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    EnforcedOptionParam
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppOptionsType3.sol";
import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralGate} from "../../contracts/clearing/CollateralGate.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {LossBook} from "../../contracts/clearing/LossBook.sol";
import {MarginTerms} from "../../contracts/clearing/MarginTerms.sol";
import {RiskArrays} from "../../contracts/clearing/RiskArrays.sol";
import {SettlementPrices} from "../../contracts/facts/SettlementPrices.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralHub} from "../../contracts/interfaces/ICollateralHub.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";
import {CountingHub, HouseFixture, MoodySource} from "./HouseFixture.sol";
import {LayerZeroPath} from "./LayerZeroPath.sol";

/// @notice The house with facts, risk arrays and terms, the hub and two spokes: deposits and withdrawals of accounts that
/// trade.
contract CollateralHouseTest is HouseFixture, LayerZeroPath {
    uint32 private constant HUB_EID = 1;
    uint128 private constant GAS = 800_000;

    Node[3] private nodes;
    CollateralGate[3] private gates;
    CollateralHub private collateralHub;

    function setUp() public {
        uint32[] memory spokes = new uint32[](2);
        (spokes[0], spokes[1]) = (2, 3);
        uint32[] memory toHub = new uint32[](1);
        toHub[0] = HUB_EID;
        nodes[0] = deployNode(HUB_EID, spokes);
        nodes[1] = deployNode(2, toHub);
        nodes[2] = deployNode(3, toHub);
        collateralHub = new CollateralHub(address(nodes[0].endpoint), address(this));
        _deployHouseOver(collateralHub);
        collateralHub.setHouse(house);
        for (uint256 chain; chain < 3; ++chain) {
            _deployGate(chain);
        }
        vm.deal(alice, 1e30);
        vm.deal(bob, 1e30);
    }

    /// As `_deployHouse`, with the real hub in the seat of the one that counts.
    function _deployHouseOver(CollateralHub over) private {
        (, aliceKey) = makeAddrAndKey("alice");
        (, bobKey) = makeAddrAndKey("bob");
        _deployFacts(3);
        _observeWindow();
        _acceptRiskState(_volatilities(10_000));
        _deployVolatilityLog();
        _reportAll();
        settlementPrices = new SettlementPrices(observationLog, SETTLEMENT_WINDOW, SETTLEMENT_COUNT);
        riskArrays = new RiskArrays(_riskArraysConfig());
        moody = new MoodySource(1e18);
        terms = new MarginTerms(riskArrays, governor, TERMS_DELAY, _lanes(), _marginTerms());
        hub = CountingHub(address(over));
        marginVerifier = new AcceptAnyVerifier();
        backstop = _account(makeAddr("backstop"), 0);
        lossBook = new LossBook(_nextButOne(), liquidation);
        house = new ClearingHouse(_houseConfig());
        vm.prank(governor);
        riskArrays.setHouse(address(house));
        _listSoon();
        _epoch();
        (first, second) = (_account(alice, 7), _account(bob, 0));
    }

    function _deployGate(uint256 chain) private {
        uint64[13] memory limits;
        for (uint256 lane; lane < 13; ++lane) {
            limits[lane] = 1e14;
        }
        address[13] memory tokens;
        tokens[CASH_LANE] = address(new LocalToken("dollar", "USD", 6));
        gates[chain] = new CollateralGate(address(nodes[chain].endpoint), address(this), HUB_EID, tokens);
        gates[chain].openPath(HUB_EID, toBytes32(address(collateralHub)), limits);
        collateralHub.openPath(nodes[chain].eid, toBytes32(address(gates[chain])), limits);
        if (chain == 0) return;
        _enforce(gates[chain], HUB_EID);
        _enforce(collateralHub, nodes[chain].eid);
    }

    function _enforce(CollateralPath path, uint32 eid) private {
        EnforcedOptionParam[] memory enforced = new EnforcedOptionParam[](1);
        enforced[0] = EnforcedOptionParam(eid, 1, receiveOptions(GAS));
        path.setEnforcedOptions(enforced);
    }

    function _dollar(uint256 chain) private view returns (LocalToken) {
        (address token,) = gates[chain].tokenOf(CASH_LANE);
        return LocalToken(token);
    }

    function _bring(uint256 chain, bytes32 account, uint256 amount) private {
        address owner = address(bytes20(account));
        LocalToken dollar = _dollar(chain);
        dollar.mint(owner, amount);
        uint256 fee = gates[chain].quote(HUB_EID, "");
        vm.recordLogs();
        vm.startPrank(owner);
        dollar.approve(address(gates[chain]), amount);
        gates[chain].deposit{value: fee}(account, CASH_LANE, amount, "");
        vm.stopPrank();
        Packet[] memory packets = sentPackets();
        if (packets.length != 0) deliver(nodes[0], packets[0], GAS);
    }

    function _take(uint256 chain, bytes32 account, uint256 amount, MarginProof memory proof)
        private
        returns (Packet[] memory)
    {
        uint32 eid = nodes[chain].eid;
        uint256 fee = collateralHub.quote(eid, "");
        address owner = address(bytes20(account));
        vm.recordLogs();
        vm.prank(owner);
        house.withdraw{value: fee}(account, CASH_LANE, amount, eid, toBytes32(owner), "", proof);
        return sentPackets();
    }

    /// Deposit on a spoke, message, credit, withdrawal without a position or a proof, message, payment.
    function test_withdraw_withoutPositions() public {
        _bring(1, first, 1000e6);
        assertEq(_cash(first), 1000e6);
        MarginProof memory none;
        Packet[] memory packets = _take(1, first, 1000e6, none);
        assertEq(_cash(first), 0);
        deliver(nodes[1], packets[0], GAS);
        assertEq(_dollar(1).balanceOf(alice), 1000e6);
        assertEq(collateralHub.held(2, CASH_LANE), 0);
    }

    /// Two deposit on two spokes and trade; one takes out on the other's chain, within what a proof allows.
    function test_withdraw_withPositions_onAnotherChain() public {
        _bring(1, first, 300_000e6);
        _bring(2, second, 300_000e6);
        _trade(first, second, PERPETUAL, 1e6, _spot(0));
        uint256 total = uint256(_cash(first) + _cash(second) + _cash(backstop));
        assertEq(total, 600_000e6, "a trade moves cash between accounts and brings none");

        MarginProof memory poor = _proof(10e6, 1, 20e6);
        uint256 fee = collateralHub.quote(3, "");
        vm.expectPartialRevert(IClearingHouse.AccountUnhealthy.selector);
        vm.prank(alice);
        house.withdraw{value: fee}(first, CASH_LANE, 1e6, 3, toBytes32(alice), "", poor);

        int256 before = _cash(first);
        Packet[] memory packets = _take(2, first, 20_000e6, _rich());
        assertEq(_cash(first), before - 20_000e6);
        deliver(nodes[2], packets[0], GAS);
        assertEq(_dollar(2).balanceOf(alice), 20_000e6);
        assertEq(collateralHub.held(2, CASH_LANE) + collateralHub.held(3, CASH_LANE), 580_000e6);
        assertEq(uint256(_cash(first) + _cash(second) + _cash(backstop)), 580_000e6);
    }

    /// Nothing lies on the third chain, so nothing is paid there and the account keeps what it has.
    function test_withdraw_revertsWhereNothingLies() public {
        _bring(1, first, 1000e6);
        MarginProof memory none;
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralHub.EscrowMissing.selector, HUB_EID, CASH_LANE, 1, 0)
        );
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, 1, HUB_EID, toBytes32(alice), "", none);
        assertEq(_cash(first), 1000e6);
    }
}
