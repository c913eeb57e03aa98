// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OApp} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OApp.sol";
import {OAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppCore.sol";
import {Origin} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppReceiver.sol";
import {MessagingFee} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppSender.sol";
import {OAppOptionsType3} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/libs/OAppOptionsType3.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Protocol} from "../generated/Protocol.sol";
import {ICollateralPath, Transfer, Waiting} from "../interfaces/ICollateralPath.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Meter} from "../libraries/Meter.sol";
import {TransferMessage} from "../libraries/TransferMessage.sol";

/// @title What the hub and a gate do alike: send transfers, and do each that is delivered once, within a limit
/// @notice A transfer has a number and the hash of its words at both ends: what was sent, what was delivered. Between two
/// contracts of one chain the same bytes go by a call (`handOver`) instead of a message, and are treated the same.
///
/// LIVENESS  Receiving reverts for want of gas only, and the message can then be executed again with more: nothing that
///           a message says holds up another. The queue of a lane is served in the order of arrival, whatever its limit
///           is, and no limit can be less than an eighth of what the path was opened with.
abstract contract CollateralPath is ICollateralPath, OApp, OAppOptionsType3, ReentrancyGuardTransient {
    using Meter for Meter.Bucket;

    /// {s} between scheduling a higher limit and applying it
    uint64 public constant LIMIT_DELAY = 2 days;
    uint256 private constant LANES = Protocol.LANE_COUNT + 1;
    /// A limit stays between an eighth and 64 times what it was opened with.
    uint256 private constant LOWEST_SHARE = 8;
    uint256 private constant HIGHEST_MULTIPLE = 64;
    /// Denied places of a queue that an arrival passes, so that receiving has a bound; `process` passes all.
    uint256 private constant PASSED_ON_ARRIVAL = 8;

    struct Limits {
        uint64 opened;
        uint64 next;
        uint64 readyAt;
    }

    uint32 public immutable localEid;

    mapping(uint32 eid => uint64) public lastSent;
    mapping(uint32 eid => mapping(uint64 id => bytes32 hash)) public sent;
    mapping(uint32 eid => mapping(uint64 id => bytes32 hash)) public delivered;
    mapping(uint32 eid => mapping(bytes32 hash => bool)) private denied;
    mapping(uint32 eid => mapping(uint64 id => Waiting)) private waitings;
    mapping(uint32 eid => mapping(uint256 lane => Meter.Bucket)) private buckets;
    mapping(uint32 eid => mapping(uint256 lane => mapping(uint256 place => uint64 id))) private queues;
    mapping(uint32 eid => mapping(uint256 lane => Limits)) private limitsOf;

    constructor(address endpoint_, address owner_) OApp(endpoint_, owner_) Ownable(owner_) {
        localEid = endpoint.eid();
    }

    // --- what an end does with a transfer

    /// @dev Whether this end could do it at all.
    function _understands(Transfer memory transfer) internal view virtual returns (bool);

    /// @return {ppm of a token} that lie here and are nobody's yet
    function _room(uint256 lane) internal view virtual returns (uint256);

    /// @dev Does `part` of it, once and for all. Must not revert but for want of gas.
    function _finish(uint32 eid, Transfer memory transfer, uint256 part) internal virtual;

    /// @dev The other end denies a transfer.
    function _forget(uint32 eid, Transfer memory transfer) internal virtual {}

    // --- sending

    /// @dev Numbers a transfer and sends it, at the expense of `msg.value`. What has been denied is never sent: its denial may
    /// arrive after it, and the other end would forget that it was done.
    function _sendTransfer(uint32 eid, Transfer memory transfer, bytes calldata options, address refundTo)
        internal
        returns (uint64 id)
    {
        require(TransferMessage.isAmount(transfer.amount), AmountOutOfRange(transfer.amount));
        bytes32 hash;
        id = lastSent[eid];
        do {
            transfer.id = ++id;
            hash = TransferMessage.hash(transfer);
        } while (denied[eid][hash]);
        lastSent[eid] = id;
        sent[eid][id] = hash;
        bytes32 guid = _carry(eid, TransferMessage.KIND_TRANSFER, transfer, options, refundTo);
        emit TransferSent(eid, id, guid, transfer);
    }

    /// @inheritdoc ICollateralPath
    function resend(uint32 eid, Transfer calldata transfer, bytes calldata options)
        external
        payable
        nonReentrant
    {
        require(sent[eid][transfer.id] == _hash(transfer), TransferNotSent(eid, transfer.id));
        bytes32 guid = _carry(eid, TransferMessage.KIND_TRANSFER, transfer, options, msg.sender);
        emit TransferSent(eid, transfer.id, guid, transfer);
    }

    /// @inheritdoc ICollateralPath
    function deny(uint32 eid, Transfer calldata transfer, bytes calldata options)
        external
        payable
        nonReentrant
    {
        bytes32 hash = _hash(transfer);
        require(sent[eid][transfer.id] != hash, TransferWasSent(eid, transfer.id));
        denied[eid][hash] = true;
        bytes32 guid = _carry(eid, TransferMessage.KIND_DENIAL, transfer, options, msg.sender);
        emit DenialSent(eid, transfer.id, guid, transfer);
    }

    function _carry(
        uint32 eid,
        uint8 kind,
        Transfer memory transfer,
        bytes calldata options,
        address refundTo
    ) private returns (bytes32 guid) {
        bytes memory message = TransferMessage.encode(kind, transfer);
        uint256 excess = msg.value;
        if (eid == localEid) {
            ICollateralPath(address(uint160(uint256(_getPeerOrRevert(eid))))).handOver(message);
        } else {
            bytes memory combined = combineOptions(eid, kind, options);
            MessagingFee memory fee = _quote(eid, message, combined, false);
            require(fee.nativeFee <= excess, FeeAboveValue(fee.nativeFee, excess));
            excess -= fee.nativeFee;
            guid = _lzSend(eid, message, combined, fee, refundTo).guid;
        }
        if (excess > 0) {
            (bool paid,) = refundTo.call{value: excess}("");
            require(paid, RefundRefused(refundTo, excess));
        }
    }

    /// @dev The base contract wants a message's fee to be all of `msg.value`; `_carry` returns what is left instead.
    function _payNative(uint256 nativeFee) internal pure override returns (uint256) {
        return nativeFee;
    }

    // --- receiving

    /// @dev Endpoint and peer are checked by the base contract.
    function _lzReceive(Origin calldata origin, bytes32 guid, bytes calldata message, address, bytes calldata)
        internal
        override
        nonReentrant
    {
        _receive(origin.srcEid, guid, message);
    }

    /// @inheritdoc ICollateralPath
    function handOver(bytes calldata message) external nonReentrant {
        require(peers[localEid] == bytes32(uint256(uint160(msg.sender))), NotLocalPeer(msg.sender));
        _receive(localEid, 0, message);
    }

    function _receive(uint32 eid, bytes32 guid, bytes calldata message) private {
        (uint8 kind, Transfer memory transfer) = TransferMessage.decode(message);
        if (kind == 0 || !_understands(transfer)) {
            emit MessageIgnored(eid, guid, keccak256(message));
            return;
        }
        bytes32 hash = TransferMessage.hash(transfer);
        bytes32 before = delivered[eid][transfer.id];
        if (kind == TransferMessage.KIND_DENIAL) {
            if (before == hash) _drop(eid, transfer);
            else emit TransferIgnored(eid, transfer.id, transfer);
        } else if (before != 0) {
            emit TransferIgnored(eid, transfer.id, transfer);
        } else {
            delivered[eid][transfer.id] = hash;
            emit TransferDelivered(eid, transfer.id, transfer);
            _admit(eid, transfer);
        }
    }

    function _admit(uint32 eid, Transfer memory transfer) private {
        Meter.Bucket memory bucket = buckets[eid][transfer.lane];
        uint256 part;
        _passDenied(eid, transfer.lane, bucket, PASSED_ON_ARRIVAL);
        if (bucket.first == bucket.next) part = bucket.part(transfer.amount, _room(transfer.lane));
        uint256 left = transfer.amount - part;
        if (left != 0) {
            queues[eid][transfer.lane][bucket.next] = transfer.id;
            waitings[eid][transfer.id] = Waiting(uint64(left), bucket.next);
            ++bucket.next;
            emit TransferWaiting(eid, transfer.id, transfer.lane, left);
        }
        bucket.take(part);
        buckets[eid][transfer.lane] = bucket;
        if (part != 0) _finish(eid, transfer, part);
    }

    /// @inheritdoc ICollateralPath
    function process(uint32 eid, Transfer[] calldata transfers) external nonReentrant {
        for (uint256 i; i < transfers.length; ++i) {
            _process(eid, transfers[i]);
        }
    }

    function _process(uint32 eid, Transfer calldata transfer) private {
        (uint256 lane, uint64 id) = (transfer.lane, transfer.id);
        require(delivered[eid][id] == _hash(transfer), TransferNotDelivered(eid, id));
        Meter.Bucket memory bucket = buckets[eid][lane];
        Waiting memory held = waitings[eid][id];
        _passDenied(eid, lane, bucket, type(uint256).max);
        require(held.left != 0 && held.place == bucket.first, TransferNotNext(eid, id));
        uint256 part = bucket.part(held.left, _room(lane));
        require(part != 0, LimitReached(bucket.available(), held.left));
        held.left -= uint64(part);
        if (held.left == 0) {
            delete queues[eid][lane][bucket.first];
            delete waitings[eid][id];
            ++bucket.first;
        } else {
            waitings[eid][id] = held;
            emit TransferWaiting(eid, id, lane, held.left);
        }
        bucket.take(part);
        buckets[eid][lane] = bucket;
        _finish(eid, transfer, part);
    }

    /// @dev Moves the queue's beginning past transfers that have been denied.
    function _passDenied(uint32 eid, uint256 lane, Meter.Bucket memory bucket, uint256 most) private view {
        for (uint256 i; i < most && bucket.first < bucket.next; ++i) {
            if (queues[eid][lane][bucket.first] != 0) return;
            ++bucket.first;
        }
    }

    function _drop(uint32 eid, Transfer memory transfer) private {
        Waiting memory held = waitings[eid][transfer.id];
        if (held.left != 0) {
            delete queues[eid][transfer.lane][held.place];
            delete waitings[eid][transfer.id];
        }
        delete delivered[eid][transfer.id];
        _forget(eid, transfer);
        emit TransferDenied(eid, transfer.id, held.left);
    }

    // --- the owner

    /// @inheritdoc ICollateralPath
    function openPath(uint32 eid, bytes32 peer, uint64[13] calldata limits) public virtual onlyOwner {
        require(peers[eid] == 0, PathOpenedBefore(eid));
        require(peer != 0, PeerZero());
        _setPeer(eid, peer);
        for (uint256 lane; lane < LANES; ++lane) {
            _requireLimit(lane, limits[lane], LOWEST_SHARE, AccountWords.LARGEST);
            buckets[eid][lane] = Meter.full(limits[lane]);
            limitsOf[eid][lane].opened = limits[lane];
        }
        emit PathOpened(eid, peer, limits);
    }

    /// @dev Whoever could name another peer could mint at the hub or empty a gate.
    function setPeer(uint32, bytes32) public pure override(OAppCore) {
        revert PeersAreFixed();
    }

    /// @inheritdoc ICollateralPath
    function lowerLimit(uint32 eid, uint256 lane, uint256 limit) external onlyOwner {
        Limits storage limits = _limits(eid, lane);
        uint256 current = buckets[eid][lane].limit;
        require(limit < current, LimitNotLower(limit, current));
        _requireLimit(lane, limit, limits.opened / LOWEST_SHARE, current);
        (limits.next, limits.readyAt) = (0, 0);
        _setLimit(eid, lane, limit);
    }

    /// @inheritdoc ICollateralPath
    function scheduleLimit(uint32 eid, uint256 lane, uint256 limit) external onlyOwner {
        Limits storage limits = _limits(eid, lane);
        uint256 opened = limits.opened;
        uint256 maximum = opened * HIGHEST_MULTIPLE;
        if (maximum > AccountWords.LARGEST) maximum = AccountWords.LARGEST;
        _requireLimit(lane, limit, opened / LOWEST_SHARE, maximum);
        uint64 readyAt = uint64(block.timestamp) + LIMIT_DELAY;
        (limits.next, limits.readyAt) = (uint64(limit), readyAt);
        emit LimitScheduled(eid, lane, limit, readyAt);
    }

    /// @inheritdoc ICollateralPath
    function applyLimit(uint32 eid, uint256 lane) external {
        Limits storage limits = _limits(eid, lane);
        (uint256 limit, uint64 readyAt) = (limits.next, limits.readyAt);
        require(readyAt != 0, NothingScheduled());
        require(block.timestamp >= readyAt, NotReady(readyAt));
        (limits.next, limits.readyAt) = (0, 0);
        _setLimit(eid, lane, limit);
    }

    function _setLimit(uint32 eid, uint256 lane, uint256 limit) private {
        Meter.Bucket memory bucket = buckets[eid][lane];
        bucket.setLimit(limit);
        buckets[eid][lane] = bucket;
        emit LimitApplied(eid, lane, limit);
    }

    function _limits(uint32 eid, uint256 lane) private view returns (Limits storage) {
        require(lane < LANES, LaneUnknown(lane));
        require(peers[eid] != 0, NoPeer(eid));
        return limitsOf[eid][lane];
    }

    function _requireLimit(uint256 lane, uint256 limit, uint256 minimum, uint256 maximum) private pure {
        require(limit >= minimum && limit <= maximum, LimitOutOfBounds(lane, limit, minimum, maximum));
    }

    // --- views

    /// @inheritdoc ICollateralPath
    function quote(uint32 eid, bytes calldata options) external view returns (uint256) {
        if (eid == localEid) return 0;
        Transfer memory any;
        bytes memory message = TransferMessage.encode(TransferMessage.KIND_TRANSFER, any);
        bytes memory combined = combineOptions(eid, TransferMessage.KIND_TRANSFER, options);
        return _quote(eid, message, combined, false).nativeFee;
    }

    /// @inheritdoc ICollateralPath
    function lanePath(uint32 eid, uint256 lane) external view returns (uint256, uint256, uint256) {
        Meter.Bucket memory bucket = buckets[eid][lane];
        return (bucket.limit, bucket.available(), bucket.next - bucket.first);
    }

    /// @inheritdoc ICollateralPath
    function nextWaiting(uint32 eid, uint256 lane) external view returns (uint64) {
        Meter.Bucket memory bucket = buckets[eid][lane];
        _passDenied(eid, lane, bucket, type(uint256).max);
        return queues[eid][lane][bucket.first];
    }

    /// @inheritdoc ICollateralPath
    function waiting(uint32 eid, uint64 id) external view returns (Waiting memory) {
        return waitings[eid][id];
    }

    /// @dev What comes as calldata may have a lane or amount that the message's layout would cut short.
    function _hash(Transfer calldata transfer) internal pure returns (bytes32) {
        require(transfer.lane < LANES, LaneUnknown(transfer.lane));
        require(TransferMessage.isAmount(transfer.amount), AmountOutOfRange(transfer.amount));
        return TransferMessage.hash(transfer);
    }
}
