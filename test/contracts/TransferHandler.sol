// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    ILayerZeroEndpointV2
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {TransferMessage} from "../../contracts/libraries/TransferMessage.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {ActingHandler} from "./ActingHandler.sol";
import {FailingToken} from "./OddTokens.sol";
import {ThreeChains} from "./ThreeChains.sol";

/// @notice What executors of messages, a broken token, a house that refuses, donors and limits may do to the transfers between
/// three chains, in any order, and what H-3 says of them. Who deposits and withdraws is the inheritor's.
abstract contract TransferHandler is ThreeChains, ActingHandler {
    struct Pending {
        uint256 to;
        Packet packet;
    }

    /// What has been sent one way of one path, in the order of its numbers, of which some may have been denied before.
    struct Lists {
        Transfer[] sent;
        mapping(uint64 id => uint256 place) placeOf;
    }

    /// @param through {ppm of a token} that may have been let through by now
    /// @param time {s} of `through`
    struct Bound {
        uint256 through;
        uint256 time;
    }

    /// {s} before which the limit scheduled last does not count
    mapping(bool atGate => mapping(uint256 chain => mapping(uint256 lane => uint256))) private raisedAt;

    /// messages that wait at the most
    uint256 private constant BUSY = 40;

    /// Receivers of payments, who get tokens in no other way.
    address[2] public receivers = [address(0xBEEF01), address(0xBEEF02)];
    address private immutable elsewhere = address(0xBEEF03);

    Pending[] private pending;
    Pending[] private executed;
    mapping(bool payment => Lists[CHAINS]) private lists;
    /// denied under a number that nothing had, the last ones that nothing has taken yet
    mapping(bool payment => Transfer[CHAINS]) private ahead;
    mapping(bytes32 words => bool) private denied;

    mapping(uint256 chain => mapping(uint256 lane => uint256)) private deposited;
    /// {token units}
    mapping(uint256 chain => mapping(uint256 lane => uint256)) private gifts;
    mapping(bool atGate => mapping(uint256 chain => mapping(uint256 lane => Bound))) private bounds;

    receive() external payable {}

    // --- the inheritor's

    function _house() internal view virtual returns (ClearingHouse);
    function _hub() internal view virtual returns (CollateralHub);
    /// lanes in use
    function _lanesInUse() internal view virtual returns (uint256[] memory);
    /// {ppm of a token} what is the accounts', with what waits for their owners and what is not settled
    function _owned(uint256 lane) internal view virtual returns (int256);
    /// before anything happens
    function _look() internal virtual {}
    /// after it: `part` of a deposit has come to the house, or nothing where it is 0
    function _judge(Transfer memory deposit, uint256 part) internal virtual {}

    // --- ends of paths

    function _lane(uint256 seed) internal view returns (uint256) {
        uint256[] memory lanes = _lanesInUse();
        return lanes[seed % lanes.length];
    }

    /// @return path that sends
    /// @return eid of the other end
    function _sender(uint256 chain, bool payment) private view returns (CollateralPath path, uint32 eid) {
        return payment ? (CollateralPath(_hub()), _eid(chain)) : (CollateralPath(gates[chain]), HUB_EID);
    }

    /// @return path that receives
    /// @return eid of the other end
    function _receiver(uint256 chain, bool payment) private view returns (CollateralPath path, uint32 eid) {
        return _sender(chain, !payment);
    }

    function _key(uint256 chain, bool payment, Transfer memory transfer) private pure returns (bytes32) {
        return keccak256(abi.encode(chain, payment, transfer));
    }

    function _note(Packet[] memory packets, uint256 to) private {
        for (uint256 i; i < packets.length; ++i) {
            verifyAndCommit(nodes[to], packets[i]);
            pending.push(Pending(to, packets[i]));
        }
    }

    /// What has just been sent has the next number whose words have not been denied.
    function _noteSent(uint256 chain, bool payment, Transfer memory transfer) private {
        (CollateralPath path, uint32 eid) = _sender(chain, payment);
        Lists storage list = lists[payment][chain];
        uint256 count = list.sent.length;
        uint64 last = path.lastSent(eid);
        transfer.id = count == 0 ? 1 : list.sent[count - 1].id + 1;
        while (denied[_key(chain, payment, transfer)]) {
            ++transfer.id;
            _count("skip");
        }
        assertEq(transfer.id, last, "H-3.6: a transfer takes the next number that is not denied to it");
        list.sent.push(transfer);
        list.placeOf[last] = count + 1;
    }

    /// {ppm of a token} of a deposit that the house has taken since a moment when it held `before`
    function _taken(uint256 chain, uint256 lane, uint256 before) private view returns (uint256) {
        return _hub().held(_eid(chain), lane) - before;
    }

    /// Everything arrives, and every queue is served day after day.
    function _arrive() internal {
        _executeAll();
        uint256[] memory lanes = _lanesInUse();
        for (uint256 k; k < CHAINS * lanes.length; ++k) {
            _serve(k % CHAINS, lanes[k / CHAINS], false);
            _serve(k % CHAINS, lanes[k / CHAINS], true);
        }
    }

    function _serve(uint256 chain, uint256 lane, bool payment) private {
        (CollateralPath path, uint32 eid) = _receiver(chain, payment);
        Lists storage list = lists[payment][chain];
        Transfer[] memory one = new Transfer[](1);
        for (uint64 id; (id = path.nextWaiting(eid, lane)) != 0;) {
            one[0] = list.sent[list.placeOf[id] - 1];
            uint256 before = _hub().held(_eid(chain), lane);
            skip(1 days);
            _look();
            path.process(eid, one);
            _judge(one[0], payment ? 0 : _taken(chain, lane, before));
        }
    }

    // --- what people do

    /// @param repeats whether the words are those of a transfer that was denied before it was there
    function _depositFor(
        uint256 chain,
        uint256 lane,
        uint256 amount,
        bytes32 account,
        address who,
        bool repeats
    ) internal {
        Transfer memory said = ahead[false][chain];
        if (repeats && said.amount != 0) {
            (lane, amount, account) = (said.lane, said.amount, said.target);
            who = address(uint160(uint256(said.sender)));
            delete ahead[false][chain];
        }
        vm.deal(who, 1e30);
        _look();
        uint256 before = _hub().held(_eid(chain), lane);
        Packet[] memory packets = _send(chain, who, account, lane, amount);
        deposited[chain][lane] += amount;
        Transfer memory deposit = Transfer(0, lane, amount, account, toBytes32(who));
        _noteSent(chain, false, deposit);
        _note(packets, 0);
        _judge(deposit, _taken(chain, lane, before));
    }

    /// Called when the house has been asked to pay and has.
    function _notePayment(uint256 chain, uint256 lane, uint256 amount, address to, Packet[] memory packets)
        internal
    {
        _noteSent(chain, true, Transfer(0, lane, amount, toBytes32(to), toBytes32(address(_house()))));
        _note(packets, chain);
    }

    function claim(uint256 chain, uint256 to) external {
        chain %= CHAINS;
        address who = receivers[to % 2];
        if (gates[chain].claimable(who, FAILING) == 0) _skip("nothing claimable");
        _failing(chain).behave(FailingToken.Manner.Fine);
        vm.prank(who);
        gates[chain].claim(FAILING, elsewhere);
        _count("claim");
    }

    // --- what messages do

    /// Any message that waits, in any order; sometimes with a house that refuses.
    function execute(uint256 seed, bool refused) external {
        if (pending.length == 0) _skip("nothing pending");
        uint256 at = seed % pending.length;
        Pending memory next = pending[at];
        _execute(next, refused);
        _close(at);
        _count("execute");
    }

    function _executeAll() internal {
        while (pending.length != 0) {
            _execute(pending[0], false);
            _close(0);
        }
    }

    function _execute(Pending memory next, bool refused) private {
        (Transfer memory deposit, uint256 chain, uint256 before) = _arriving(next);
        _look();
        if (refused) {
            vm.mockCallRevert(
                address(_house()), abi.encodeWithSelector(IClearingHouse.credit.selector), "gone"
            );
        }
        execute(nodes[next.to], next.packet, DEPOSIT_GAS);
        if (refused) vm.clearMockedCalls();
        _judge(deposit, _taken(chain, deposit.lane, before));
    }

    /// Too little gas: either nothing happens, or all of it.
    function starve(uint256 seed, uint256 gas) external {
        if (pending.length == 0) _skip("nothing pending");
        uint256 at = seed % pending.length;
        Pending memory next = pending[at];
        (Transfer memory deposit, uint256 chain, uint256 before) = _arriving(next);
        ILayerZeroEndpointV2 endpoint = nodes[next.to].endpoint;
        Packet memory packet = next.packet;
        gas = _bound(gas, 30_000, DEPOSIT_GAS);
        _look();
        try endpoint.lzReceive{gas: gas}(packet.origin, packet.receiver, packet.guid, packet.message, "") {
            _close(at);
        } catch {
            _count("starve");
        }
        _judge(deposit, _taken(chain, deposit.lane, before));
    }

    /// The words of a message to the hub, and what the house held of them before.
    function _arriving(Pending memory next)
        private
        view
        returns (Transfer memory deposit, uint256 chain, uint256 before)
    {
        if (next.to != 0) return (deposit, 0, _hub().held(HUB_EID, 0));
        deposit = this.readTransfer(next.packet.message);
        chain = next.packet.origin.srcEid - 1;
        before = _hub().held(_eid(chain), deposit.lane);
    }

    /// @dev external so that the bytes are calldata
    function readTransfer(bytes calldata message) external pure returns (Transfer memory transfer) {
        (, transfer) = TransferMessage.decode(message);
    }

    function _close(uint256 at) private {
        executed.push(pending[at]);
        pending[at] = pending[pending.length - 1];
        pending.pop();
    }

    /// What was executed cannot be executed again.
    function replay(uint256 seed) external {
        if (executed.length == 0) _skip("nothing executed");
        Pending memory old = executed[seed % executed.length];
        ILayerZeroEndpointV2 endpoint = nodes[old.to].endpoint;
        Packet memory packet = old.packet;
        try this.verifyAgain(old) {
            revert("H-3: a message is verified once");
        } catch {}
        try endpoint.lzReceive(packet.origin, packet.receiver, packet.guid, packet.message, "") {
            revert("H-3: a message is executed once");
        } catch {}
        _count("replay");
    }

    function verifyAgain(Pending calldata old) external {
        verifyAndCommit(nodes[old.to], old.packet);
    }

    function _some(uint256 chain, uint256 seed, bool payment) private view returns (Transfer memory) {
        Transfer[] storage sent = lists[payment][chain].sent;
        if (sent.length == 0) _skip("nothing sent");
        return sent[seed % sent.length];
    }

    /// Anything that was sent is sent once more.
    function resend(uint256 chain, uint256 seed, bool payment) external {
        chain %= CHAINS;
        Transfer memory transfer = _some(chain, seed, payment);
        (CollateralPath path, uint32 eid) = _sender(chain, payment);
        if (pending.length > BUSY) _skip("too much pending");
        _look();
        vm.recordLogs();
        path.resend{value: 1 ether}(eid, transfer, "");
        _note(sentPackets(), payment ? chain : 0);
        _judge(transfer, 0);
        _count("resend");
    }

    /// What was sent cannot be denied; what was not can, which must not touch what was.
    function deny(uint256 chain, uint256 seed, bool payment, uint256 amount) external {
        chain %= CHAINS;
        Transfer memory transfer = _some(chain, seed, payment);
        (CollateralPath path, uint32 eid) = _sender(chain, payment);
        if (pending.length > BUSY) _skip("too much pending");
        try path.deny{value: 1 ether}(eid, transfer, "") {
            revert("H-3.6: what was sent cannot be denied");
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), ICollateralPath.TransferWasSent.selector);
        }
        amount = _bound(amount, 1, 1 << 61);
        if (amount == transfer.amount) _skip("the same words");
        transfer.amount = amount;
        _deny(chain, payment, transfer);
        _count("deny");
    }

    /// Words that a later transfer may have, under one of the next numbers.
    function denyAhead(uint256 chain, uint256 seed, bool payment, uint64 numbers) external {
        chain %= CHAINS;
        Transfer memory transfer = _some(chain, seed, payment);
        (CollateralPath path, uint32 eid) = _sender(chain, payment);
        if (pending.length > BUSY) _skip("too much pending");
        transfer.id = path.lastSent(eid) + 1 + numbers % 3;
        _deny(chain, payment, transfer);
        ahead[payment][chain] = transfer;
        // and the numbers up to it too, so that the next of these words meets them all
        while (numbers % 2 == 1 && --transfer.id > path.lastSent(eid)) {
            _deny(chain, payment, transfer);
        }
        _count("denyAhead");
    }

    function _deny(uint256 chain, bool payment, Transfer memory transfer) private {
        (CollateralPath path, uint32 eid) = _sender(chain, payment);
        _look();
        vm.recordLogs();
        path.deny{value: 1 ether}(eid, transfer, "");
        _note(sentPackets(), payment ? chain : 0);
        denied[_key(chain, payment, transfer)] = true;
        _judge(transfer, 0);
    }

    /// A receiver, and for some seeds the words of a payment that was denied before it was there.
    /// @param amount {ppm of a token} that is wanted
    /// @param most {ppm of a token}
    function _receiving(uint256 chain, uint256 lane, uint256 amount, uint256 most, uint256 seed)
        internal
        view
        returns (uint256, address)
    {
        Transfer memory said = ahead[true][chain];
        if (seed % 3 != 0 || said.amount == 0 || said.lane != lane || said.amount > most) {
            return (amount, receivers[seed % 2]);
        }
        return (said.amount, address(uint160(uint256(said.target))));
    }

    /// Lets the first of a queue go, after trying to let any other.
    function process(uint256 chain, uint256 laneSeed, bool payment, uint256 other) external {
        chain %= CHAINS;
        uint256 lane = _lane(laneSeed);
        (CollateralPath path, uint32 eid) = _receiver(chain, payment);
        uint64 id = path.nextWaiting(eid, lane);
        if (id == 0) _skip("nothing waits");
        Transfer[] memory one = new Transfer[](1);
        one[0] = _some(chain, other, payment);
        if (one[0].id != id && one[0].lane == lane) {
            try path.process(eid, one) {
                revert("H-3.3: nothing overtakes in a queue");
            } catch {}
        }
        Lists storage list = lists[payment][chain];
        one[0] = list.sent[list.placeOf[id] - 1];
        uint256 before = _hub().held(_eid(chain), lane);
        _look();
        try path.process(eid, one) {
            _count("process");
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), ICollateralPath.LimitReached.selector, "H-3.3: only the limit refuses");
            _count("processRefused");
        }
        _judge(one[0], payment ? 0 : _taken(chain, lane, before));
    }

    function retry(uint256 chain, uint256 seed) external {
        chain %= CHAINS;
        Transfer memory transfer = _some(chain, seed, false);
        if (_hub().uncredited(_eid(chain), transfer.id) == 0) _skip("nothing refused");
        uint256 before = _hub().held(_eid(chain), transfer.lane);
        _look();
        _hub().retry(_eid(chain), transfer);
        _judge(transfer, _taken(chain, transfer.lane, before));
        _count("retry");
    }

    // --- what happens around them

    function _failing(uint256 chain) private view returns (FailingToken) {
        return FailingToken(address(_token(chain, FAILING)));
    }

    function breakToken(uint256 chain, uint256 manner) external {
        _failing(chain % CHAINS).behave(FailingToken.Manner(1 + manner % 5));
        _count("breakToken");
    }

    function mendTokens() external {
        for (uint256 chain; chain < CHAINS; ++chain) {
            _failing(chain).behave(FailingToken.Manner.Fine);
        }
        _count("mendTokens");
    }

    function gift(uint256 chain, uint256 laneSeed, uint256 units) external {
        chain %= CHAINS;
        uint256 lane = _lane(laneSeed);
        units = _bound(units, 1, 1e30);
        _token(chain, lane).mint(address(gates[chain]), units);
        gifts[chain][lane] += units;
        _count("gift");
    }

    /// Lowers a limit, or has it raised later.
    function scheduleLimit(uint256 chain, uint256 laneSeed, uint256 limit, bool atGate) external {
        chain %= CHAINS;
        uint256 lane = _lane(laneSeed);
        (CollateralPath path, uint32 eid) = _receiver(chain, atGate);
        (uint256 opened, uint256 current) = (_openedWith(chain, lane), _limit(chain, lane, atGate));
        limit = _bound(limit, opened / 8, 3 * opened);
        _accrue(chain, lane, atGate);
        if (limit < current) path.lowerLimit(eid, lane, limit);
        else path.scheduleLimit(eid, lane, limit);
        raisedAt[atGate][chain][lane] = vm.getBlockTimestamp() + 2 days;
        _count("scheduleLimit");
    }

    function applyLimit(uint256 chain, uint256 laneSeed, bool atGate) external {
        chain %= CHAINS;
        uint256 lane = _lane(laneSeed);
        (CollateralPath path, uint32 eid) = _receiver(chain, atGate);
        uint256 before = _limit(chain, lane, atGate);
        _accrue(chain, lane, atGate);
        try path.applyLimit(eid, lane) {
            _count("applyLimit");
        } catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
        assertLe(before, _limit(chain, lane, atGate), "H-3.4: what was scheduled is a raise");
        assertGe(vm.getBlockTimestamp(), raisedAt[atGate][chain][lane], "H-3.4: raising counts after 2 days");
    }

    // --- what H-3 says

    /// {ppm of a token per day} that the lane of every path was opened with
    function _openedWith(uint256 chain, uint256 lane) internal view virtual returns (uint256);

    function _limit(uint256 chain, uint256 lane, bool atGate) private view returns (uint256 limit) {
        (CollateralPath path, uint32 eid) = _receiver(chain, atGate);
        (limit,,) = path.lanePath(eid, lane);
    }

    /// {ppm of a token} a day's worth of the first limit, and each limit for its time
    function _through(uint256 chain, uint256 lane, bool atGate) private view returns (uint256) {
        Bound memory reached = bounds[atGate][chain][lane];
        if (reached.time == 0) reached = Bound(_openedWith(chain, lane), openedAt);
        uint256 elapsed = vm.getBlockTimestamp() - reached.time;
        // rounded up: the meter counts exactly
        return reached.through + (_limit(chain, lane, atGate) * elapsed + 1 days - 1) / 1 days;
    }

    function _accrue(uint256 chain, uint256 lane, bool atGate) private {
        bounds[atGate][chain][lane] = Bound(_through(chain, lane, atGate), vm.getBlockTimestamp());
    }

    uint256 private openedAt;

    /// Called once, when the gates are there.
    function _openBounds() internal {
        openedAt = vm.getBlockTimestamp();
    }

    /// What can be read at once, after each step.
    function requireCovered() public view {
        uint256[] memory lanes = _lanesInUse();
        for (uint256 i; i < lanes.length; ++i) {
            uint256 held;
            for (uint256 chain; chain < CHAINS; ++chain) {
                held += _hub().held(_eid(chain), lanes[i]);
                _requireCoveredAt(chain, lanes[i]);
            }
            assertEq(_owned(lanes[i]), int256(held), "H-3: accounts have what the hub counts on all chains");
        }
    }

    function _requireCoveredAt(uint256 chain, uint256 lane) private view {
        uint256 escrow = gates[chain].escrow(lane);
        (uint256 claimable, uint256 paid) = (_claimable(chain, lane), _paid(chain, lane));
        assertEq(
            escrow + claimable + paid, deposited[chain][lane], "H-3: escrow = deposited - paid - claimable"
        );
        assertEq(
            _token(chain, lane).balanceOf(address(gates[chain])),
            (escrow + claimable) * _unit(chain, lane) + gifts[chain][lane],
            "H-3: the gate holds its escrow, its claims and gifts"
        );
        assertLe(claimable + paid, _through(chain, lane, true), "H-3.3: payments keep to the limit");
    }

    function _claimable(uint256 chain, uint256 lane) private view returns (uint256) {
        return gates[chain].claimable(receivers[0], lane) + gates[chain].claimable(receivers[1], lane);
    }

    /// @return {ppm of a token} that receivers have got, checked to be whole ones
    function _paid(uint256 chain, uint256 lane) internal view returns (uint256) {
        LocalToken token = _token(chain, lane);
        uint256 units =
            token.balanceOf(receivers[0]) + token.balanceOf(receivers[1]) + token.balanceOf(elsewhere);
        assertEq(units % _unit(chain, lane), 0, "H-3: payments are whole ppm");
        return units / _unit(chain, lane);
    }

    /// What needs all transfers: what is lost once stays lost, so after each run is often enough.
    function requireConserved() public view {
        uint256[] memory lanes = _lanesInUse();
        for (uint256 i; i < lanes.length; ++i) {
            for (uint256 chain; chain < CHAINS; ++chain) {
                _requireConservedAt(chain, lanes[i]);
            }
        }
    }

    function _requireConservedAt(uint256 chain, uint256 lane) private view {
        (uint256 arriving, uint256 atHub, uint256 sent, uint256 refused) = _onTheWay(chain, lane, false);
        (uint256 leaving, uint256 atGate, uint256 released,) = _onTheWay(chain, lane, true);
        uint256 held = _hub().held(_eid(chain), lane);
        assertEq(deposited[chain][lane], sent, "what was deposited was sent");
        assertEq(
            sent,
            arriving + atHub + refused + held + released,
            "H-3: deposited = on the way + waiting + refused + held + released"
        );
        assertEq(
            released,
            leaving + atGate + _claimable(chain, lane) + _paid(chain, lane),
            "H-3: released = on the way + waiting + claimable + paid"
        );
        assertLe(held + released + refused, _through(chain, lane, false), "H-3.3: deposits keep to the limit");
    }

    /// @return flying {ppm of a token} sent and not delivered
    /// @return queued {ppm of a token} delivered and waiting
    /// @return total {ppm of a token} sent
    /// @return refused {ppm of a token} of deposits that the house refused
    function _onTheWay(uint256 chain, uint256 lane, bool payment)
        private
        view
        returns (uint256 flying, uint256 queued, uint256 total, uint256 refused)
    {
        Transfer[] storage list = lists[payment][chain].sent;
        (CollateralPath path, uint32 eid) = _receiver(chain, payment);
        for (uint256 i; i < list.length; ++i) {
            if (list[i].lane != lane) continue;
            total += list[i].amount;
            if (path.delivered(eid, list[i].id) == 0) flying += list[i].amount;
            else queued += path.waiting(eid, list[i].id).left;
            if (!payment) refused += _hub().uncredited(eid, list[i].id);
        }
    }

    function pendingCount() public view returns (uint256) {
        return pending.length;
    }
}
