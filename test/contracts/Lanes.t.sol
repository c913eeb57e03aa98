// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";

/// Calls the library from outside, so that its reverts can be expected.
contract LanesCaller {
    function pack(uint256[12] memory lanes) external pure returns (uint256) {
        return Lanes.pack(lanes);
    }

    function packSigned(int256[12] memory lanes) external pure returns (uint256) {
        return Lanes.packSigned(lanes);
    }

    function put(uint256 word, uint256 lane, uint256 value) external pure returns (uint256) {
        return Lanes.put(word, lane, value);
    }
}

contract LanesTest is Test {
    LanesCaller private lib = new LanesCaller();

    function testFuzz_pack_roundTrips(uint256[12] memory lanes) public pure {
        for (uint256 i; i < 12; ++i) {
            lanes[i] = bound(lanes[i], 0, Protocol.LANE_LIMIT - 1);
        }
        uint256 word = Lanes.pack(lanes);
        assertLt(word, Protocol.WORD_LIMIT, "a word is below 2^252");
        uint256 total;
        for (uint256 i; i < 12; ++i) {
            assertEq(Lanes.get(word, i), lanes[i]);
            assertEq(Lanes.unpack(word)[i], lanes[i]);
            total += lanes[i];
        }
        assertEq(Lanes.sum(word), total);
    }

    function testFuzz_pack_isPlainArithmetic(uint256[12] memory lanes) public pure {
        uint256 expected;
        uint256 scale = 1;
        for (uint256 i; i < 12; ++i) {
            lanes[i] = bound(lanes[i], 0, Protocol.LANE_LIMIT - 1);
            expected += lanes[i] * scale;
            if (i < 11) scale *= 2_097_152;
        }
        assertEq(Lanes.pack(lanes), expected);
    }

    function testFuzz_unpack_isUnique(uint256 word) public pure {
        word = bound(word, 0, Protocol.WORD_LIMIT - 1);
        assertEq(Lanes.pack(Lanes.unpack(word)), word);
    }

    function testFuzz_packSigned_roundTrips(int256[12] memory lanes) public pure {
        for (uint256 i; i < 12; ++i) {
            lanes[i] = bound(lanes[i], -int256(Protocol.SIGNED_OFFSET), int256(Protocol.MAX_RETURN));
        }
        uint256 word = Lanes.packSigned(lanes);
        for (uint256 i; i < 12; ++i) {
            assertEq(Lanes.getSigned(word, i), lanes[i]);
            assertEq(Lanes.unpackSigned(word)[i], lanes[i]);
        }
    }

    function testFuzz_pack_revertsWhenLaneTooLarge(uint256 lane, uint256 value) public {
        lane = bound(lane, 0, 11);
        value = bound(value, Protocol.LANE_LIMIT, type(uint256).max);
        uint256[12] memory lanes;
        lanes[lane] = value;
        vm.expectRevert(abi.encodeWithSelector(Lanes.LaneOutOfRange.selector, lane, value));
        lib.pack(lanes);
    }

    function testFuzz_packSigned_revertsWhenLaneOutOfRange(uint256 lane, int256 value) public {
        lane = bound(lane, 0, 11);
        vm.assume(value < -int256(Protocol.SIGNED_OFFSET) || value > int256(Protocol.MAX_RETURN));
        int256[12] memory lanes;
        lanes[lane] = value;
        vm.expectPartialRevert(Lanes.LaneOutOfRange.selector);
        lib.packSigned(lanes);
    }

    function test_put_revertsWhenLaneUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(Lanes.LaneOutOfRange.selector, 12, 1));
        lib.put(0, 12, 1);
    }
}
