// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IExchange, Order} from "../interfaces/IExchange.sol";
import {IListings, Series} from "../interfaces/IListings.sol";
import {AccountWords} from "../libraries/AccountWords.sol";

/// @title What two orders have in common, and what is left of each
/// @dev ROUNDING     The cash of an order is rounded over all that has been filled of it, for its signer, where it is the
///                   maker: in whatever parts it is filled, a buyer pays no more than price · quantity and a seller gets no
///                   less. A taker, who chose the parts, gives less than 1 ppm of a dollar for each.
library Orders {
    bytes32 internal constant TYPE_HASH = keccak256(
        "Order(bytes32 account,uint256 series,uint256 kind,uint256 expiry,uint256 strike,bool buys,uint256 quantity,uint256 price,uint256 maxFee,uint256 deadline,uint256 salt)"
    );
    /// a price is a quad
    uint256 private constant PRICE_LIMIT = 1 << (Clearing.QUAD_LANES * Protocol.LANE_BITS);
    /// `filled` of an order that is worth nothing any more
    uint256 internal constant CANCELLED = type(uint256).max;

    /// @notice EIP-712 struct hash. All members are single words, so they stand as they are encoded.
    function structHash(Order calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPE_HASH, order));
    }

    /// @notice Reverts unless the two can meet at the maker's price, in a series that can be traded.
    function requireMatch(IListings listings, Order calldata maker, Order calldata taker) internal view {
        require(maker.buys != taker.buys, IExchange.SidesEqual());
        require(maker.series == taker.series, IExchange.SeriesDiffer(maker.series, taker.series));
        address owner = AccountWords.ownerOf(maker.account);
        require(owner != AccountWords.ownerOf(taker.account), IExchange.SelfTrade(owner));
        require(maker.price < PRICE_LIMIT, IExchange.PriceOutOfRange(maker.price));
        (uint256 buying, uint256 selling) =
            maker.buys ? (maker.price, taker.price) : (taker.price, maker.price);
        require(buying >= selling, IExchange.PricesNotCrossed(buying, selling));
        require(listings.tradable(maker.series), IExchange.SeriesNotTradable(maker.series));
    }

    /// @notice Reverts unless the order binds its account to this quantity and fee now.
    /// @param series that is listed in its place
    /// @param hash EIP-712 hash of the order
    /// @param filled {ppm of a contract} so far
    /// @param fee {ppm} of the cash that moves
    function requireBinding(
        Order calldata order,
        bytes calldata signature,
        Series memory series,
        bytes32 hash,
        uint256 filled,
        uint256 quantity,
        uint256 fee
    ) internal view {
        require(
            order.kind == series.kind && order.expiry == series.expiry && order.strike == series.strike,
            IExchange.TermsDiffer(hash)
        );
        require(block.timestamp <= order.deadline, IExchange.OrderExpired(hash, order.deadline));
        uint256 left = filled >= order.quantity ? 0 : order.quantity - filled;
        require(quantity <= left, IExchange.QuantityAboveOrder(hash, quantity, left));
        require(fee <= order.maxFee, IExchange.FeeAboveMaximum(hash, fee, order.maxFee));
        address owner = AccountWords.ownerOf(order.account);
        require(
            msg.sender == owner || SignatureChecker.isValidSignatureNowCalldata(owner, hash, signature),
            IExchange.SignatureInvalid(hash, owner)
        );
    }

    /// @notice {ppm of a dollar} that buyer pays seller for a further part of the maker's order.
    /// @param filled {ppm of a contract} of the maker's order before it
    function cashOf(Order calldata maker, uint256 filled, uint256 quantity) internal pure returns (uint256) {
        return _cash(maker, filled + quantity) - _cash(maker, filled);
    }

    /// @dev {ppm of a dollar} = {ppt of a dollar per contract} * {ppm of a contract} / {ppt}
    function _cash(Order calldata maker, uint256 quantity) private pure returns (uint256) {
        uint256 exact = maker.price * quantity;
        return maker.buys ? exact / Clearing.PPT : (exact + Clearing.PPT - 1) / Clearing.PPT;
    }

    /// @notice Reverts unless an account could hold the quantity {ppm of a contract}.
    function requireQuantity(uint256 quantity) internal pure {
        require(quantity != 0, IExchange.QuantityZero());
        require(quantity <= AccountWords.LARGEST, AccountWords.QuantityOutOfRange(int256(quantity)));
    }
}
