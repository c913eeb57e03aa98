// Wires that full simplification must not dissolve: it would otherwise write their linear combination out, term by term,
// wherever they are used.
pragma circom 2.2.3;

// Has no other witness than 1: a field has no other root of (x − 1)². The compiler does not solve squares, so what is
// multiplied by this stays a wire of its own.
template One() {
    signal output one <-- 1;

    (one - 1) * (one - 1) === 0;
}

// A linear combination as a wire. 1 constraint, in which the combination is the product: a prover evaluates the factors
// and multiplies them, so terms of the product cost it nothing. The wire is the first factor because only those of the
// second need points of the larger group.
template Held() {
    signal input combination;
    signal input one; // of One
    signal output wire <-- combination;

    wire * one === combination;
}
