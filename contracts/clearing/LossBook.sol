// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILossBook} from "../interfaces/ILossBook.sol";

/// @title Losses that the backstop could not pay, shared by all who are owed dollars
/// @notice Each loss takes the same fraction of every positive cash, of the cash as it is at that moment: one factor for all,
/// which an account meets before anything else happens to it. Whoever leaves later has paid what whoever stays pays.
/// @dev The dollars of a loss come from the backstop, whose cash goes below 0 by it, and shares bring it back: Σ cash over
/// accounts never changes by a loss, and nothing here holds money.
///
/// ASSUMPTIONS  The house tells every change of an account but the backstop, and takes shares before it.
/// LIVENESS     Nothing reverts for its callers. Half of what is owed is the most that one loss can take, and where less than a
///              dollar is owed, or some 60 such losses have been, none is shared: the payment is less instead.
/// ROUNDING     Against accounts: shares up. `positive` is at least the true sum; what it is above it has come to the backstop
///              before, by which shares were rounded up: so all shares together are never less than all losses.
/// ROLES        House and liquidation, for ever.
contract LossBook is ILossBook {
    uint256 private constant ONE = 1 << 127;
    /// {s} over which a share comes to count in liquidation
    uint256 public constant RAMP = 15 minutes;
    uint256 private constant LEAST_FACTOR = 1 << 64;
    /// {ppm of a dollar}
    uint256 private constant LEAST_POSITIVE = 1e6;

    /// @param factor {2⁻¹²⁷} of losses that the account has borne; 0 for ONE
    /// @param relief {ppm of a dollar} what liquidation does not count yet, as if the ramp began now
    /// @param ends {s} of the ramp
    struct Share {
        uint128 factor;
        uint64 relief;
        uint64 ends;
    }

    address public immutable house;
    address public immutable liquidation;

    /// {2⁻¹²⁷} ONE less the factor
    uint128 private taken;
    uint128 private positiveCash;
    int128 private pendingShares;
    /// @inheritdoc ILossBook
    uint64 public lastLossAt;
    mapping(bytes32 account => Share) private shares;

    constructor(address house_, address liquidation_) {
        require(house_ != address(0) && liquidation_ != address(0), AddressZero());
        (house, liquidation) = (house_, liquidation_);
    }

    /// @inheritdoc ILossBook
    function shareOut(uint256 loss) external returns (uint256 shared) {
        require(msg.sender == liquidation, NotLiquidation(msg.sender));
        (uint256 left, uint256 base) = (ONE - taken, positiveCash);
        if (left >= LEAST_FACTOR && base >= LEAST_POSITIVE) shared = loss < base / 2 ? loss : base / 2;
        if (shared != 0) {
            unchecked {
                // 127 and 128 bits; one more than the loss makes up for rounding the base up
                uint256 cut = (left * (shared + 1) + base - 1) / base;
                taken = uint128(ONE - left + cut);
                positiveCash = uint128((base * (left - cut) + left - 1) / left);
                left -= cut;
            }
            pendingShares += int128(int256(shared));
            lastLossAt = uint64(block.timestamp);
        }
        emit LossShared(shared, loss - shared, left);
    }

    /// @inheritdoc ILossBook
    function take(bytes32 account, int256 cash) external returns (uint256 share) {
        require(msg.sender == house, NotHouse(msg.sender));
        share = owed(account, cash);
        if (share == 0) return 0;
        uint256 ends = lastLossAt + RAMP;
        uint256 left;
        if (block.timestamp < ends) {
            // what is left of the ramps, over what is left of the last one
            left = relief(account) * RAMP / (ends - block.timestamp) + share;
            if (left > type(uint64).max) left = type(uint64).max;
        }
        shares[account] = Share(uint128(ONE - taken), uint64(left), uint64(ends));
        // 63 bits
        pendingShares -= int128(int256(share));
        emit LossBorne(account, share);
    }

    /// @inheritdoc ILossBook
    function count(bytes32 account, int256 before, int256 cash) external {
        require(msg.sender == house, NotHouse(msg.sender));
        (uint256 held, uint256 next) = (before > 0 ? uint256(before) : 0, cash > 0 ? uint256(cash) : 0);
        if (held == next) return;
        // what an account holds is counted in
        positiveCash = uint128(positiveCash + next - held);
        // cash that was not there bears no loss of before
        if (held == 0 && taken != 0) shares[account].factor = uint128(ONE - taken);
    }

    /// @inheritdoc ILossBook
    function owed(bytes32 account, int256 cash) public view returns (uint256) {
        uint256 gone = taken;
        if (gone == 0 || cash <= 0) return 0;
        uint256 factor = shares[account].factor;
        if (factor == 0) factor = ONE;
        // 62 and 127 bits
        return uint256(cash) - uint256(cash) * (ONE - gone) / factor;
    }

    /// @inheritdoc ILossBook
    function relief(bytes32 account) public view returns (uint256) {
        Share memory share = shares[account];
        if (share.ends <= block.timestamp) return 0;
        return share.relief * (share.ends - block.timestamp) / RAMP;
    }

    /// @inheritdoc ILossBook
    function pending() external view returns (int256) {
        return pendingShares;
    }

    /// @inheritdoc ILossBook
    function positive() external view returns (uint256) {
        return positiveCash;
    }
}
