// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LocalPriceFeed} from "./LocalPriceFeed.sol";

/// @title Makes and feeds many local price feeds, all in one transaction each: for local chains and testnets only
contract LocalPricePublisher {
    /// @notice Thrown when somebody other than the owner publishes.
    error NotOwner(address caller);
    /// @notice Thrown when there is not one answer for each feed.
    error AnswerCountWrong(uint256 count, uint256 expected);

    address public immutable owner;
    LocalPriceFeed[] private allFeeds;

    /// @param owner_ who may publish
    /// @param descriptions one for each feed, such as "BTC / USD"
    constructor(address owner_, string[] memory descriptions) {
        owner = owner_;
        for (uint256 i; i < descriptions.length; ++i) {
            allFeeds.push(new LocalPriceFeed(address(this), descriptions[i]));
        }
    }

    /// @notice A new round of every feed, written now.
    /// @param answers {10⁻⁸} in the order of the feeds
    function publish(int120[] calldata answers) external {
        require(msg.sender == owner, NotOwner(msg.sender));
        require(answers.length == allFeeds.length, AnswerCountWrong(answers.length, allFeeds.length));
        for (uint256 i; i < answers.length; ++i) {
            allFeeds[i].publish(answers[i]);
        }
    }

    function feeds() external view returns (LocalPriceFeed[] memory) {
        return allFeeds;
    }
}
