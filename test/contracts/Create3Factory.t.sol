// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {CREATE3} from "solady/utils/CREATE3.sol";
import {Create3Factory} from "../../contracts/deploy/Create3Factory.sol";

contract Kept {
    uint256 public immutable value;

    constructor(uint256 value_) {
        require(value_ != 0, "zero");
        value = value_;
    }
}

contract Create3FactoryTest is Test {
    Create3Factory private factory;
    address private constant ALICE = address(0xa11ce);
    address private constant MALLORY = address(0xbad);

    function setUp() public {
        factory = new Create3Factory();
    }

    function initCodeOf(uint256 value) private pure returns (bytes memory) {
        return abi.encodePacked(type(Kept).creationCode, abi.encode(value));
    }

    function testFuzz_deploy_addressDependsOnDeployerAndSaltAlone(bytes32 salt, uint256 one, uint256 other)
        public
    {
        (one, other) = (bound(one, 1, type(uint256).max), bound(other, 1, type(uint256).max));
        address expected = factory.addressOf(ALICE, salt);
        uint256 before = vm.snapshotState();
        vm.prank(ALICE);
        assertEq(factory.deploy(salt, initCodeOf(one)), expected);
        assertEq(Kept(expected).value(), one);
        vm.revertToState(before);
        vm.prank(ALICE);
        assertEq(factory.deploy(salt, initCodeOf(other)), expected);
        assertEq(Kept(expected).value(), other);
    }

    function testFuzz_deploy_nobodyTakesAnothersPlace(address other, bytes32 salt) public {
        vm.assume(other != ALICE);
        vm.prank(other);
        address taken = factory.deploy(salt, initCodeOf(1));
        vm.prank(ALICE);
        assertTrue(factory.deploy(salt, initCodeOf(2)) != taken);
    }

    function test_deploy_keepsWhatTheContractWasMadeFrom() public {
        bytes memory initCode = initCodeOf(7);
        address expected = factory.addressOf(ALICE, "salt");
        assertEq(factory.initCodeHash(expected), 0);
        vm.expectEmit(address(factory));
        emit Create3Factory.ContractDeployed(expected, ALICE, "salt", keccak256(initCode));
        vm.prank(ALICE);
        factory.deploy("salt", initCode);
        assertEq(factory.initCodeHash(expected), keccak256(initCode));
    }

    function test_deploy_revertsWhenSaltIsUsed() public {
        vm.startPrank(MALLORY);
        factory.deploy("salt", initCodeOf(1));
        vm.expectRevert(CREATE3.DeploymentFailed.selector);
        factory.deploy("salt", initCodeOf(2));
    }

    function test_deploy_revertsWhenConstructorDoesAndLeavesThePlaceFree() public {
        vm.startPrank(ALICE);
        vm.expectRevert(CREATE3.DeploymentFailed.selector);
        factory.deploy("salt", initCodeOf(0));
        assertEq(Kept(factory.deploy("salt", initCodeOf(3))).value(), 3);
    }
}
