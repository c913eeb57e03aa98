// Range checks. Nothing else in this repository compares numbers inside a circuit: every template here bounds what it
// is given, so no caller has to remember to.
pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "../generated/protocol.circom";

// Proves 0 ≤ in < 2^bits. bits + 1 constraints.
template NonNegative(bits) {
    assert(bits > 0 && bits < FIELD_BITS() - 1);
    signal input in;

    component decomposition = Num2Bits(bits);
    decomposition.in <== in;
}

// Proves 0 ≤ in ≤ maximum for any constant maximum, with the weights 1, 2, 4, …, 2^(k-1), maximum − (2^k − 1), whose
// sums are exactly the numbers up to maximum. k + 2 constraints.
template AtMost(maximum) {
    assert(maximum > 0 && maximum < (1 << 128));
    signal input in;

    var k = 0;
    while ((1 << (k + 1)) - 1 <= maximum) k++;
    var last = maximum - ((1 << k) - 1);

    signal bits[k];
    signal lastBit <-- in > (1 << k) - 1 ? 1 : 0;
    lastBit * (lastBit - 1) === 0;
    var sum = lastBit * last;
    for (var i = 0; i < k; i++) {
        bits[i] <-- ((in - lastBit * last) >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * (1 << i);
    }
    sum === in;
}
