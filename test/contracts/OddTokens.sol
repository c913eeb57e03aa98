// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LocalToken} from "../../contracts/local/LocalToken.sol";

/// @notice A token that misbehaves when its transfers go out, the way it is told.
contract FailingToken is LocalToken {
    enum Manner {
        Fine,
        Reverts,
        ReturnsFalse,
        BurnsGas,
        FloodsMemory,
        ReturnsShort
    }

    Manner public manner;

    constructor() LocalToken("failing", "FAIL", 18) {}

    function behave(Manner manner_) external {
        manner = manner_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (manner == Manner.Reverts) revert("no");
        if (manner == Manner.ReturnsFalse) return false;
        if (manner == Manner.BurnsGas) {
            assembly {
                invalid()
            }
        }
        if (manner == Manner.FloodsMemory) {
            assembly {
                revert(0, 200000)
            }
        }
        if (manner == Manner.ReturnsShort) {
            assembly {
                mstore8(0, 1)
                return(0, 1)
            }
        }
        return super.transfer(to, amount);
    }
}

/// @notice Keeps 1 % of every transfer.
contract FeeToken is LocalToken {
    constructor() LocalToken("fee", "FEE", 18) {}

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _burn(from, amount / 100);
        return super.transferFrom(from, to, amount - amount / 100);
    }
}

/// @notice Returns nothing from its transfers, as some tokens in use do.
contract SilentToken {
    string public constant name = "silent";
    string public constant symbol = "SILENT";
    uint8 public constant decimals = 18;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Calls whatever it was told whenever it moves, and keeps what came of it.
contract CallingToken is LocalToken {
    address private target;
    bytes private data;
    bool public lastCallSucceeded;
    bytes public lastCallReturned;
    uint256 public calls;

    constructor() LocalToken("calling", "CALL", 18) {}

    function onMove(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0)) return;
        (lastCallSucceeded, lastCallReturned) = target.call(data);
        ++calls;
    }
}
