// Words of lanes, SYSTEM §1.
pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "../generated/protocol.circom";
include "one.circom";

// Proves that word is the packing of count lanes of 21 bits and that every lane after them is 0. The lanes are unique:
// at most 252 bits are taken, fewer than the field has.
template UnpackLanes(count) {
    assert(count <= LANE_COUNT());
    signal input word;
    signal output lanes[count];

    component bits = Num2Bits(LANE_BITS() * count);
    bits.in <== word;
    for (var lane = 0; lane < count; lane++) {
        var value = 0;
        for (var bit = 0; bit < LANE_BITS(); bit++) {
            value += bits.out[LANE_BITS() * lane + bit] * (1 << bit);
        }
        lanes[lane] <== value;
    }
}

// The same, with the lanes held as wires (see lib/one.circom), for words whose lanes are used many times. A bit is what
// equals its square, which is one coefficient less than b (b − 1) = 0.
template UnpackHeldLanes(count) {
    assert(count <= LANE_COUNT());
    signal input word;
    signal input one; // of One
    signal output lanes[count];

    signal laneBits[count][LANE_BITS()];
    var packed = 0;
    for (var lane = 0; lane < count; lane++) {
        var value = 0;
        for (var bit = 0; bit < LANE_BITS(); bit++) {
            laneBits[lane][bit] <-- (word >> (LANE_BITS() * lane + bit)) & 1;
            laneBits[lane][bit] * laneBits[lane][bit] === laneBits[lane][bit];
            value += laneBits[lane][bit] * (1 << bit);
        }
        lanes[lane] <== Held()(value, one);
        packed += lanes[lane] * (1 << (LANE_BITS() * lane));
    }
    word * one === packed;
}
