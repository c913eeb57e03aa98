// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CollateralGate} from "../../contracts/clearing/CollateralGate.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Order, Side} from "../../contracts/interfaces/IExchange.sol";
import {MandateWords, VaultConfig} from "../../contracts/interfaces/IParityVault.sol";
import {DeskConfig, IVaultDesk, Shown} from "../../contracts/interfaces/IVaultDesk.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {DeskAuctions} from "../../contracts/vault/DeskAuctions.sol";
import {ParityVault} from "../../contracts/vault/ParityVault.sol";
import {VaultDesk} from "../../contracts/vault/VaultDesk.sol";
import {LayerZeroPath} from "./LayerZeroPath.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// @notice A vault of three lanes with a desk, over the real house, liquidation, hub and the hub chain's own gate; only the verifiers
/// are AcceptAnyVerifier. Lanes 0 and 2 are collateral, each lane has a perpetual: series 0, 16 and 32.
abstract contract DeskFixture is LiquidationFixture, LayerZeroPath {
    using AccountWords for uint256[10];
    using Lanes for uint256;

    uint64 internal constant LIMIT = 1e15;
    uint64 internal constant DESK_WARM_UP = 2 minutes;
    uint64 internal constant DESK_LENGTH = 30 minutes;
    /// {ppm} below the range of every lane
    uint256 internal constant LEAST_COST = 6_000;
    uint256 internal constant SHARE = 250_000; // 25 %
    uint256 internal constant HEALTH = 1_300_000;
    uint256 internal constant UNITS = 13;
    /// {ppm}
    uint256 internal constant EXPOSURE = 1_500_000; // 150 %

    CollateralHub internal collateralHub;
    CollateralGate internal gate;
    DeskAuctions internal trades;
    VaultDesk internal desk;
    bytes32 internal deskAccount;
    uint256 private dealt;

    /// The vault of 1,000,000 dollars in cash, which alice owns, has an allocation of 150 %.
    function _deployDesk() internal {
        Node memory node = deployNode(EID, new uint32[](0));
        collateralHub = new CollateralHub(address(node.endpoint), address(this));
        _deployLiquidationOver(collateralHub);
        collateralHub.setHouse(house);
        _listPerpetual(1);
        _listArray(2, 2);
        _listPerpetual(2);
        _deployTokens();
        gate = new CollateralGate(address(node.endpoint), address(this), EID, _gateTokens());
        uint64[13] memory limits;
        for (uint256 lane; lane < 13; ++lane) {
            limits[lane] = LIMIT;
        }
        gate.openPath(EID, toBytes32(address(collateralHub)), limits);
        collateralHub.openPath(EID, toBytes32(address(gate)), limits);

        address coming = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        vault = new ParityVault(_configWith(IVaultDesk(coming)), _leveraged(1));
        trades = new DeskAuctions(vault, house, DESK_WARM_UP, DESK_LENGTH, LEAST_COST);
        desk = new VaultDesk(DeskConfig(trades, gate, SHARE, HEALTH));
        deskAccount = desk.account();
        _seedCash(1_000_000);
        _newEpoch(true);
        _allocate(_weights(400_000, 300_000, 300_000), EXPOSURE);
        _bring(second, CASH_LANE, 100_000_000e6);
    }

    function _gateTokens() private view returns (address[13] memory taken) {
        (taken[0], taken[1], taken[CASH_LANE]) = (address(tokens[0]), address(tokens[2]), address(cash));
    }

    function _configWith(IVaultDesk with) internal view returns (VaultConfig memory config) {
        config = _config();
        config.desk = with;
    }

    function _leveraged(uint256 version) internal view returns (MandateWords memory mandate) {
        mandate = _mandate(version);
        uint256 before = mandate.terms.get(Protocol.TERM_MAX_EXPOSURE);
        mandate.terms += (1_600_000 - before) << (Protocol.LANE_BITS * Protocol.TERM_MAX_EXPOSURE);
    }

    // --- tokens

    /// A deposit from the owner, through the gate.
    /// @param part {ppm of a token}
    function _bring(bytes32 account, uint256 lane, uint256 part) internal {
        address owner = address(bytes20(account));
        (address token, uint256 unit) = gate.tokenOf(lane);
        deal(token, owner, part * unit);
        vm.startPrank(owner);
        // every token here is a LocalToken
        cash.approve(address(gate), type(uint256).max);
        tokens[0].approve(address(gate), type(uint256).max);
        tokens[2].approve(address(gate), type(uint256).max);
        gate.deposit(account, lane, part * unit, "");
        vm.stopPrank();
    }

    // --- the desk

    function _nothingShown() internal pure returns (Shown memory shown) {}

    /// All that the share asks for, in cash.
    function _fundShare() internal {
        desk.fund(12, vault.totalValue() / 1e12 * SHARE / 1e6, _nothingShown());
    }

    /// {D18} of the basket and its part of the desk
    function _value() internal view returns (uint256) {
        return vault.totalValue();
    }

    /// {ppm of a dollar}
    function _deskEquity() internal view returns (int256) {
        return desk.read().equity;
    }

    /// Bob's order against the desk, at whatever price.
    function _against(uint256 series, bool deskBuys, uint256 quantity) internal returns (Side memory) {
        Order memory order = _order(second, series, !deskBuys, quantity, deskBuys ? 0 : type(uint80).max);
        return _side(order, _rich());
    }

    /// What a desk shows of itself after a trade: enough for its health.
    function _healthy() internal pure returns (MarginProof memory) {
        return _proof(1e12, 1, 2);
    }

    function _openDesk(uint256 series) internal {
        trades.open(series);
        vm.warp(vm.getBlockTimestamp() + DESK_WARM_UP);
    }

    /// The auction's price of this second; its mark where it does not run.
    function _priceNow(uint256 series) internal view returns (uint256) {
        try trades.auctionPrice(series) returns (uint256 price) {
            return price;
        } catch {
            return trades.auctionOf(series).mark;
        }
    }

    function _fillDesk(uint256 series, uint256 quantity) internal {
        Side memory taker = _against(series, trades.auctionOf(series).buying, quantity);
        trades.fill(series, quantity, _priceNow(series), taker, _healthy());
    }

    /// Opens the auction of a series and fills it half way, where the price is the mark.
    function _tradeDesk(uint256 series) internal {
        _openDesk(series);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH / 2);
        publisher.publish(prices);
        (, uint256 gap) = trades.gapOf(series);
        uint256 left = trades.auctionOf(series).left;
        _fillDesk(series, gap < left ? gap : left);
    }

    function _quantityOf(uint256 series) internal view returns (int256) {
        return house.accountWords(deskAccount).quantityOf(series);
    }
}
