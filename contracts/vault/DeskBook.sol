// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {ICollateralGate} from "../interfaces/ICollateralGate.sol";
import {IDeskAuctions} from "../interfaces/IDeskAuctions.sol";
import {IParityVault} from "../interfaces/IParityVault.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {DeskReading, IVaultDesk} from "../interfaces/IVaultDesk.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Basket} from "./Basket.sol";
import {DeskOptions} from "./DeskOptions.sol";

/// @title A desk's account at present prices
/// @notice The account holds cash, tokens of the vault, perpetuals and options on them. A perpetual's mark is its spot, so what it is
/// worth follows from the live price alone; an option's is the epoch's, moved with its delta.
/// @dev ROUNDING     Equity down, uncertainty up, each by less than 1 ppm of a dollar an item.
///      ASSUMPTIONS  Cash of the vault is the house's dollar. The vault's sources vouch for what they answer or revert.
library DeskBook {
    using AccountWords for uint256[10];
    using Lanes for uint256;

    uint256 private constant PPM = Protocol.PPM;
    uint256 private constant PPT = Clearing.PPT;
    uint256 private constant CASH = Basket.CASH;
    /// {D18/ppt}
    uint256 private constant D18_PER_PPT = 1e6;

    /// @param unit {token units per whole token}
    /// @param lane of the house's collateral plus one; 0 where it takes none of the token
    struct Asset {
        address token;
        uint64 unit;
        uint8 lane;
    }

    /// @notice Which tokens the vault has, and under which lane the house takes each.
    function prepare(Asset[13] storage assets, IParityVault vault, ICollateralGate gate) internal {
        for (uint256 asset; asset <= CASH; ++asset) {
            address token = vault.token(asset);
            if (token == address(0)) continue;
            uint256 decimals = IERC20Metadata(token).decimals();
            assets[asset] = Asset(token, uint64(10 ** decimals), _laneOf(gate, token, asset == CASH));
        }
    }

    function _laneOf(ICollateralGate gate, address token, bool isCash) private view returns (uint8) {
        for (uint256 lane = isCash ? CASH : 0; lane < (isCash ? CASH + 1 : CASH); ++lane) {
            (address taken,) = gate.tokenOf(lane);
            if (taken == token) return uint8(lane + 1);
        }
        return 0;
    }

    /// @param words of the account, after what is due to it
    /// @param auctions say what trading costs, and what options are worth
    function read(
        Asset[13] storage assets,
        uint256[10] memory words,
        IParityVault vault,
        IRiskArrays arrays,
        IDeskAuctions auctions
    ) internal view returns (DeskReading memory reading) {
        uint256 costs = auctions.costs();
        reading.equity = words.cash();
        for (uint256 place; place < AccountWords.PLACES; ++place) {
            (bool held, uint256 series, int256 quantity) = words.positionAt(place);
            if (!held) break;
            _addPosition(reading, arrays, auctions, costs, series, quantity);
        }
        reading.owned = reading.equity;
        for (uint256 asset; asset < CASH; ++asset) {
            uint256 lane = assets[asset].lane;
            if (lane == 0) continue;
            uint256 balance = words.balance(lane - 1);
            if (balance == 0) continue;
            _add(reading, costs, asset, int256(balance), priceOf(vault, asset));
        }
    }

    /// @notice D-4: a position that has ended and is not settled yet pays what no live price says.
    /// @param words of the account, after what is due to it
    function requireRunning(uint256[10] memory words, IRiskArrays arrays) internal view {
        for (uint256 place; place < AccountWords.PLACES; ++place) {
            (bool held, uint256 series,) = words.positionAt(place);
            if (!held) break;
            uint256 expiry = arrays.listings().listing(series).expiry;
            require(expiry == 0 || block.timestamp < expiry, IVaultDesk.SeriesEnded(series, expiry));
        }
    }

    function _addPosition(
        DeskReading memory reading,
        IRiskArrays arrays,
        IDeskAuctions auctions,
        uint256 costs,
        uint256 series,
        int256 quantity
    ) private view {
        uint256 array = series / Clearing.SERIES_PER_ARRAY;
        (uint256 lane, uint256 spot) = (arrays.underlying(array), arrays.spotNow(array));
        if (series % Clearing.SERIES_PER_ARRAY == 0) {
            _add(reading, costs, lane, quantity, spot);
            uint256 settling = DeskOptions.settlingWidth(arrays, series, spot);
            reading.uncertainty += Math.ceilDiv(_magnitude(quantity) * settling, PPT);
            return;
        }
        (uint256 price, uint256 width, int256 delta) = auctions.optionValue(series, spot, costs.get(lane));
        _addWorth(reading, quantity, price);
        reading.uncertainty += Math.ceilDiv(_magnitude(quantity) * width, PPT) + 1;
        // {ppm of a token} = {ppm of a contract} * {ppt of a contract} / {ppt}
        reading.deltas[lane] += quantity * delta / int256(PPT);
    }

    /// @notice {ppt of a dollar} a lane's present price by the vault's source, rounded down; of cash 1.
    function priceOf(IParityVault vault, uint256 asset) internal view returns (uint256) {
        if (asset == CASH) return PPT;
        (uint256 price,) = vault.source(asset).read();
        require(price <= type(uint128).max, IParityVault.PriceUnusable(asset, price));
        return price / D18_PER_PPT;
    }

    /// @notice {ppm of a dollar} = {ppm of a token} * {ppt of a dollar} / {ppt}, rounded down
    function valueOf(uint256 part, uint256 price) internal pure returns (uint256) {
        return Math.mulDiv(part, price, PPT);
    }

    /// @notice {ppm of a token} = {token units} * {ppm} / {token units/token}, rounded down
    function partOf(Asset storage asset, uint256 amount) internal view returns (uint256) {
        return Math.mulDiv(amount, PPM, asset.unit);
    }

    /// @param quantity {ppm of a token}
    /// @param price {ppt of a dollar}
    function _add(DeskReading memory reading, uint256 costs, uint256 lane, int256 quantity, uint256 price)
        private
        pure
    {
        _addWorth(reading, quantity, price);
        uint256 size = _magnitude(quantity) * price;
        // {ppm of a dollar} = {10⁻¹⁸ dollar} * {ppm} / {ppm} / {ppt}
        reading.uncertainty += Math.ceilDiv(size * costs.get(lane), PPM * PPT) + 1;
        reading.deltas[lane] += quantity;
    }

    /// @param price {ppt of a dollar}
    function _addWorth(DeskReading memory reading, int256 quantity, uint256 price) private pure {
        // {10⁻¹⁸ dollar} 62 and 128 bits
        int256 worth = quantity * int256(price);
        reading.equity += worth / int256(PPT);
        if (worth % int256(PPT) < 0) --reading.equity;
    }

    function _magnitude(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
