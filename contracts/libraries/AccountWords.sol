// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The ten words of an account, as its margin statement has them (docs/clearing.md, G-1)
/// @notice positions [6], cash, collateral [3]. Positions stand in ascending order of their series without gaps and none has
/// quantity 0, so that an account has one form only.
/// @dev In storage the words are XORed with those of an empty account, so that what was never written is an empty account.
/// Above cash, which leaves 193 bits free, stand the account's version and when something may be due to it; they stay there
/// in memory until `strip`. Amounts are bounded on both sides by 2⁶² − 1, so that every one that is held can be negated.
library AccountWords {
    /// @notice Thrown when an account would hold more than 16 positions.
    error TooManyPositions();
    /// @notice Thrown when a quantity {ppm of a contract} would leave ±(2⁶² − 1).
    error QuantityOutOfRange(int256 quantity);
    /// @notice Thrown when cash {ppm of a dollar} would leave ±(2⁶² − 1).
    error CashOutOfRange(int256 cash);
    /// @notice Thrown when a balance {ppm of a token} would reach 2⁶².
    error BalanceOutOfRange(uint256 lane, uint256 balance);

    uint256 internal constant WORDS = 10;
    uint256 internal constant CASH = 6;
    uint256 internal constant COLLATERAL = 7;
    uint256 internal constant PLACES = 16;
    /// {ppm} the greatest of any amount
    uint256 internal constant LARGEST = (1 << 62) - 1;

    // Literals of what Protocol and Clearing say, which a test compares: expressions of constants are computed where they are
    // used, at a few hundred gas each.
    uint256 private constant LANE_BITS = 21;
    uint256 private constant LANE_MASK = (1 << 21) - 1;
    uint256 private constant TRIPLE_BITS = 63;
    uint256 private constant TRIPLE_MASK = (1 << 63) - 1;
    /// a signed triple holds value + this
    uint256 private constant OFFSET = 1 << 62;
    /// a position: a lane, then a signed triple
    uint256 private constant PLACE_BITS = 84;
    uint256 private constant PLACE_MASK = (1 << 84) - 1;
    uint256 private constant PER_WORD = 3;
    uint256 private constant BALANCES_PER_WORD = 4;

    /// a place without a position: series lane 0, the value 0
    uint256 private constant EMPTY_PLACE = 1 << 83;
    uint256 private constant EMPTY_WORD = (1 << 83) | (1 << 167) | (1 << 251);

    // above cash: expiry {s} 40 bits, epoch 32 bits, version 32 bits
    uint256 private constant EXPIRY_SHIFT = 64;
    uint256 private constant EXPIRY_MASK = (1 << 40) - 1;
    uint256 private constant EPOCH_SHIFT = 104;
    uint256 private constant EPOCH_MASK = (1 << 32) - 1;
    uint256 private constant VERSION_SHIFT = 224;

    // --- names

    /// @notice An account's name is its owner in the high 160 bits and a number of the owner's in the low 96.
    function nameOf(address owner, uint96 number) internal pure returns (bytes32) {
        return bytes32(bytes20(owner)) | bytes32(uint256(number));
    }

    function ownerOf(bytes32 account) internal pure returns (address) {
        return address(bytes20(account));
    }

    // --- storage

    /// @return words of an account that holds nothing
    function empty() internal pure returns (uint256[10] memory words) {
        _flip(words);
    }

    /// @return words with what stands above cash
    function load(uint256[10] storage stored) internal view returns (uint256[10] memory words) {
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, 10) { i := add(i, 1) } {
                mstore(add(words, shl(5, i)), sload(add(stored.slot, i)))
            }
        }
        _flip(words);
    }

    /// @notice Writes what differs, and the next version where any of the words does. Strips them.
    /// @return version after it
    /// @return changed whether any of the words did
    function save(uint256[10] storage stored, uint256[10] memory words)
        internal
        returns (uint32 version, bool changed)
    {
        (uint256 word, uint256 place) = (EMPTY_WORD, EMPTY_PLACE);
        assembly ("memory-safe") {
            function put(to, next) -> differs {
                if iszero(eq(sload(to), next)) {
                    sstore(to, next)
                    differs := 1
                }
            }
            let to := stored.slot
            let from := words
            for { let end := add(words, 0xa0) } lt(from, end) { from := add(from, 0x20) } {
                changed := or(changed, put(to, xor(mload(from), word)))
                to := add(to, 1)
            }
            changed := or(changed, put(to, xor(mload(from), place)))
            // cash, between them and collateral, has a way of its own
            for { let i := 7 } lt(i, 10) { i := add(i, 1) } {
                changed := or(changed, put(add(stored.slot, i), mload(add(words, shl(5, i)))))
            }
        }
        uint256 last = stored[CASH];
        uint256 nextCash = words[CASH] ^ OFFSET;
        version = uint32(last >> VERSION_SHIFT);
        if ((last ^ nextCash) & TRIPLE_MASK != 0) changed = true;
        if (changed) {
            ++version;
            nextCash += 1 << VERSION_SHIFT;
        }
        if (nextCash != last) stored[CASH] = nextCash;
        strip(words);
    }

    /// @notice Takes away what stands above cash: the words are then those of the statement.
    function strip(uint256[10] memory words) internal pure {
        words[CASH] &= TRIPLE_MASK;
    }

    function versionOf(uint256[10] storage stored) internal view returns (uint32) {
        return uint32(stored[CASH] >> VERSION_SHIFT);
    }

    /// @return {ppm of a dollar} in one read
    function storedCash(uint256[10] storage stored) internal view returns (int256) {
        return int256((stored[CASH] & TRIPLE_MASK) ^ OFFSET) - int256(OFFSET);
    }

    /// @notice `owesNothing` of what is stored, in two reads.
    function storedOwesNothing(uint256[10] storage stored) internal view returns (bool) {
        return stored[0] == 0 && (stored[CASH] & TRIPLE_MASK) ^ OFFSET >= OFFSET;
    }

    // --- what may be due

    /// @notice {s} before which none of the account's series expires; 0 where none does.
    function nextExpiry(uint256[10] memory words) internal pure returns (uint256) {
        return (words[CASH] >> EXPIRY_SHIFT) & EXPIRY_MASK;
    }

    /// @notice The epoch as of which funding has been paid; 0 where there is no perpetual.
    function fundingEpoch(uint256[10] memory words) internal pure returns (uint256) {
        return (words[CASH] >> EPOCH_SHIFT) & EPOCH_MASK;
    }

    /// @param expiry {s} below 2⁴⁰
    /// @param epoch below 2³²
    function setDue(uint256[10] memory words, uint256 expiry, uint256 epoch) internal pure {
        uint256 cleared = words[CASH] & ~((EXPIRY_MASK << EXPIRY_SHIFT) | (EPOCH_MASK << EPOCH_SHIFT));
        words[CASH] = cleared | (expiry << EXPIRY_SHIFT) | (epoch << EPOCH_SHIFT);
    }

    // --- positions

    /// @notice Whether the account has no position and owes nothing: its equity is then what it owns, whatever that is worth.
    function owesNothing(uint256[10] memory words) internal pure returns (bool) {
        return !hasPositions(words) && words[CASH] & TRIPLE_MASK >= OFFSET;
    }

    /// @notice Whether the account holds nothing and owes nothing.
    function isEmpty(uint256[10] memory words) internal pure returns (bool) {
        return !hasPositions(words) && words[CASH] & TRIPLE_MASK == OFFSET
            && words[COLLATERAL] | words[COLLATERAL + 1] | words[COLLATERAL + 2] == 0;
    }

    function hasPositions(uint256[10] memory words) internal pure returns (bool) {
        return words[0] & LANE_MASK != 0;
    }

    /// @notice A position by its place, 0 to 15. Places after the last one are not held.
    /// @return held whether there is one
    /// @return series its number
    /// @return quantity {ppm of a contract}
    function positionAt(uint256[10] memory words, uint256 place)
        internal
        pure
        returns (bool held, uint256 series, int256 quantity)
    {
        assert(place < PLACES);
        uint256 raw = _rawAt(words, place);
        uint256 first = raw & LANE_MASK;
        if (first == 0) return (false, 0, 0);
        return (true, first - 1, _quantity(raw));
    }

    /// @notice Bit a is set where there is a position in one of the 16 series of array a.
    function arraysHeld(uint256[10] memory words) internal pure returns (uint256 which) {
        unchecked {
            for (uint256 i; i < CASH; ++i) {
                uint256 word = words[i];
                for (uint256 k; k < PER_WORD; ++k) {
                    uint256 first = word & LANE_MASK;
                    if (first == 0) return which;
                    which |= 1 << ((first - 1) >> 4);
                    word >>= PLACE_BITS;
                }
            }
        }
    }

    /// @notice {ppm of a contract} of a series, 0 where there is none.
    function quantityOf(uint256[10] memory words, uint256 series) internal pure returns (int256) {
        (uint256 place, bool held) = _find(words, series);
        return held ? _quantity(_rawAt(words, place)) : int256(0);
    }

    /// @notice Adds to the quantity of a series, in its place among the others.
    /// @return before {ppm of a contract}
    /// @return afterwards {ppm of a contract}
    function addQuantity(uint256[10] memory words, uint256 series, int256 change)
        internal
        pure
        returns (int256 before, int256 afterwards)
    {
        (uint256 place, bool held) = _find(words, series);
        if (held) before = _quantity(_rawAt(words, place));
        afterwards = before + change;
        require(_fits(afterwards), QuantityOutOfRange(afterwards));
        if (afterwards == before) return (before, afterwards);
        if (afterwards == 0) {
            // those after it move down by one place, up to the first that is empty
            uint256 next;
            do {
                next = place + 1 < PLACES ? _rawAt(words, place + 1) : EMPTY_PLACE;
                _write(words, place++, next);
            } while (next != EMPTY_PLACE);
            return (before, 0);
        }
        // 2⁶² + quantity is above 0
        uint256 raw = (series + 1) | (uint256(int256(OFFSET) + afterwards) << LANE_BITS);
        while (!held && raw != EMPTY_PLACE) {
            // this one takes the place, and what stood there the next
            require(place < PLACES, TooManyPositions());
            uint256 displaced = _rawAt(words, place);
            _write(words, place++, raw);
            raw = displaced;
        }
        if (held) _write(words, place, raw);
    }

    // --- cash and collateral

    /// @return {ppm of a dollar}
    function cash(uint256[10] memory words) internal pure returns (int256) {
        return int256(words[CASH] & TRIPLE_MASK) - int256(OFFSET);
    }

    function setCash(uint256[10] memory words, int256 value) internal pure {
        require(_fits(value), CashOutOfRange(value));
        words[CASH] = (words[CASH] & ~TRIPLE_MASK) | uint256(value + int256(OFFSET));
    }

    function addCash(uint256[10] memory words, int256 change) internal pure {
        setCash(words, cash(words) + change);
    }

    /// @notice Adds as much of a change as the range of cash takes.
    /// @return added the part that was added
    function addCashClamped(uint256[10] memory words, int256 change) internal pure returns (int256 added) {
        int256 held = cash(words);
        int256 next = held + change;
        if (next > int256(LARGEST)) next = int256(LARGEST);
        if (next < -int256(LARGEST)) next = -int256(LARGEST);
        setCash(words, next);
        return next - held;
    }

    /// @param lane 0 to 11
    /// @return {ppm of a token}
    function balance(uint256[10] memory words, uint256 lane) internal pure returns (uint256) {
        return (words[COLLATERAL + lane / BALANCES_PER_WORD] >> (TRIPLE_BITS * (lane % BALANCES_PER_WORD)))
            & TRIPLE_MASK;
    }

    /// @param lane 0 to 11
    function setBalance(uint256[10] memory words, uint256 lane, uint256 value) internal pure {
        require(value <= LARGEST, BalanceOutOfRange(lane, value));
        uint256 at = COLLATERAL + lane / BALANCES_PER_WORD;
        uint256 shift = TRIPLE_BITS * (lane % BALANCES_PER_WORD);
        words[at] = (words[at] & ~(TRIPLE_MASK << shift)) | (value << shift);
    }

    // --- private

    /// @dev Between words and what is stored: XOR with the words of an empty account. Of its last positions word only the first
    /// place is used, the rest is 0.
    function _flip(uint256[10] memory words) private pure {
        (uint256 word, uint256 place, uint256 offset) = (EMPTY_WORD, EMPTY_PLACE, OFFSET);
        assembly ("memory-safe") {
            for { let at := words } lt(at, add(words, 0xa0)) { at := add(at, 0x20) } {
                mstore(at, xor(mload(at), word))
            }
            mstore(add(words, 0xa0), xor(mload(add(words, 0xa0)), place))
            mstore(add(words, 0xc0), xor(mload(add(words, 0xc0)), offset))
        }
    }

    /// @return place of the series, or of the first position after where it would stand
    function _find(uint256[10] memory words, uint256 series) private pure returns (uint256 place, bool held) {
        unchecked {
            for (; place < PLACES; ++place) {
                uint256 first = _rawAt(words, place) & LANE_MASK;
                if (first == 0 || first > series + 1) return (place, false);
                if (first == series + 1) return (place, true);
            }
        }
    }

    /// @param place below 16
    function _rawAt(uint256[10] memory words, uint256 place) private pure returns (uint256 raw) {
        (uint256 mask, uint256 bits, uint256 perWord) = (PLACE_MASK, PLACE_BITS, PER_WORD);
        assembly ("memory-safe") {
            let word := mload(add(words, shl(5, div(place, perWord))))
            raw := and(shr(mul(bits, mod(place, perWord)), word), mask)
        }
    }

    /// @param place below 16
    function _write(uint256[10] memory words, uint256 place, uint256 raw) private pure {
        (uint256 mask, uint256 bits, uint256 perWord) = (PLACE_MASK, PLACE_BITS, PER_WORD);
        assembly ("memory-safe") {
            let at := add(words, shl(5, div(place, perWord)))
            let shift := mul(bits, mod(place, perWord))
            mstore(at, or(and(mload(at), not(shl(shift, mask))), shl(shift, raw)))
        }
    }

    function _quantity(uint256 raw) private pure returns (int256) {
        return int256(raw >> LANE_BITS) - int256(OFFSET);
    }

    function _fits(int256 value) private pure returns (bool) {
        return value <= int256(LARGEST) && value >= -int256(LARGEST);
    }
}
