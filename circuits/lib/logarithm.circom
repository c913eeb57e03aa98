// Logarithms and exponentials on the grid, docs/clearing.md T-3 and T-4.
pragma circom 2.2.3;

include "bits.circom";
include "one.circom";
include "polynomials.circom";

// Bits of a mantissa below its highest.
function MANTISSA_BITS() {
    return 29;
}

// |ln| of 2¹⁰ and less is below 2^this.
function LOGARITHM_BITS() {
    return 29;
}

// e with 2^e ≤ a / b < 2^(e + 1), for a, b > 0. For hints, and at compile time.
function exponentOf(a, b) {
    var e = 0;
    while (a >= b * 2) {
        b = b * 2;
        e++;
    }
    while (a < b) {
        a = a * 2;
        e--;
    }
    return e;
}

// ln(a / b) of known numbers.
function logarithmOf(a, b) {
    var e = exponentOf(a, b);
    var mantissa = (a << (MANTISSA_BITS() - e)) \ b - (1 << MANTISSA_BITS());
    var value = e * LOGARITHM_OF_TWO() + polynomialOf(TABLE_LOGARITHM(), mantissa);
    return floorOf(value, 1 << (tableScaleBits(TABLE_LOGARITHM()) - GRID_BITS()));
}

// Proves value = ln(a / b) rounded down to the grid, for minimum ≤ e ≤ maximum, |value| < 2²⁹:
//   1. exactly one exponent e is selected
//   2. a 2^(29 − e) = (2²⁹ + g) b + r with g of 29 bits and 0 ≤ r < b: so e and g are the only ones
//   3. value = ⌊e ln 2 + LN(g)⌋
// a is below 2^aBits, signed; 0 < b ≤ 2^bBits is proven. negative as in Magnitude.
template Logarithm(aBits, bBits, minimum, maximum) {
    assert(minimum >= -10 && maximum < 10 && aBits + MANTISSA_BITS() - minimum < 250 && bBits + 32 < 250);
    var count = maximum - minimum + 1;
    var uBits = tableUBits(TABLE_LOGARITHM());
    assert(uBits + TABLE_SEGMENT_BITS() == MANTISSA_BITS());
    signal input a;
    signal input b;
    signal input one;
    signal output value;
    signal output negative;
    signal output magnitude;

    // 1.
    signal exponent <-- exponentOf(a, b);
    signal selected[count];
    var selections = 0;
    var scale = 0;
    var e = 0;
    for (var i = 0; i < count; i++) {
        selected[i] <-- exponent == minimum + i ? 1 : 0;
        selected[i] * selected[i] === selected[i];
        selections += selected[i];
        scale += selected[i] * (1 << (MANTISSA_BITS() - minimum - i));
        e += selected[i] * (minimum + i);
    }
    selections === 1;
    e === exponent;

    // 2.
    signal scaled <== a * scale;
    signal mantissa <-- scaled \ b;
    component g = Bits(MANTISSA_BITS());
    g.in <== mantissa - (1 << MANTISSA_BITS());
    signal remainder <== scaled - mantissa * b;
    _ <== Bits(bBits)(remainder);
    _ <== Bits(bBits)(b - 1 - remainder);

    // 3.
    var low = 0;
    component subsets = Subsets();
    for (var i = 0; i < uBits; i++) low += g.bits[i] * (1 << i);
    for (var i = 0; i < TABLE_SEGMENT_BITS(); i++) subsets.bits[i] <== g.bits[uBits + i];
    signal u <== Held()(low, one);
    signal polynomial <== Polynomial(TABLE_LOGARITHM())(subsets.subsets, u);
    value <== Floor(1 << (tableScaleBits(TABLE_LOGARITHM()) - GRID_BITS()))(e * LOGARITHM_OF_TWO() + polynomial);
    component signed = Magnitude(LOGARITHM_BITS());
    signed.in <== value;
    negative <== signed.negative;
    magnitude <== signed.magnitude;
}

// Proves value = exp(in) rounded down to the grid, for in of [−¾, 1¼) on the grid. value < 2²⁸.
template Exponential() {
    var uBits = tableUBits(TABLE_EXPONENTIAL());
    signal input in;
    signal input one;
    signal output value;

    component argument = Bits(uBits + TABLE_SEGMENT_BITS());
    argument.in <== in - EXPONENT_MINIMUM();
    var low = 0;
    component subsets = Subsets();
    for (var i = 0; i < uBits; i++) low += argument.bits[i] * (1 << i);
    for (var i = 0; i < TABLE_SEGMENT_BITS(); i++) subsets.bits[i] <== argument.bits[uBits + i];
    signal u <== Held()(low, one);
    signal polynomial <== Polynomial(TABLE_EXPONENTIAL())(subsets.subsets, u);
    value <== Floor(1 << (tableScaleBits(TABLE_EXPONENTIAL()) - GRID_BITS()))(polynomial);
    _ <== Bits(GRID_BITS() + 2)(value);
}
