// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A deposit on its way from a gate to the hub, or a payment on its way from the hub to a gate.
/// @param id counts the transfers of one direction of one path from 1 on
/// @param lane 0 to 11, or 12 for the dollar token
/// @param amount {ppm of a token} 1 to 2⁶² − 1
/// @param target of a deposit the account, of a payment the receiver's address
/// @param sender of a deposit who brought it; of a payment the house
struct Transfer {
    uint64 id;
    uint256 lane;
    uint256 amount;
    bytes32 target;
    bytes32 sender;
}

/// @notice What has been delivered and not yet been let through.
/// @param left {ppm of a token} of the transfer
/// @param place in the queue of its path and lane
struct Waiting {
    uint64 left;
    uint32 place;
}

/// @title One end of the paths between the hub and its gates: what both ends do alike (docs/clearing.md, H-3)
interface ICollateralPath {
    // --- events

    /// @param guid of the message; 0 on the hub's own chain, where there is none
    event TransferSent(uint32 indexed eid, uint64 indexed id, bytes32 guid, Transfer transfer);
    event TransferDelivered(uint32 indexed eid, uint64 indexed id, Transfer transfer);
    /// @notice A transfer came whose number had come before, with the same words or with others. Nothing was done.
    event TransferIgnored(uint32 indexed eid, uint64 indexed id, Transfer transfer);
    /// @notice The limit let only part of it through. The rest waits for `process`.
    event TransferWaiting(uint32 indexed eid, uint64 indexed id, uint256 lane, uint256 left);
    event DenialSent(uint32 indexed eid, uint64 indexed id, bytes32 guid, Transfer transfer);
    /// @notice The other end has never sent what was delivered here under that number: the number is free again.
    /// @param left {ppm of a token} that was still waiting, and will not be let through
    event TransferDenied(uint32 indexed eid, uint64 indexed id, uint256 left);
    /// @notice A message came that cannot be understood. Nothing was done.
    event MessageIgnored(uint32 indexed eid, bytes32 guid, bytes32 messageHash);
    /// @param limits {ppm of a token per day} of the lanes
    event PathOpened(uint32 indexed eid, bytes32 peer, uint64[13] limits);
    event LimitScheduled(uint32 indexed eid, uint256 indexed lane, uint256 limit, uint64 readyAt);
    event LimitApplied(uint32 indexed eid, uint256 indexed lane, uint256 limit);

    // --- errors

    /// @notice Thrown by `setPeer`: a path is opened once and for ever, see `openPath`.
    error PeersAreFixed();
    error PathOpenedBefore(uint32 eid);
    error PeerZero();
    /// @notice Thrown when a limit {ppm of a token per day} is outside its bounds.
    error LimitOutOfBounds(uint256 lane, uint256 limit, uint256 minimum, uint256 maximum);
    error LimitNotLower(uint256 limit, uint256 current);
    error NothingScheduled();
    error NotReady(uint256 readyAt);
    error LaneUnknown(uint256 lane);
    error AmountOutOfRange(uint256 amount);
    /// @notice Thrown when this end has not sent the transfer.
    error TransferNotSent(uint32 eid, uint64 id);
    /// @notice Thrown when this end has sent the transfer and cannot deny it.
    error TransferWasSent(uint32 eid, uint64 id);
    /// @notice Thrown when the transfer is not the one that was delivered under its number.
    error TransferNotDelivered(uint32 eid, uint64 id);
    /// @notice Thrown when the transfer is not the first in the queue of its lane.
    error TransferNotNext(uint32 eid, uint64 id);
    /// @notice Thrown when the limit, or what lies here, lets nothing through yet.
    error LimitReached(uint256 available, uint256 left);
    /// @notice Thrown when so little gas is left that a token or the house could not do its part.
    error GasTooLow(uint256 left, uint256 needed);
    /// @notice Thrown when the sender is not the other end on this chain.
    error NotLocalPeer(address sender);
    error FeeAboveValue(uint256 fee, uint256 value);
    error RefundRefused(address to, uint256 amount);

    // --- what anyone may do

    /// @notice Lets transfers that wait through, as far as the limit allows, in the order in which they came.
    /// @param transfers as in TransferDelivered, those of one lane in the order of its queue
    function process(uint32 eid, Transfer[] calldata transfers) external;

    /// @notice Sends a transfer once more, in case its message was lost. The other end does it once.
    function resend(uint32 eid, Transfer calldata transfer, bytes calldata options) external payable;

    /// @notice Tells the other end that this one has never sent such a transfer, in case a message was forged, or came from
    /// blocks that are no longer there. What still waits of it there is dropped, and its number is free for the true one.
    function deny(uint32 eid, Transfer calldata transfer, bytes calldata options) external payable;

    /// @notice Makes a limit that was scheduled count, once its delay is over.
    function applyLimit(uint32 eid, uint256 lane) external;

    // --- the other end, on the hub's chain

    /// @notice What a message is elsewhere. Only the other end on this chain.
    function handOver(bytes calldata message) external;

    // --- the owner

    /// @notice Names the other end for ever, and what the path lets through.
    /// @param limits {ppm of a token per day} of every lane, at least 8
    function openPath(uint32 eid, bytes32 peer, uint64[13] calldata limits) external;

    /// @notice Lowers a limit at once, to no less than an eighth of what the path was opened with. What was scheduled for
    /// the lane is dropped.
    function lowerLimit(uint32 eid, uint256 lane, uint256 limit) external;

    /// @notice Schedules a limit, at most 64 times what the path was opened with.
    function scheduleLimit(uint32 eid, uint256 lane, uint256 limit) external;

    // --- views

    /// @return fee {wei} of a message; 0 on the hub's own chain
    function quote(uint32 eid, bytes calldata options) external view returns (uint256 fee);

    /// @return limit {ppm of a token per day}
    /// @return available {ppm of a token} that are let through now
    /// @return waitingCount transfers in the queue, denied ones included
    function lanePath(uint32 eid, uint256 lane)
        external
        view
        returns (uint256 limit, uint256 available, uint256 waitingCount);

    /// @return number of the transfer that stands first in the queue; 0 where none does
    function nextWaiting(uint32 eid, uint256 lane) external view returns (uint64);

    function waiting(uint32 eid, uint64 id) external view returns (Waiting memory);

    /// @return hash of the words that were sent under a number
    function sent(uint32 eid, uint64 id) external view returns (bytes32);

    /// @return hash of the words that were delivered under a number
    function delivered(uint32 eid, uint64 id) external view returns (bytes32);

    /// @return number of the last transfer that was sent
    function lastSent(uint32 eid) external view returns (uint64);

    /// @return endpoint of this chain
    function localEid() external view returns (uint32);
}
