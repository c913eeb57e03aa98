// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICollateralHub} from "../interfaces/ICollateralHub.sol";
import {Transfer} from "../interfaces/ICollateralPath.sol";
import {CollateralPath} from "./CollateralPath.sol";

/// @title CollateralHub
/// @notice Counts what of the house's collateral lies on which chain, brings what is deposited there to the house, and orders
/// what it withdraws to be paid there. It never holds a token.
///
/// ASSUMPTIONS  The endpoint, the verifiers configured for it and the peers say truly what the gates have received. If all
///              verifiers of a path lie, a day's limit of each lane is credited at once, and as much each day after, until
///              they are replaced; what waits then can be denied by the gate. Any gate may have to pay for it, within
///              its own limits.
/// LIVENESS     A deposit that the house refuses is kept and anyone may try again, for ever. A payment is ordered only where
///              the hub counts as much as it takes; which chain, the account's owner says.
/// ROLES        owner: the house, once; each path, once; limits within bounds, raised after a delay; enforced options and
///              delegate. At worst it opens a path to a gate that lies, or has messages verified by liars of its own: it
///              then takes what the gates' limits let through. It sits behind the timelock.
contract CollateralHub is ICollateralHub, CollateralPath {
    /// {gas} left before the house is called, enough for an account with a few positions: whoever executes a message
    /// with less cannot leave a deposit uncredited
    uint256 private constant GAS_BEFORE_CREDIT = 300_000;

    IClearingHouse public house;
    /// {ppm of a token} that the house has taken and not withdrawn
    mapping(uint32 eid => mapping(uint256 lane => uint256)) public held;
    /// {ppm of a token} of a deposit that the house refused
    mapping(uint32 eid => mapping(uint64 id => uint256)) public uncredited;

    constructor(address endpoint_, address owner_) CollateralPath(endpoint_, owner_) {}

    /// @notice Names the house, once.
    function setHouse(IClearingHouse house_) external onlyOwner {
        require(address(house) == address(0), HouseSetBefore(address(house)));
        require(address(house_).code.length != 0, HouseWithoutCode(address(house_)));
        house = house_;
        emit HouseSet(address(house_));
    }

    /// @inheritdoc CollateralPath
    function openPath(uint32 eid, bytes32 peer, uint64[13] calldata limits) public override {
        require(address(house) != address(0), HouseMissing());
        super.openPath(eid, peer, limits);
    }

    /// @inheritdoc ICollateralHub
    function release(
        uint32 eid,
        uint256 lane,
        uint256 amount,
        bytes32 receiver,
        bytes calldata options,
        address refundTo
    ) external payable nonReentrant {
        require(msg.sender == address(house), NotHouse(msg.sender));
        require(receiver != 0 && uint256(receiver) >> 160 == 0, ReceiverNotAddress(receiver));
        uint256 there = held[eid][lane];
        require(amount <= there, EscrowMissing(eid, lane, amount, there));
        held[eid][lane] = there - amount;
        Transfer memory payment =
            Transfer(0, lane, amount, receiver, bytes32(uint256(uint160(address(house)))));
        _sendTransfer(eid, payment, options, refundTo);
    }

    /// @notice Brings a deposit that the house refused to it once more. Anyone.
    /// @param deposit as in TransferDelivered
    function retry(uint32 eid, Transfer calldata deposit) external nonReentrant {
        uint256 amount = uncredited[eid][deposit.id];
        bool known = amount != 0 && delivered[eid][deposit.id] == _hash(deposit);
        require(known, NothingUncredited(eid, deposit.id));
        uncredited[eid][deposit.id] = 0;
        held[eid][deposit.lane] += amount;
        house.credit(deposit.target, deposit.lane, amount, eid, deposit.sender);
    }

    /// @inheritdoc CollateralPath
    function _understands(Transfer memory) internal pure override returns (bool) {
        return true;
    }

    /// @inheritdoc CollateralPath
    function _room(uint256) internal pure override returns (uint256) {
        return type(uint256).max;
    }

    /// @inheritdoc CollateralPath
    function _finish(uint32 eid, Transfer memory transfer, uint256 part) internal override {
        require(gasleft() >= GAS_BEFORE_CREDIT, GasTooLow(gasleft(), GAS_BEFORE_CREDIT));
        try house.credit(transfer.target, transfer.lane, part, eid, transfer.sender) {
            held[eid][transfer.lane] += part;
        } catch {
            uncredited[eid][transfer.id] += part;
            emit DepositUncredited(eid, transfer.id, part);
        }
    }

    /// @inheritdoc CollateralPath
    /// @dev What the house has taken cannot be taken back.
    function _forget(uint32 eid, Transfer memory transfer) internal override {
        delete uncredited[eid][transfer.id];
    }
}
