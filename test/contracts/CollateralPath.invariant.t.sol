// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {CollateralFixture} from "./CollateralFixture.sol";
import {TransferHandler} from "./TransferHandler.sol";

/// @notice Two accounts without positions that bring collateral and take it out: transfers are all there is.
contract CollateralHandler is CollateralFixture, TransferHandler {
    constructor() {
        _deployCollateral();
        _openBounds();
        vm.deal(address(this), 1e40);
    }

    function _house() internal view override returns (ClearingHouse) {
        return house;
    }

    function _hub() internal view override returns (CollateralHub) {
        return hub;
    }

    function _lanesInUse() internal pure override returns (uint256[] memory lanes) {
        lanes = new uint256[](3);
        (lanes[1], lanes[2]) = (FAILING, CASH);
    }

    function _openedWith(uint256, uint256) internal pure override returns (uint256) {
        return LIMIT;
    }

    function _owned(uint256 lane) internal view override returns (int256) {
        return int256(
            _balance(aliceAccount, lane) + _balance(bobAccount, lane) + house.waiting(aliceAccount, lane)
                + house.waiting(bobAccount, lane)
        );
    }

    function deposit(uint256 chain, uint256 laneSeed, uint256 amount, bool ofAlice, uint256 seed) external {
        bytes32 account = ofAlice ? aliceAccount : bobAccount;
        address who = seed % 2 == 0 ? alice : bob;
        _depositFor(chain % CHAINS, _lane(laneSeed), _bound(amount, 1, LIMIT), account, who, seed % 3 == 0);
        _count("deposit");
    }

    function withdraw(uint256 chain, uint256 laneSeed, uint256 amount, bool ofAlice, uint256 seed) external {
        _take(chain % CHAINS, ofAlice ? aliceAccount : bobAccount, _lane(laneSeed), amount, seed);
        _count("withdraw");
    }

    function _take(uint256 chain, bytes32 account, uint256 lane, uint256 amount, uint256 seed) private {
        uint256 most = _balance(account, lane);
        if (hub.held(_eid(chain), lane) < most) most = hub.held(_eid(chain), lane);
        if (most == 0) _skip("nothing there");
        address to;
        (amount, to) = _receiving(chain, lane, _bound(amount, 1, most), most, seed);
        Packet[] memory packets = _withdraw(account, lane, amount, chain, to);
        _notePayment(chain, lane, amount, to, packets);
    }

    function accept(uint256 laneSeed, bool ofAlice) external {
        bytes32 account = ofAlice ? aliceAccount : bobAccount;
        uint256 lane = _lane(laneSeed);
        if (house.waiting(account, lane) == 0) _skip("nothing waits");
        vm.prank(address(bytes20(account)));
        house.accept(account, lane);
        _count("accept");
    }

    function pass(uint256 time) external {
        skip(_bound(time, 1, time % 4 == 0 ? 3 days : 12 hours));
        _count("pass");
    }

    function paid(uint256 chain, uint256 lane) external view returns (uint256) {
        return _paid(chain, lane);
    }
}

contract CollateralPathInvariantTest is CollateralFixture {
    CollateralHandler private handler;

    function setUp() public {
        handler = new CollateralHandler();
        bytes4[] memory selectors = new bytes4[](17);
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
        selectors[15] = handler.denyAhead.selector;
        selectors[16] = handler.scheduleLimit.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
        // the likelier ones twice
        bytes4[] memory again = new bytes4[](6);
        (again[0], again[1], again[2]) = (selectors[0], selectors[1], selectors[4]);
        (again[3], again[4], again[5]) = (selectors[4], selectors[9], handler.applyLimit.selector);
        targetSelector(FuzzSelector(address(handler), again));
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 100
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: deep.invariant.runs = 48
    /// forge-config: deep.invariant.depth = 256
    function invariant_H3_nothingIsCreatedOrLost() public view {
        handler.requireCovered();
    }

    function afterInvariant() public view {
        handler.requireConserved();
    }

    function _executeAll(uint256 seed) private {
        while (handler.pendingCount() != 0) {
            handler.execute(seed, false);
            handler.requireConserved();
        }
    }

    /// The handler is worth something: this way through it reaches everything.
    function test_handler_reachesEverything() public {
        handler.beStrict();
        handler.deposit(1, 2, LIMIT, true, 2);
        handler.deposit(1, 2, LIMIT, true, 2); // will wait at the hub
        handler.deposit(2, 1, 5e6, false, 2); // will wait for bob
        handler.deposit(0, 0, 7e6, true, 2);
        handler.resend(1, 0, false);
        handler.deny(1, 0, false, 5);
        handler.denyAhead(1, 0, false, 1); // the next two numbers of the first deposit's words
        handler.starve(0, 30_000);
        handler.requireConserved();
        handler.execute(0, true);
        _executeAll(0);
        handler.retry(1, 0);
        handler.pass(12 hours);
        handler.pass(12 hours);
        handler.process(1, 2, false, 0);
        handler.accept(1, false);
        handler.deposit(1, 0, 0, false, 0); // those words again
        assertEq(handler.done("skip"), 2);
        handler.breakToken(2, 0);
        handler.withdraw(1, 2, 2 * LIMIT, true, 2);
        handler.withdraw(2, 1, 5e6, false, 1);
        handler.withdraw(0, 0, 7e6, true, 1);
        handler.denyAhead(0, 0, true, 0); // the last payment once more
        _executeAll(1);
        handler.replay(0);
        handler.gift(1, 2, 1);
        handler.requireConserved();
        handler.mendTokens();
        handler.claim(2, 1);
        handler.pass(12 hours);
        handler.process(1, 2, true, 0);
        handler.scheduleLimit(1, 2, 3 * LIMIT, true);
        for (uint256 i; i < 4; ++i) {
            handler.pass(12 hours);
        }
        handler.applyLimit(1, 2, true);
        handler.scheduleLimit(1, 2, LIMIT / 2, true);
        handler.deposit(0, 0, 7e6, true, 2);
        handler.withdraw(0, 0, 0, true, 3); // what was denied ahead
        assertEq(handler.done("skip"), 3);
        handler.requireCovered();
        handler.requireConserved();
        string[16] memory names = [
            "deposit",
            "resend",
            "deny",
            "denyAhead",
            "skip",
            "starve",
            "execute",
            "retry",
            "process",
            "accept",
            "withdraw",
            "replay",
            "claim",
            "gift",
            "scheduleLimit",
            "applyLimit"
        ];
        for (uint256 i; i < names.length; ++i) {
            assertGt(handler.done(bytes32(bytes(names[i]))), 0, names[i]);
        }
        assertEq(handler.paid(1, 12), uint256(LIMIT) * 3 / 2);
        assertEq(handler.paid(2, 1), 5e6);
        assertEq(handler.paid(0, 0), 14e6);
    }
}
