// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Vm} from "forge-std/Test.sol";
import {ObservationLog} from "../../contracts/facts/ObservationLog.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {VectorNumbers} from "./ProvenVector.sol";

/// Says the price it was told.
contract SpokenPrice is IPriceSource {
    uint256 private price;

    function say(uint256 price_) external {
        price = price_;
    }

    function read() external view returns (uint256, uint64) {
        return (price, uint64(block.timestamp));
    }
}

/// @notice The vectors that TypeScript and circom replay as well.
contract VectorsTest is VectorNumbers {
    function _at(string memory list, uint256 i, string memory key) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "].", key);
    }

    function test_lanes() public view {
        string memory json = vm.readFile("test/vectors/lanes.json");
        uint256 i;
        for (; vm.keyExistsJson(json, _at("unsigned", i, "word")); ++i) {
            uint256[] memory values = _uints(json, _at("unsigned", i, "lanes"));
            uint256[12] memory lanes;
            for (uint256 lane; lane < values.length; ++lane) {
                lanes[lane] = values[lane];
            }
            uint256 word = _uint(json, _at("unsigned", i, "word"));
            assertEq(Lanes.pack(lanes), word);
            assertEq(abi.encode(Lanes.unpack(word)), abi.encode(lanes));
        }
        assertGt(i, 3, "the file holds vectors");

        for (i = 0; vm.keyExistsJson(json, _at("signed", i, "word")); ++i) {
            string[] memory texts = vm.parseJsonStringArray(json, _at("signed", i, "lanes"));
            uint256 word = _uint(json, _at("signed", i, "word"));
            uint256 packed;
            for (uint256 lane; lane < texts.length; ++lane) {
                packed = Lanes.putSigned(packed, lane, vm.parseInt(texts[lane]));
                assertEq(Lanes.getSigned(word, lane), vm.parseInt(texts[lane]));
            }
            assertEq(packed, word);
        }
        assertGt(i, 2, "the file holds vectors");
    }

    function test_returns() public {
        string memory json = vm.readFile("test/vectors/returns.json");
        vm.warp(1_700_000_000);
        SpokenPrice source = new SpokenPrice();
        IPriceSource[12] memory sources;
        sources[0] = source;
        uint256 i;
        for (; vm.keyExistsJson(json, _at("pairs", i, "before")); ++i) {
            ObservationLog log_ = new ObservationLog(sources, 1 hours, 1 hours);
            source.say(_uint(json, _at("pairs", i, "before")));
            log_.observe();
            vm.warp(vm.getBlockTimestamp() + 1 hours);
            source.say(_uint(json, _at("pairs", i, "after")));
            vm.recordLogs();
            log_.observe();
            Vm.Log memory entry = vm.getRecordedLogs()[0];
            assertEq(entry.topics[0], IObservationLog.Observed.selector);
            (, uint256 word,,) = abi.decode(entry.data, (bytes32, uint256, uint64, uint256));
            int256 expected = vm.parseInt(vm.parseJsonString(json, _at("pairs", i, "observedReturn")));
            assertEq(Lanes.getSigned(word, 0), expected);
        }
        assertGt(i, 6, "the file holds vectors");
    }
}
