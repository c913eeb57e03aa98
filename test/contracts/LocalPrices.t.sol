// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {LocalPriceFeed} from "../../contracts/local/LocalPriceFeed.sol";
import {LocalPricePublisher} from "../../contracts/local/LocalPricePublisher.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";

contract LocalPricesTest is Test {
    LocalPricePublisher private publisher;
    int120[] private answers;

    function setUp() public {
        string[] memory descriptions = new string[](2);
        (descriptions[0], descriptions[1]) = ("BTC / USD", "ETH / USD");
        publisher = new LocalPricePublisher(address(this), descriptions);
    }

    function testFuzz_publish_writesEveryFeed(int120 first, int120 second, uint32 time) public {
        answers = [first, second];
        vm.warp(time);
        publisher.publish(answers);
        publisher.publish(answers);
        LocalPriceFeed[] memory feeds = publisher.feeds();
        assertEq(feeds[0].description(), "BTC / USD");
        assertEq(feeds[1].decimals(), 8);
        for (uint256 i; i < 2; ++i) {
            (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
                feeds[i].latestRoundData();
            assertEq(roundId, 2);
            assertEq(answeredInRound, 2);
            assertEq(answer, answers[i]);
            assertEq(startedAt, time);
            assertEq(updatedAt, time);
        }
    }

    function testFuzz_publish_revertsWhenNotOwner(address caller) public {
        vm.assume(caller != address(this) && caller != address(publisher));
        answers = [int120(1), 2];
        LocalPriceFeed feed = publisher.feeds()[0];
        vm.startPrank(caller);
        vm.expectRevert(abi.encodeWithSelector(LocalPricePublisher.NotOwner.selector, caller));
        publisher.publish(answers);
        vm.expectRevert(abi.encodeWithSelector(LocalPriceFeed.NotOwner.selector, caller));
        feed.publish(1);
    }

    function test_publish_revertsWhenAnswerCountWrong() public {
        answers = [int120(1)];
        vm.expectRevert(abi.encodeWithSelector(LocalPricePublisher.AnswerCountWrong.selector, 1, 2));
        publisher.publish(answers);
    }

    function test_constructors_revertWhereValueMayLive() public {
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(LocalPriceFeed.NotADevelopmentChain.selector, 1));
        new LocalPriceFeed(address(this), "");
        vm.expectRevert(abi.encodeWithSelector(LocalToken.NotADevelopmentChain.selector, 1));
        new LocalToken("", "", 6);
        vm.chainId(84_532);
        new LocalPriceFeed(address(this), "");
        assertEq(new LocalToken("", "", 6).decimals(), 6);
    }
}
