// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    ILayerZeroEndpointV2
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {CollateralFixture} from "./CollateralFixture.sol";
import {FailingToken} from "./OddTokens.sol";

/// @notice What depositors, owners, executors of messages, a broken token, a house that refuses and donors may do to the
/// collateral of three chains, in any order, over LayerZero's own contracts.
contract CollateralHandler is CollateralFixture {
    struct Pending {
        uint256 to;
        Packet packet;
    }

    /// Receivers of payments, who get tokens in no other way.
    address[2] public receivers = [address(0xBEEF01), address(0xBEEF02)];
    address private immutable elsewhere = address(0xBEEF03);
    uint256[3] public lanes = [uint256(0), FAILING, CASH];

    Pending[] private pending;
    Pending[] private executed;
    /// in the order of their numbers: deposits of a gate, payments of the hub to it
    Transfer[][CHAINS] private deposits;
    Transfer[][CHAINS] private payments;
    uint256 public immutable start;

    mapping(uint256 chain => mapping(uint256 lane => uint256)) public deposited;
    /// {token units}
    mapping(uint256 chain => mapping(uint256 lane => uint256)) public gifts;
    /// what must never be
    bool public replayed;
    bool public sentDenied;
    bool public queueJumped;

    mapping(bytes32 => uint256) public done;

    constructor() {
        _deployCollateral();
        vm.deal(address(this), 1e40);
        start = vm.getBlockTimestamp();
    }

    receive() external payable {}

    function lane_(uint256 seed) private view returns (uint256) {
        return lanes[seed % 3];
    }

    function _note(Packet[] memory packets, uint256 to) private {
        for (uint256 i; i < packets.length; ++i) {
            verifyAndCommit(nodes[to], packets[i]);
            pending.push(Pending(to, packets[i]));
        }
    }

    // --- what people do

    function deposit(uint256 chain, uint256 laneSeed, uint256 amount, bool forAlice, bool byAlice) external {
        chain %= CHAINS;
        uint256 lane = lane_(laneSeed);
        amount = bound(amount, 1, LIMIT);
        bytes32 account = forAlice ? aliceAccount : bobAccount;
        address who = byAlice ? alice : bob;
        Packet[] memory packets = _send(chain, who, account, lane, amount);
        deposited[chain][lane] += amount;
        deposits[chain].push(
            Transfer(uint64(deposits[chain].length + 1), lane, amount, account, toBytes32(who))
        );
        _note(packets, 0);
        ++done["deposit"];
    }

    function withdraw(uint256 chain, uint256 laneSeed, uint256 amount, bool ofAlice, uint256 to) external {
        chain %= CHAINS;
        uint256 lane = lane_(laneSeed);
        bytes32 account = ofAlice ? aliceAccount : bobAccount;
        uint256 most = _balance(account, lane);
        uint256 there = hub.held(_eid(chain), lane);
        if (there < most) most = there;
        if (most == 0) return;
        amount = bound(amount, 1, most);
        Packet[] memory packets = _withdraw(account, lane, amount, chain, receivers[to % 2]);
        uint64 id = uint64(payments[chain].length + 1);
        payments[chain].push(_payment(id, lane, amount, receivers[to % 2]));
        _note(packets, chain);
        ++done["withdraw"];
    }

    function accept(uint256 laneSeed, bool ofAlice) external {
        bytes32 account = ofAlice ? aliceAccount : bobAccount;
        uint256 lane = lane_(laneSeed);
        if (house.waiting(account, lane) == 0) return;
        vm.prank(address(bytes20(account)));
        house.accept(account, lane);
        ++done["accept"];
    }

    function claim(uint256 chain, uint256 to) external {
        chain %= CHAINS;
        address who = receivers[to % 2];
        if (gates[chain].claimable(who, FAILING) == 0) return;
        if (_failing(chain).manner() != FailingToken.Manner.Fine) return;
        vm.prank(who);
        gates[chain].claim(FAILING, elsewhere);
        ++done["claim"];
    }

    // --- what messages do

    /// Any message that waits, in any order; sometimes with a house that refuses.
    function execute(uint256 seed, bool refused) external {
        if (pending.length == 0) return;
        uint256 at = seed % pending.length;
        Pending memory next = pending[at];
        if (refused) {
            vm.mockCallRevert(address(house), abi.encodeWithSelector(house.credit.selector), "gone");
        }
        execute(nodes[next.to], next.packet, DEPOSIT_GAS);
        vm.clearMockedCalls();
        pending[at] = pending[pending.length - 1];
        pending.pop();
        executed.push(next);
        ++done["execute"];
    }

    /// Too little gas: either nothing happens, or all of it.
    function starve(uint256 seed, uint256 gas) external {
        if (pending.length == 0) return;
        uint256 at = seed % pending.length;
        Pending memory next = pending[at];
        ILayerZeroEndpointV2 endpoint = nodes[next.to].endpoint;
        Packet memory packet = next.packet;
        gas = bound(gas, 30_000, DEPOSIT_GAS);
        try endpoint.lzReceive{gas: gas}(packet.origin, packet.receiver, packet.guid, packet.message, "") {
            pending[at] = pending[pending.length - 1];
            pending.pop();
            executed.push(next);
        } catch {
            ++done["starve"];
        }
    }

    /// What was executed cannot be executed again.
    function replay(uint256 seed) external {
        if (executed.length == 0) return;
        Pending memory old = executed[seed % executed.length];
        ILayerZeroEndpointV2 endpoint = nodes[old.to].endpoint;
        Packet memory packet = old.packet;
        try this.verifyAgain(old) {
            replayed = true;
        } catch {}
        try endpoint.lzReceive(packet.origin, packet.receiver, packet.guid, packet.message, "") {
            replayed = true;
        } catch {}
        ++done["replay"];
    }

    function verifyAgain(Pending calldata old) external {
        verifyAndCommit(nodes[old.to], old.packet);
    }

    function _sent(uint256 chain, uint256 seed, bool payment)
        private
        view
        returns (CollateralPath path, uint32 eid, Transfer memory transfer, bool any)
    {
        Transfer[] storage list = payment ? payments[chain] : deposits[chain];
        any = list.length != 0;
        if (any) transfer = list[seed % list.length];
        (path, eid) = payment ? (CollateralPath(hub), _eid(chain)) : (CollateralPath(gates[chain]), HUB_EID);
    }

    /// Anything that was sent is sent once more.
    function resend(uint256 chain, uint256 seed, bool payment) external {
        chain %= CHAINS;
        (CollateralPath path, uint32 eid, Transfer memory transfer, bool any) = _sent(chain, seed, payment);
        if (!any || pending.length > 40) return;
        vm.recordLogs();
        path.resend{value: 1 ether}(eid, transfer, "");
        _note(sentPackets(), payment ? chain : 0);
        ++done["resend"];
    }

    /// What was sent cannot be denied; what was not can, which must not touch what was.
    function deny(uint256 chain, uint256 seed, bool payment, uint256 amount) external {
        chain %= CHAINS;
        (CollateralPath path, uint32 eid, Transfer memory transfer, bool any) = _sent(chain, seed, payment);
        if (!any || pending.length > 40) return;
        try path.deny{value: 1 ether}(eid, transfer, "") {
            sentDenied = true;
        } catch {}
        amount = bound(amount, 1, 1 << 61);
        if (amount == transfer.amount) return;
        transfer.amount = amount;
        vm.recordLogs();
        path.deny{value: 1 ether}(eid, transfer, "");
        _note(sentPackets(), payment ? chain : 0);
        ++done["deny"];
    }

    /// Lets the first of a queue go, after trying to let any other.
    function process(uint256 chain, uint256 laneSeed, bool payment, uint256 other) external {
        chain %= CHAINS;
        uint256 lane = lane_(laneSeed);
        CollateralPath path = payment ? CollateralPath(gates[chain]) : CollateralPath(hub);
        uint32 eid = payment ? HUB_EID : _eid(chain);
        uint64 id = path.nextWaiting(eid, lane);
        if (id == 0) return;
        Transfer[] storage list = payment ? payments[chain] : deposits[chain];
        other = other % list.length;
        Transfer[] memory one = new Transfer[](1);
        if (other + 1 != id && list[other].lane == lane) {
            one[0] = list[other];
            try path.process(eid, one) {
                queueJumped = true;
            } catch {}
        }
        one[0] = list[id - 1];
        try path.process(eid, one) {
            ++done["process"];
        } catch (bytes memory reason) {
            require(bytes4(reason) == ICollateralPath.LimitReached.selector, "only the limit may refuse");
        }
    }

    function retry(uint256 chain, uint256 seed) external {
        chain %= CHAINS;
        Transfer[] storage list = deposits[chain];
        if (list.length == 0) return;
        Transfer memory transfer = list[seed % list.length];
        if (hub.uncredited(_eid(chain), transfer.id) == 0) return;
        hub.retry(_eid(chain), transfer);
        ++done["retry"];
    }

    // --- what happens around them

    function breakToken(uint256 chain, uint256 manner) external {
        _failing(chain % CHAINS).behave(FailingToken.Manner(manner % 6));
    }

    function mendTokens() external {
        for (uint256 chain; chain < CHAINS; ++chain) {
            _failing(chain).behave(FailingToken.Manner.Fine);
        }
    }

    function gift(uint256 chain, uint256 laneSeed, uint256 units) external {
        chain %= CHAINS;
        uint256 lane = lane_(laneSeed);
        units = bound(units, 1, 1e30);
        _token(chain, lane).mint(address(gates[chain]), units);
        gifts[chain][lane] += units;
    }

    function pass(uint256 time) external {
        skip(bound(time, 1, 12 hours));
    }

    function lowerLimit(uint256 chain, uint256 laneSeed, uint256 limit) external {
        chain %= CHAINS;
        uint256 lane = lane_(laneSeed);
        (uint256 current,,) = gates[chain].lanePath(HUB_EID, lane);
        if (current == LIMIT / 8) return;
        gates[chain].lowerLimit(HUB_EID, lane, bound(limit, LIMIT / 8, current - 1));
    }

    // --- what should be

    function _failing(uint256 chain) private view returns (FailingToken) {
        return FailingToken(address(_token(chain, FAILING)));
    }

    function waitingAtHouse(uint256 lane) public view returns (uint256) {
        return house.waiting(aliceAccount, lane) + house.waiting(bobAccount, lane);
    }

    function balances(uint256 lane) public view returns (uint256) {
        return _balance(aliceAccount, lane) + _balance(bobAccount, lane);
    }

    /// @return flying {ppm of a token} sent and not delivered
    /// @return queued {ppm of a token} delivered and waiting
    /// @return total {ppm of a token} sent
    /// @return refused {ppm of a token} of deposits that the house refused
    function onTheWay(uint256 chain, uint256 lane, bool payment)
        public
        view
        returns (uint256 flying, uint256 queued, uint256 total, uint256 refused)
    {
        Transfer[] storage list = payment ? payments[chain] : deposits[chain];
        CollateralPath path = payment ? CollateralPath(gates[chain]) : CollateralPath(hub);
        uint32 eid = payment ? HUB_EID : _eid(chain);
        for (uint256 i; i < list.length; ++i) {
            if (list[i].lane != lane) continue;
            total += list[i].amount;
            if (path.delivered(eid, list[i].id) == 0) flying += list[i].amount;
            else queued += path.waiting(eid, list[i].id).left;
            if (!payment) refused += hub.uncredited(eid, list[i].id);
        }
    }

    function held(uint256 chain, uint256 lane) external view returns (uint256) {
        return hub.held(_eid(chain), lane);
    }

    function escrow(uint256 chain, uint256 lane) external view returns (uint256) {
        return gates[chain].escrow(lane);
    }

    function claimable(uint256 chain, uint256 lane) public view returns (uint256) {
        return gates[chain].claimable(receivers[0], lane) + gates[chain].claimable(receivers[1], lane);
    }

    /// @return {ppm of a token} that receivers have got, checked to be whole ones
    function paid(uint256 chain, uint256 lane) external view returns (uint256) {
        LocalToken token = _token(chain, lane);
        uint256 units =
            token.balanceOf(receivers[0]) + token.balanceOf(receivers[1]) + token.balanceOf(elsewhere);
        require(units % _unit(chain, lane) == 0, "payments are whole ppm");
        return units / _unit(chain, lane);
    }

    /// @return {token units}
    function lying(uint256 chain, uint256 lane) external view returns (uint256, uint256 unit) {
        return (_token(chain, lane).balanceOf(address(gates[chain])), _unit(chain, lane));
    }

    function mostPaid() external view returns (uint256) {
        return LIMIT + uint256(LIMIT) * (vm.getBlockTimestamp() - start) / 1 days;
    }

    function pendingCount() external view returns (uint256) {
        return pending.length;
    }
}

contract CollateralPathInvariantTest is CollateralFixture {
    CollateralHandler private handler;

    function setUp() public {
        handler = new CollateralHandler();
        bytes4[] memory selectors = new bytes4[](15);
        selectors[0] = handler.deposit.selector;
        selectors[1] = handler.withdraw.selector;
        selectors[2] = handler.accept.selector;
        selectors[3] = handler.claim.selector;
        selectors[4] = bytes4(keccak256("execute(uint256,bool)"));
        selectors[5] = handler.starve.selector;
        selectors[6] = handler.replay.selector;
        selectors[7] = handler.resend.selector;
        selectors[8] = handler.deny.selector;
        selectors[9] = handler.process.selector;
        selectors[10] = handler.retry.selector;
        selectors[11] = handler.breakToken.selector;
        selectors[12] = handler.mendTokens.selector;
        selectors[13] = handler.gift.selector;
        selectors[14] = handler.pass.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
        // the likelier ones twice
        bytes4[] memory again = new bytes4[](6);
        (again[0], again[1], again[2]) = (selectors[0], selectors[1], selectors[4]);
        (again[3], again[4], again[5]) = (selectors[4], selectors[9], handler.lowerLimit.selector);
        targetSelector(FuzzSelector(address(handler), again));
    }

    /// What can be read at once, after each step.
    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 100
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_H3_nothingIsCreatedOrLost() public view {
        assertFalse(handler.replayed(), "H-3: a message is executed once");
        assertFalse(handler.sentDenied(), "H-3: what was sent cannot be denied");
        assertFalse(handler.queueJumped(), "H-3: nothing overtakes in a queue");
        for (uint256 i; i < 3; ++i) {
            uint256 lane = handler.lanes(i);
            uint256 held;
            for (uint256 chain; chain < CHAINS; ++chain) {
                held += handler.held(chain, lane);
                _coveredAt(chain, lane);
            }
            assertEq(
                handler.balances(lane) + handler.waitingAtHouse(lane),
                held,
                "H-3: the accounts have what the hub counts on all chains"
            );
        }
    }

    function _coveredAt(uint256 chain, uint256 lane) private view {
        uint256 escrow = handler.escrow(chain, lane);
        uint256 claimable = handler.claimable(chain, lane);
        uint256 paid = handler.paid(chain, lane);
        assertEq(
            escrow + claimable + paid,
            handler.deposited(chain, lane),
            "H-3: escrow = deposited - paid - claimable"
        );
        (uint256 lying, uint256 unit) = handler.lying(chain, lane);
        assertEq(
            lying,
            (escrow + claimable) * unit + handler.gifts(chain, lane),
            "H-3: the gate holds its escrow, its claims and gifts"
        );
        assertLe(claimable + paid, handler.mostPaid(), "H-3: payments keep to the limit");
    }

    /// What needs all transfers, after each run: what is lost once stays lost.
    function afterInvariant() public view {
        _conserved();
    }

    function _conserved() private view {
        for (uint256 i; i < 3; ++i) {
            for (uint256 chain; chain < CHAINS; ++chain) {
                _conservedAt(chain, handler.lanes(i));
            }
        }
    }

    function _conservedAt(uint256 chain, uint256 lane) private view {
        (uint256 arriving, uint256 queuedAtHub, uint256 deposited, uint256 refused) =
            handler.onTheWay(chain, lane, false);
        (uint256 leaving, uint256 queuedAtGate, uint256 released,) = handler.onTheWay(chain, lane, true);
        assertEq(handler.deposited(chain, lane), deposited);
        assertEq(
            deposited,
            arriving + queuedAtHub + refused + handler.held(chain, lane) + released,
            "H-3: deposited = on the way + waiting + refused + held + released"
        );
        assertEq(
            released,
            leaving + queuedAtGate + handler.claimable(chain, lane) + handler.paid(chain, lane),
            "H-3: released = on the way + waiting + claimable + paid"
        );
    }

    /// The handler is worth something: this way through it reaches everything.
    function test_handler_reachesEverything() public {
        handler.deposit(1, 2, LIMIT, true, true);
        handler.deposit(1, 2, LIMIT, true, true); // will wait at the hub
        handler.deposit(2, 1, 5e6, false, true); // will wait for bob
        handler.deposit(0, 0, 7e6, true, true);
        handler.resend(1, 0, false);
        handler.deny(1, 0, false, 5);
        handler.starve(0, 30_000);
        _conserved();
        handler.execute(0, true);
        while (handler.pendingCount() != 0) {
            handler.execute(0, false);
            _conserved();
        }
        handler.retry(1, 0);
        handler.pass(12 hours);
        handler.pass(12 hours);
        handler.process(1, 2, false, 0);
        handler.accept(1, false);
        handler.breakToken(2, 1);
        handler.withdraw(1, 2, 2 * LIMIT, true, 0);
        handler.withdraw(2, 1, 5e6, false, 1);
        handler.withdraw(0, 0, 7e6, true, 1);
        while (handler.pendingCount() != 0) {
            handler.execute(1, false);
        }
        handler.replay(0);
        handler.gift(1, 2, 1);
        _conserved();
        handler.mendTokens();
        handler.claim(2, 1);
        handler.pass(12 hours);
        handler.process(1, 2, true, 0);
        handler.lowerLimit(1, 2, LIMIT / 2);
        _conserved();
        string[12] memory names = [
            "deposit",
            "resend",
            "deny",
            "starve",
            "execute",
            "retry",
            "process",
            "accept",
            "withdraw",
            "replay",
            "claim",
            "process"
        ];
        for (uint256 i; i < names.length; ++i) {
            assertGt(handler.done(bytes32(bytes(names[i]))), 0, names[i]);
        }
        assertEq(handler.paid(1, 12), uint256(LIMIT) * 3 / 2);
        assertEq(handler.paid(2, 1), 5e6);
        assertEq(handler.paid(0, 0), 7e6);
    }
}
