// How a proof is tied to the words a contract knows, SYSTEM §3.
pragma circom 2.2.3;

include "sponge.circom";

// Proves, for the words of a statement of one kind:
//   1. commitment is their sponge in the kind's domain
//   2. evaluation = Σ words[i] · challengeⁱ
// The contract derives challenge from the words and the commitment, so the words in here were fixed before it.
template Statement(domain, length) {
    signal input words[length];
    signal input challenge;
    signal input evaluation;
    signal output commitment;

    // 1.
    commitment <== Sponge(domain, length)(words);

    // 2. Horner, from the last word down
    signal partials[length];
    partials[length - 1] <== words[length - 1];
    for (var i = length - 2; i >= 0; i--) {
        partials[i] <== partials[i + 1] * challenge + words[i];
    }
    evaluation === partials[0];
}
