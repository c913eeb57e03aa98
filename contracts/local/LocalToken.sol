// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {DevelopmentChains} from "../libraries/DevelopmentChains.sol";

/// @title A token that anyone may mint: for local chains and testnets only
contract LocalToken is ERC20 {
    /// @notice Thrown when deployed on a chain that is neither local nor a listed testnet.
    error NotADevelopmentChain(uint256 chainId);

    uint8 private immutable places;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
        require(DevelopmentChains.isListed(block.chainid), NotADevelopmentChain(block.chainid));
        places = decimals_;
    }

    /// @param amount {token units}
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function decimals() public view override returns (uint8) {
        return places;
    }
}
