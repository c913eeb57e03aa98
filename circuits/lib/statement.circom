// How a proof is tied to the words a contract knows, SYSTEM §3.
//
// The contract derives challenge from the words and their commitment, so the words were fixed before it.
pragma circom 2.2.3;

// Proves evaluation = Σ words[i] · challengeⁱ.
template Evaluate(length) {
    signal input words[length];
    signal input challenge;
    signal input evaluation;

    // Horner, from the last word down
    signal partials[length];
    partials[length - 1] <== words[length - 1];
    for (var i = length - 2; i >= 0; i--) {
        partials[i] <== partials[i + 1] * challenge + words[i];
    }
    evaluation === partials[0];
}
