// The Poseidon permutation of the sponge, SYSTEM §3: that of circomlib's `PoseidonEx(16, 1)`, with its constants, and a
// twelfth of the coefficients.
//
// Proves, for a state of one element of capacity and 16 of rate:
//   1. four full rounds: x⁵ of every element, then constants are added and all are mixed
//   2. 68 partial rounds: x⁵ of the capacity only, then a constant is added and all are mixed, sparsely
//   3. four full rounds, of the last of which only the capacity is computed: overwrite mode keeps nothing else
//
// SPARSENESS   x⁵ is three products, x x, x² x² and x⁴ x, and all between two x⁵ is linear. Were the outputs wires, each x
//              would be a combination of 18 to 85 of them, written out in three factors. Here each x is a wire, and the
//              outputs are combinations of those that follow: an output stands only in a product, where terms cost the
//              prover nothing (lib/one.circom).
// UNIQUENESS   hints fill x forwards and the constraints determine it backwards. Both are the same relation: a full
//              round's matrix has an inverse, and what a capacity gets from its own x⁵ has the factor corner, not 0.
pragma circom 2.2.3;

include "circomlib/circuits/poseidon_constants.circom";
include "../generated/protocol.circom";
include "one.circom";

function STATE_WIDTH() {
    return 17;
}

function PARTIAL_ROUNDS() {
    return 68;
}

// Of the matrix of full rounds, by Gauss and Jordan. No pivot is 0, or this would end the compilation.
function inverseOfMix() {
    var rest[17][17] = POSEIDON_M(17);
    var inverse[17][17];
    for (var i = 0; i < 17; i++) {
        for (var j = 0; j < 17; j++) inverse[i][j] = i == j;
    }
    for (var pivot = 0; pivot < 17; pivot++) {
        assert(rest[pivot][pivot] != 0);
        var scale = 1 / rest[pivot][pivot];
        for (var j = 0; j < 17; j++) {
            rest[pivot][j] *= scale;
            inverse[pivot][j] *= scale;
        }
        for (var i = 0; i < 17; i++) {
            var factor = i == pivot ? 0 : rest[i][pivot];
            for (var j = 0; j < 17; j++) {
                rest[i][j] -= factor * rest[pivot][j];
                inverse[i][j] -= factor * inverse[pivot][j];
            }
        }
    }
    return inverse;
}

// 628 constraints.
template Permutation() {
    assert(SPONGE_RATE() + 1 == STATE_WIDTH());
    signal input capacity;
    signal input elements[SPONGE_RATE()];
    signal input one; // of One
    signal output end;

    var constants[STATE_WIDTH() * 8 + PARTIAL_ROUNDS()] = POSEIDON_C(STATE_WIDTH());
    signal x[8][STATE_WIDTH()];
    x[0][0] <== capacity + constants[0];
    for (var i = 1; i < STATE_WIDTH(); i++) {
        x[0][i] <== elements[i - 1] + constants[i];
    }

    // 1. The inverse is a parameter so that it is computed when compiling, and not for every witness.
    for (var round = 0; round < 3; round++) {
        x[round + 1] <== FullRound(inverseOfMix(), STATE_WIDTH() * (round + 1))(x[round]);
    }
    // the last x⁵ of 1., and 2.
    x[4] <== PartialRounds()(x[3], one);
    // 3.
    for (var round = 4; round < 7; round++) {
        x[round + 1] <== FullRound(inverseOfMix(), STATE_WIDTH() * (round + 1) + PARTIAL_ROUNDS())(x[round]);
    }
    end <== LastRound()(x[7]);
}

// next = (x⁵ + constants) · matrix, constants being 17 from constantsAt on.
template FullRound(inverse, constantsAt) {
    signal input x[STATE_WIDTH()];
    signal output next[STATE_WIDTH()];

    var constants[STATE_WIDTH() * 8 + PARTIAL_ROUNDS()] = POSEIDON_C(STATE_WIDTH());
    var matrix[STATE_WIDTH()][STATE_WIDTH()] = POSEIDON_M(STATE_WIDTH());
    signal fourth[STATE_WIDTH()];
    for (var i = 0; i < STATE_WIDTH(); i++) {
        fourth[i] <== FourthPower()(x[i]);
    }
    for (var i = 0; i < STATE_WIDTH(); i++) {
        var mixed = 0;
        for (var j = 0; j < STATE_WIDTH(); j++) {
            mixed += (fourth[j] * x[j] + constants[constantsAt + j]) * matrix[j][i];
        }
        next[i] <-- mixed;
    }
    for (var i = 0; i < STATE_WIDTH(); i++) {
        var unmixed = 0;
        for (var j = 0; j < STATE_WIDTH(); j++) {
            unmixed += next[j] * inverse[j][i];
        }
        fourth[i] * x[i] === unmixed - constants[constantsAt + i];
    }
}

// The fourth full round's x⁵ and constants, the matrix that the sparse ones presuppose, and the partial rounds. In every
// step the capacity becomes corner · (x⁵ + constant) + rest, with rest what it gets from the other elements.
template PartialRounds() {
    signal input x[STATE_WIDTH()];
    signal input one; // of One
    signal output next[STATE_WIDTH()];

    var constants[STATE_WIDTH() * 8 + PARTIAL_ROUNDS()] = POSEIDON_C(STATE_WIDTH());
    var matrix[STATE_WIDTH()][STATE_WIDTH()] = POSEIDON_P(STATE_WIDTH());
    var sparse[PARTIAL_ROUNDS() * (2 * STATE_WIDTH() - 1)] = POSEIDON_S(STATE_WIDTH());
    var corner = matrix[0][0];
    var inverseOfCorner = 1 / corner;
    var at = STATE_WIDTH() * 4;

    // capacity[p] enters partial round p
    signal capacity[PARTIAL_ROUNDS() + 1];
    signal fourth[STATE_WIDTH()];
    signal fifth[STATE_WIDTH() - 1]; // of all but the capacity
    var power[STATE_WIDTH()];
    var rest = 0;
    for (var i = 0; i < STATE_WIDTH(); i++) {
        fourth[i] <== FourthPower()(x[i]);
        if (i > 0) {
            fifth[i - 1] <== fourth[i] * x[i];
            power[i] = fifth[i - 1] + constants[at + i];
            rest += power[i] * matrix[i][0];
        }
    }
    capacity[0] <-- (fourth[0] * x[0] + constants[at]) * corner + rest;
    power[0] = (capacity[0] - rest) * inverseOfCorner;
    fourth[0] * x[0] === power[0] - constants[at];
    at += STATE_WIDTH();

    var state[STATE_WIDTH()];
    for (var i = 1; i < STATE_WIDTH(); i++) {
        state[i] = 0;
        for (var j = 0; j < STATE_WIDTH(); j++) {
            state[i] += power[j] * matrix[j][i];
        }
    }
    signal fourthOfCapacity[PARTIAL_ROUNDS()];
    for (var p = 0; p < PARTIAL_ROUNDS(); p++) {
        var row = p * (2 * STATE_WIDTH() - 1);
        assert(sparse[row] == corner);
        fourthOfCapacity[p] <== FourthPower()(capacity[p]);
        rest = 0;
        for (var i = 1; i < STATE_WIDTH(); i++) {
            rest += state[i] * sparse[row + i];
        }
        capacity[p + 1] <-- (fourthOfCapacity[p] * capacity[p] + constants[at + p]) * corner + rest;
        power[0] = (capacity[p + 1] - rest) * inverseOfCorner;
        fourthOfCapacity[p] * capacity[p] === power[0] - constants[at + p];
        for (var i = 1; i < STATE_WIDTH(); i++) {
            state[i] += power[0] * sparse[row + STATE_WIDTH() + i - 1];
        }
    }

    // The elements no partial round took a power of: combinations of 85 wires.
    next[0] <== capacity[PARTIAL_ROUNDS()];
    for (var i = 1; i < STATE_WIDTH(); i++) {
        next[i] <== Held()(state[i], one);
    }
}

// The capacity that the last full round leaves; it adds no constants.
template LastRound() {
    signal input x[STATE_WIDTH()];
    signal output end;

    var matrix[STATE_WIDTH()][STATE_WIDTH()] = POSEIDON_M(STATE_WIDTH());
    signal fourth[STATE_WIDTH()];
    signal fifth[STATE_WIDTH() - 1]; // of all but the capacity
    var rest = 0;
    for (var i = 0; i < STATE_WIDTH(); i++) {
        fourth[i] <== FourthPower()(x[i]);
        if (i > 0) {
            fifth[i - 1] <== fourth[i] * x[i];
            rest += fifth[i - 1] * matrix[i][0];
        }
    }
    end <-- fourth[0] * x[0] * matrix[0][0] + rest;
    fourth[0] * x[0] === (end - rest) * (1 / matrix[0][0]);
}

template FourthPower() {
    signal input x;
    signal square <== x * x;
    signal output fourth <== square * square;
}
