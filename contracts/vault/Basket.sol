// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IParityVault} from "../interfaces/IParityVault.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {IVaultDesk} from "../interfaces/IVaultDesk.sol";
import {TokenTransfer} from "../libraries/TokenTransfer.sol";

/// @title What a vault holds, and what it is worth
/// @notice Assets are lanes 0 to 11, cash at 12 and units of the desk at 13. The basket counts what came in and went out, never what balanceOf says:
/// gifts change nothing.
library Basket {
    using SafeCast for uint256;

    /// Place of cash among the assets, after the lanes.
    uint256 internal constant CASH = Protocol.LANE_COUNT;
    /// Place of the desk's units, whose token is the desk itself; address(0) where the vault has none.
    uint256 internal constant UNITS = CASH + 1;
    uint256 internal constant ASSETS = UNITS + 1;

    /// @param unit {token units per whole token}
    struct Asset {
        address token;
        uint64 unit;
    }

    /// @param sources of the lanes' prices; address(0) where a lane has no token
    /// @param held {token units}
    struct Store {
        Asset[14] assets;
        IPriceSource[12] sources;
        uint128[14] held;
    }

    /// @param prices {D18} cash per whole token; 0 where the lane has no token
    /// @param amounts {token units}
    /// @param desk {D18} value of the units in cash
    /// @param value {D18} of all assets in cash
    struct Valuation {
        uint256[12] prices;
        uint256[14] amounts;
        uint256 desk;
        uint256 value;
    }

    /// @notice Sets tokens and sources, once.
    /// @param desk has no code yet: it is made for the vault, after it
    /// @return lanes bit i is set where lane i has a token
    function prepare(
        Store storage store,
        address cash,
        address[12] memory tokens,
        IPriceSource[12] memory sources,
        address desk
    ) internal returns (uint256 lanes) {
        for (uint256 lane; lane < CASH; ++lane) {
            (address token, IPriceSource source) = (tokens[lane], sources[lane]);
            require(
                (token == address(0)) == (address(source) == address(0)), IParityVault.SourceUnusable(lane)
            );
            if (token == address(0)) continue;
            require(address(source).code.length != 0, IParityVault.SourceUnusable(lane));
            for (uint256 other; other < lane; ++other) {
                require(tokens[other] != token, IParityVault.TokenUnusable(token));
            }
            require(token != cash, IParityVault.TokenUnusable(token));
            _setAsset(store, lane, token);
            store.sources[lane] = source;
            lanes |= 1 << lane;
        }
        _setAsset(store, CASH, cash);
        if (desk != address(0)) store.assets[UNITS] = Asset(desk, uint64(Protocol.WAD));
    }

    function _setAsset(Store storage store, uint256 asset, address token) private {
        require(token.code.length != 0, IParityVault.TokenUnusable(token));
        uint256 decimals = IERC20Metadata(token).decimals();
        require(decimals <= 18, IParityVault.TokenUnusable(token));
        store.assets[asset] = Asset(token, uint64(10 ** decimals));
    }

    /// @return amounts {token units}
    function balances(Store storage store) internal view returns (uint256[14] memory amounts) {
        for (uint256 asset; asset < ASSETS; ++asset) {
            amounts[asset] = store.held[asset];
        }
    }

    /// @notice The part of each asset that belongs to shares.
    /// @dev Held amounts, shares and supply are below 2¹²⁸: no product overflows, so redeeming cannot revert here.
    /// @return amounts {token units} = {token units} * {share units} / {share units}
    function proRata(Store storage store, uint256 shares, uint256 supply, Math.Rounding rounding)
        internal
        view
        returns (uint256[14] memory amounts)
    {
        amounts = balances(store);
        for (uint256 asset; asset < ASSETS; ++asset) {
            uint256 product = amounts[asset] * shares;
            amounts[asset] = rounding == Math.Rounding.Ceil ? Math.ceilDiv(product, supply) : product / supply;
        }
    }

    /// @notice Takes every amount from `from`, exactly.
    /// @dev Tokens first, then the accounts: in a callback of a token, balances and supply of shares still agree.
    function takeAll(Store storage store, address from, uint256[14] memory amounts) internal {
        for (uint256 asset; asset < ASSETS; ++asset) {
            if (amounts[asset] == 0) continue;
            address token = store.assets[asset].token;
            require(token != address(0), IParityVault.TokenUnusable(token));
            TokenTransfer.pull(token, from, amounts[asset]);
        }
        for (uint256 asset; asset < ASSETS; ++asset) {
            if (amounts[asset] != 0) store.held[asset] = (store.held[asset] + amounts[asset]).toUint128();
        }
    }

    /// @notice Takes amounts off the accounts; whoever calls pays them out.
    function release(Store storage store, uint256[14] memory amounts) internal {
        for (uint256 asset; asset < ASSETS; ++asset) {
            if (amounts[asset] != 0) store.held[asset] -= amounts[asset].toUint128();
        }
    }

    /// @notice Gives an amount of an asset to the desk, of which the vault then has `units`.
    function give(Store storage store, uint256 asset, uint256 amount, uint128 units) internal {
        store.held[asset] -= amount.toUint128();
        store.held[UNITS] = units;
        if (amount != 0) TokenTransfer.push(store.assets[asset].token, msg.sender, amount);
    }

    /// @notice Takes an amount of an asset from the desk, exactly.
    function take(Store storage store, uint256 asset, uint256 amount, uint128 units) internal {
        TokenTransfer.pull(store.assets[asset].token, msg.sender, amount);
        store.held[asset] = (store.held[asset] + amount).toUint128();
        store.held[UNITS] = units;
    }

    /// @notice {cash units} what the exposure leaves beside what lies at the desk, rounded up.
    /// @param exposure {ppm}
    function cashTarget(Store storage store, Valuation memory valuation, uint256 exposure)
        internal
        view
        returns (uint256)
    {
        // {D18 ppm}
        uint256 kept = valuation.value * (Protocol.PPM - exposure);
        return Math.mulDiv(
            Math.saturatingSub(kept, valuation.desk * Protocol.PPM),
            store.assets[CASH].unit,
            Protocol.PPM * Protocol.WAD,
            Math.Rounding.Ceil
        );
    }

    /// @notice Takes `amountIn` of one asset from the caller, exactly, and pays `amountOut` of another to `receiver`.
    function swap(
        Store storage store,
        uint256 assetIn,
        uint256 amountIn,
        uint256 assetOut,
        uint256 amountOut,
        address receiver
    ) internal {
        TokenTransfer.pull(store.assets[assetIn].token, msg.sender, amountIn);
        store.held[assetIn] = (store.held[assetIn] + amountIn).toUint128();
        store.held[assetOut] -= amountOut.toUint128();
        TokenTransfer.push(store.assets[assetOut].token, receiver, amountOut);
    }

    /// @notice Reads the price of a lane that has a token. A source that fails is named.
    /// @return price {D18} cash per whole token, in (0, 2¹²⁸)
    function priceOf(Store storage store, uint256 lane) internal view returns (uint256 price) {
        try store.sources[lane].read() returns (uint256 answer, uint64) {
            price = answer;
        } catch (bytes memory reason) {
            revert IParityVault.PriceUnavailable(lane, reason);
        }
        require(price != 0 && price <= type(uint128).max, IParityVault.PriceUnusable(lane, price));
    }

    /// @notice Reads every price, and what the desk says of its units. One that fails is named; nothing is guessed in its place.
    function valuate(Store storage store) internal view returns (Valuation memory valuation) {
        valuation.amounts = balances(store);
        // {D18} = {cash units} * {D18} / {cash units/cash}, rounded down
        valuation.value = valuation.amounts[CASH] * Protocol.WAD / store.assets[CASH].unit;
        for (uint256 lane; lane < CASH; ++lane) {
            if (address(store.sources[lane]) == address(0)) continue;
            uint256 price = priceOf(store, lane);
            valuation.prices[lane] = price;
            // {D18} = {token units} * {D18} / {token units/token}, rounded down
            valuation.value += valuation.amounts[lane] * price / store.assets[lane].unit;
        }
        if (valuation.amounts[UNITS] != 0) {
            valuation.desk = IVaultDesk(store.assets[UNITS].token).valueOf(valuation.amounts[UNITS]);
            valuation.value += valuation.desk;
        }
    }
}
