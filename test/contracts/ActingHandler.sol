// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";

/// @notice A handler that counts what it has done. An action that has nothing to do, or is refused for a reason that the rules
/// name, is a discard: it is undone, does not count towards the depth of a run, and stands in forge's table beside the
/// calls, so that the table says how often each action came to pass.
abstract contract ActingHandler is Test {
    mapping(bytes32 action => uint256) public done;
    uint256 public steps;
    /// whether a discard is a failure: in a sequence that is meant to come to pass
    bool private strict;

    error NothingToDo(bytes32 why);

    function beStrict() external {
        strict = true;
    }

    function _skip(bytes32 why) internal view {
        require(!strict, NothingToDo(why));
        vm.assume(false);
    }

    function _count(bytes32 action) internal {
        ++done[action];
        ++steps;
    }
}
