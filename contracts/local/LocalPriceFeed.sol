// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {DevelopmentChains} from "../libraries/DevelopmentChains.sol";

/// @title A price feed whose owner says what the price is: for local chains and testnets only
/// @notice Answers like a Chainlink feed, so that everything behind it runs as it does in earnest. Refuses to exist on chains
/// where something of value may live.
contract LocalPriceFeed is AggregatorV3Interface {
    /// @notice Thrown when deployed on a chain that is neither local nor a listed testnet.
    error NotADevelopmentChain(uint256 chainId);
    /// @notice Thrown when somebody other than the owner publishes.
    error NotOwner(address caller);

    /// One slot: an answer of 120 bits holds any price with 8 decimals.
    struct Round {
        int120 answer;
        uint56 updatedAt;
        uint80 id;
    }

    address public immutable owner;
    string public description;
    Round private round;

    constructor(address owner_, string memory description_) {
        require(DevelopmentChains.isListed(block.chainid), NotADevelopmentChain(block.chainid));
        owner = owner_;
        description = description_;
    }

    /// @notice A new round with this answer, written now.
    /// @param answer {10⁻⁸}
    function publish(int120 answer) external {
        require(msg.sender == owner, NotOwner(msg.sender));
        round = Round(answer, uint56(block.timestamp), round.id + 1);
    }

    /// @inheritdoc AggregatorV3Interface
    function decimals() external pure returns (uint8) {
        return uint8(Protocol.FEED_DECIMALS);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory latest = round;
        return (latest.id, latest.answer, latest.updatedAt, latest.updatedAt, latest.id);
    }
}
