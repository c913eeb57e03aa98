// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse, MarginProof} from "./IClearingHouse.sol";

/// @notice What the owner of an account signs (EIP-712) to trade. It may be filled in parts.
/// @param account owner in the high 160 bits, the owner's number for it in the low 96
/// @param series 16 · array + place
/// @param kind of the series, Clearing.KIND_*
/// @param expiry {s} of the series; of a perpetual the end of its notice, 0 while it has none
/// @param strike {ppt of a dollar} of the series; of a perpetual its first epoch. The three bind the order to what stands in the place
/// when it is signed
/// @param buys whether the account buys
/// @param quantity {ppm of a contract} at most
/// @param price {ppt of a dollar per contract} a buyer's highest, a seller's lowest
/// @param maxFee {ppm} of the cash that moves
/// @param deadline {s} last second in which it may be filled
/// @param salt tells orders apart that are otherwise the same
struct Order {
    bytes32 account;
    uint256 series;
    uint256 kind;
    uint256 expiry;
    uint256 strike;
    bool buys;
    uint256 quantity;
    uint256 price;
    uint256 maxFee;
    uint256 deadline;
    uint256 salt;
}

/// @notice One side of a trade.
/// @param signature of the order by the account's owner, 65 bytes or whatever its EIP-1271 contract takes; not looked at
/// where the owner is the caller
/// @param proof of the account after the trade; not looked at where the account then has no position and owes nothing
struct Side {
    Order order;
    bytes signature;
    MarginProof proof;
}

/// @title Where signed orders meet (docs/clearing.md, H-1.1 and H-1.2)
interface IExchange {
    // --- events

    /// @param orders hashes, the maker's first
    /// @param price {ppt of a dollar per contract} the maker's
    /// @param cash {ppm of a dollar} from buyer to seller
    /// @param fee {ppm of a dollar} from either side
    event Traded(
        bytes32 indexed buyer,
        bytes32 indexed seller,
        uint256 indexed series,
        bytes32[2] orders,
        uint256 quantity,
        uint256 price,
        uint256 cash,
        uint256 fee
    );
    event OrderCancelled(bytes32 indexed account, bytes32 indexed order);
    event SliceExpected(bytes32 indexed account, bytes32 indexed giver);

    // --- errors: making an exchange

    error AddressZero();
    /// @notice Thrown when the house does not have this contract as its exchange.
    error HouseDiffers(address exchange);
    /// @notice Thrown when a parameter is outside its bounds.
    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);

    // --- errors: orders

    error NotOwner(address sender, bytes32 account);
    error QuantityZero();
    error QuantityAboveOrder(bytes32 order, uint256 quantity, uint256 left);
    error OrderExpired(bytes32 order, uint256 deadline);
    /// @notice Thrown when the signature is not that of the account's owner.
    error SignatureInvalid(bytes32 order, address owner);
    /// @notice Thrown when both orders are of one owner.
    error SelfTrade(address owner);
    error SidesEqual();
    error SeriesDiffer(uint256 maker, uint256 taker);
    /// @notice Thrown when kind, expiry or strike are not those of the series listed now.
    error TermsDiffer(bytes32 order);
    error SeriesNotTradable(uint256 series);
    /// @notice Thrown when a trade in a perpetual that has its notice would leave an account with more of it, or on the other side.
    /// @param held {ppm of a contract} before the trade
    error PositionNotClosing(bytes32 account, uint256 series, int256 held);
    error PricesNotCrossed(uint256 buying, uint256 selling);
    error PriceOutOfRange(uint256 price);
    error FeeAboveMaximum(bytes32 order, uint256 fee, uint256 maximum);
    // QuantityOutOfRange(int256): thrown by AccountWords. Of accounts and their proofs: thrown by the house

    // --- errors: slices

    error SliceNotExpected(bytes32 account, bytes32 giver);
    /// @notice Thrown while an auction sells the account off.
    error AccountLiquidated(bytes32 account);

    // --- trading

    /// @notice Matches two orders at the maker's price. Anyone. Either account must be healthy at the initial level after it,
    /// by its proof, over prices that are still those of now (IRiskArrays.requireSpotsNear), unless it then has no position
    /// and owes nothing. The cash that moves is rounded for the maker.
    /// @param quantity {ppm of a contract}
    function trade(Side calldata maker, Side calldata taker, uint256 quantity) external;

    /// @notice Makes an order worthless. Only the account's owner.
    function cancel(Order calldata order) external;

    // --- slices

    /// @notice Names the account that may give a slice of itself to this one, once. Only the owner.
    /// @param giver 0 for none
    function expectSlice(bytes32 account, bytes32 giver) external;

    /// @notice Gives part / whole of everything in an account, debts too, to one that holds nothing and expects it. Only the
    /// owner. Not while an auction sells the account off. Whoever takes debts or positions takes the clock of their call (L-12).
    /// All else is IClearingHouse.applySlice.
    /// @param part at most whole
    /// @param whole below 2¹²⁸
    /// @param proof of the account after it
    /// @param receiverProof of the one that takes it
    function giveSlice(
        bytes32 from,
        bytes32 to,
        uint256 part,
        uint256 whole,
        MarginProof calldata proof,
        MarginProof calldata receiverProof
    ) external;

    // --- views

    /// @return the account that may give this one a slice, 0 for none
    function giverOf(bytes32 account) external view returns (bytes32);

    /// @return {ppm of a contract} of an order that has been filled; the largest number where it is cancelled
    function filled(bytes32 order) external view returns (uint256);

    /// @notice EIP-712 hash of an order, which its owner signs.
    function hashOrder(Order calldata order) external view returns (bytes32);

    function house() external view returns (IClearingHouse);

    /// @return {ppm} of the cash that a trade moves, from either side
    function tradeFee() external view returns (uint256);
}
