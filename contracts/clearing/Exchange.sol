// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {Deal, IClearingHouse, MarginProof} from "../interfaces/IClearingHouse.sol";
import {IExchange, Order, Side} from "../interfaces/IExchange.sol";
import {ILiquidation} from "../interfaces/ILiquidation.sol";
import {IListings, Series} from "../interfaces/IListings.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Orders} from "./Orders.sol";

/// @title Where signed orders meet, and slices find who expects them: what owners want is looked at here, accounts in the house
///
/// ASSUMPTIONS  The house applies a deal whole or not at all, and asks of either account what H-2 asks. Owners that are contracts
///              are asked about signatures by a static call, before the house is: what they read there is of before the trade.
/// LIVENESS     Anyone matches orders; an owner gives a slice to an owner. A series that cannot be traded, or an account without its proof, holds up that trade only;
///              an owner that is a contract, only trades of its own.
/// ROUNDING     For the maker in cash (see Orders), against both in fees.
/// ROLES        None. The house lets this contract, and nobody else, trade between accounts or give slices; its fee is fixed at deployment.
contract Exchange is IExchange, EIP712, ReentrancyGuardTransient {
    using AccountWords for uint256[10];

    /// {ppm}
    uint256 private constant LARGEST_FEE = 10_000; /* 1 % */

    IClearingHouse public immutable house;
    IListings private immutable listings;
    uint256 public immutable tradeFee;

    mapping(bytes32 order => uint256) public filled;
    /// @inheritdoc IExchange
    mapping(bytes32 account => bytes32) public giverOf;

    /// @param tradeFee_ {ppm} of the cash that a trade moves, from either side
    constructor(IClearingHouse house_, uint256 tradeFee_) {
        require(address(house_) != address(0), AddressZero());
        require(house_.exchange() == address(this), HouseDiffers(house_.exchange()));
        require(tradeFee_ <= LARGEST_FEE, ParameterOutOfBounds("tradeFee", tradeFee_, 0, LARGEST_FEE));
        (house, listings, tradeFee) = (house_, house_.arrays().listings(), tradeFee_);
    }

    /// @inheritdoc IExchange
    function trade(Side calldata maker, Side calldata taker, uint256 quantity) external nonReentrant {
        Orders.requireQuantity(quantity);
        Orders.requireMatch(listings, maker.order, taker.order);
        Series memory series = listings.listing(maker.order.series);
        (bytes32 making, uint256 before) = _fill(maker, series, quantity);
        (bytes32 taking,) = _fill(taker, series, quantity);

        (Side calldata buyer, Side calldata seller) = maker.order.buys ? (maker, taker) : (taker, maker);
        Deal memory deal;
        (deal.buyer, deal.seller) = (buyer.order.account, seller.order.account);
        (deal.series, deal.quantity, deal.price) = (maker.order.series, quantity, maker.order.price);
        if (series.kind != Clearing.KIND_PERPETUAL) deal.expiry = series.expiry;
        else if (series.expiry != 0) _requireClosing(deal);
        deal.cash = Orders.cashOf(maker.order, before, quantity);
        // {ppm of a dollar} = {ppm of a dollar} * {ppm} / {ppm}, rounded up
        deal.fee = Math.ceilDiv(deal.cash * tradeFee, Protocol.PPM);
        house.applyDeal(deal, buyer.proof, seller.proof);
        emit Traded(
            deal.buyer,
            deal.seller,
            deal.series,
            [making, taking],
            deal.quantity,
            deal.price,
            deal.cash,
            deal.fee
        );
    }

    /// @inheritdoc IExchange
    function cancel(Order calldata order) external {
        _requireOwner(order.account);
        bytes32 hash = hashOrder(order);
        filled[hash] = Orders.CANCELLED;
        emit OrderCancelled(order.account, hash);
    }

    // --- slices

    /// @inheritdoc IExchange
    function expectSlice(bytes32 account, bytes32 giver) external {
        _requireOwner(account);
        giverOf[account] = giver;
        emit SliceExpected(account, giver);
    }

    /// @inheritdoc IExchange
    function giveSlice(
        bytes32 from,
        bytes32 to,
        uint256 part,
        uint256 whole,
        MarginProof calldata proof,
        MarginProof calldata receiverProof
    ) external nonReentrant {
        _requireOwner(from);
        require(giverOf[to] == from, SliceNotExpected(to, from));
        // a new account would begin its auction anew
        ILiquidation liquidation = ILiquidation(house.liquidation());
        require(!liquidation.isRunning(from), AccountLiquidated(from));
        giverOf[to] = 0;
        house.applySlice(from, to, part, whole, proof, receiverProof);
        if (!house.accountWords(to).owesNothing()) liquidation.carryCall(from, to);
    }

    // --- views

    /// @inheritdoc IExchange
    function hashOrder(Order calldata order) public view returns (bytes32) {
        return _hashTypedData(Orders.structHash(order));
    }

    function _requireOwner(bytes32 account) private view {
        require(msg.sender == AccountWords.ownerOf(account), NotOwner(msg.sender, account));
    }

    /// @return hash of the order
    /// @return before {ppm of a contract} that had been filled of it
    function _fill(Side calldata side, Series memory series, uint256 quantity)
        private
        returns (bytes32 hash, uint256 before)
    {
        hash = hashOrder(side.order);
        before = filled[hash];
        Orders.requireBinding(side.order, side.signature, series, hash, before, quantity, tradeFee);
        filled[hash] = before + quantity;
    }

    /// @dev A-12. After what is due to either account: the house applies that before the deal too.
    function _requireClosing(Deal memory deal) private view {
        int256 quantity = int256(deal.quantity);
        int256 short = -house.accountWords(deal.buyer).quantityOf(deal.series);
        require(short >= quantity, PositionNotClosing(deal.buyer, deal.series, -short));
        int256 long = house.accountWords(deal.seller).quantityOf(deal.series);
        require(long >= quantity, PositionNotClosing(deal.seller, deal.series, long));
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Equipoise Clearing", "1");
    }
}
