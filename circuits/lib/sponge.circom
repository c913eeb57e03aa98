// Commitments to arrays, SYSTEM §3.
pragma circom 2.2.3;

include "../generated/protocol.circom";
include "permutation.circom";

// What the capacity of a sponge starts as: other domains and other lengths have other commitments.
function initialCapacity(domain, length) {
    return domain * (1 << 32) + length;
}

// Poseidon in overwrite mode: rate 16, capacity one element. The last block is filled with zeros, which is harmless
// where the capacity started from the length. 628 constraints a block.
template Absorb(length) {
    signal input start;
    signal input elements[length];
    signal input one; // of One
    signal output end;

    var blocks = (length + SPONGE_RATE() - 1) \ SPONGE_RATE();
    signal capacity[blocks + 1];
    component permutations[blocks];

    capacity[0] <== start;
    for (var block = 0; block < blocks; block++) {
        permutations[block] = Permutation();
        permutations[block].capacity <== capacity[block];
        permutations[block].one <== one;
        for (var i = 0; i < SPONGE_RATE(); i++) {
            var at = block * SPONGE_RATE() + i;
            if (at < length) {
                permutations[block].elements[i] <== elements[at];
            } else {
                permutations[block].elements[i] <== 0;
            }
        }
        capacity[block + 1] <== permutations[block].end;
    }
    end <== capacity[blocks];
}

template Sponge(domain, length) {
    signal input elements[length];
    signal input one; // of One
    signal output commitment <== Absorb(length)(initialCapacity(domain, length), elements, one);
}
