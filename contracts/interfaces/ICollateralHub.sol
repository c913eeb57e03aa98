// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Where the house's collateral lies, and how it is paid out: what the house asks of it
/// @notice The hub counts what lies where; the house counts whose it is and never holds a token.
interface ICollateralHub {
    event HouseSet(address house);
    /// @notice The house refused a deposit, which waits for `retry`.
    event DepositUncredited(uint32 indexed eid, uint64 indexed id, uint256 amount);

    error HouseSetBefore(address house);
    error HouseWithoutCode(address house);
    /// @notice Thrown when a path is opened before the house is set.
    error HouseMissing();
    error NotHouse(address sender);
    error ReceiverNotAddress(bytes32 receiver);
    /// @notice Thrown when the hub does not count that much {ppm of a token} on the chain.
    error EscrowMissing(uint32 eid, uint256 lane, uint256 amount, uint256 held);
    error NothingUncredited(uint32 eid, uint64 id);

    /// @notice Orders a payment on a chain. Only the house, which has taken the amount off an account. Reverts where the hub
    /// does not count that much there.
    /// @param eid endpoint of the chain to be paid on; the hub's own for the hub chain
    /// @param lane 0 to 11, or 12 for the dollar token
    /// @param amount {ppm of a token}
    /// @param receiver on that chain
    /// @param options of the message
    /// @param refundTo gets what is left of the value
    function release(
        uint32 eid,
        uint256 lane,
        uint256 amount,
        bytes32 receiver,
        bytes calldata options,
        address refundTo
    ) external payable;
}
