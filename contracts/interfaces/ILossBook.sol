// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title A loss that the backstop could not pay, shared by all who are owed dollars (docs/clearing.md, L-8 to L-10)
interface ILossBook {
    /// @param shared {ppm of a dollar}
    /// @param unpaid {ppm of a dollar} of the loss that nobody could be asked for
    /// @param factor {2⁻¹²⁷} what all losses have left of a dollar
    event LossShared(uint256 shared, uint256 unpaid, uint256 factor);
    /// @param share {ppm of a dollar} of all losses since the account last bore any
    event LossBorne(bytes32 indexed account, uint256 share);

    error AddressZero();
    error NotHouse(address sender);
    error NotLiquidation(address sender);

    /// @notice Shares out as much of a loss as can be: at most half of what is owed to all. Only the liquidation.
    /// @param loss {ppm of a dollar}
    /// @return shared {ppm of a dollar}
    function shareOut(uint256 loss) external returns (uint256 shared);

    /// @notice Takes what an account has to bear. Only the house, which moves it from the account's cash to the backstop's.
    /// @param cash {ppm of a dollar} as stored
    function take(bytes32 account, int256 cash) external returns (uint256 share);

    /// @notice Told of every change of an account that has borne its share. Only the house.
    function count(bytes32 account, int256 before, int256 cash) external;

    /// @notice {ppm of a dollar} what an account has to bear and has not borne yet, rounded up.
    /// @param cash {ppm of a dollar} as stored
    function owed(bytes32 account, int256 cash) external view returns (uint256);

    /// @notice {ppm of a dollar} of the shares that an account has borne, which liquidation does not count yet: each falls to 0
    /// over the ramp.
    function relief(bytes32 account) external view returns (uint256);

    /// @notice {ppm of a dollar} shares that have not come to the backstop yet, less what rounding has brought it: in the end
    /// below 0 by that.
    function pending() external view returns (int256);

    /// @notice {ppm of a dollar} Σ of positive cash but the backstop's, after all shares; at least.
    function positive() external view returns (uint256);

    /// @notice {s} of the last loss that was shared
    function lastLossAt() external view returns (uint64);
}
