// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IGroth16Verifier} from "../../contracts/interfaces/IGroth16Verifier.sol";

/// @title A verifier that answers what it is told
/// @notice Why it exists: a fuzz test that wants any weights, volatilities or commitments would need a proof of each, and most
/// of them are false statements that have none. With this in the verifier's seat the contracts can be tested for every
/// input that a proof could bring, and for a proof that is refused. The real verifiers and real proofs have their own tests.
contract AcceptAnyVerifier is IGroth16Verifier {
    bool public developmentKey = true;
    bool private answer = true;
    uint256[3] private expected;

    /// @notice From now on no proof holds.
    function refuseAll() external {
        answer = false;
    }

    /// @notice From now on only these public inputs hold.
    function expect(uint256[3] calldata publicInputs) external {
        expected = publicInputs;
    }

    function setDevelopmentKey(bool developmentKey_) external {
        developmentKey = developmentKey_;
    }

    function keyHash() external pure returns (bytes32) {
        return keccak256("no key");
    }

    function verifyProof(
        uint256[2] calldata,
        uint256[2][2] calldata,
        uint256[2] calldata,
        uint256[3] calldata inputs
    ) external view returns (bool) {
        if (expected[0] == 0) return answer;
        return inputs[0] == expected[0] && inputs[1] == expected[1] && inputs[2] == expected[2];
    }
}
