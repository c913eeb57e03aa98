// Bits of numbers and what follows from them: signs, the greater of two, floors of divisions. Every template bounds what
// it is given, or says which bound the caller owes.
//
// A quotient by a hint is the only one where it is an integer that cannot wrap: the remainder is in its range, and
// |quotient · divisor| stays far below the field's order. So a quotient needs some bound, however loose, in either
// direction; where a later template gives it one (Magnitude, Greater), Floor does not check it again.
pragma circom 2.2.3;

include "../generated/protocol.circom";
include "one.circom";
include "range.circom";

// ⌊in / divisor⌋ of a signed number, |in| < 2²⁴⁹, 0 < divisor < 2²⁰⁰. For hints only.
function floorOf(in, divisor) {
    var offset = (1 << 250) \ divisor;
    return (in + offset * divisor) \ divisor - offset;
}

// Proves 0 ≤ in < 2^count. count + 1 constraints, the one of them linear.
template Bits(count) {
    assert(count > 0 && count < FIELD_BITS() - 1);
    signal input in;
    signal output bits[count];

    var sum = 0;
    for (var i = 0; i < count; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * bits[i] === bits[i];
        sum += bits[i] * (1 << i);
    }
    sum === in;
}

// The same with no linear constraint, with which full simplification would write one bit as all the others, twice. For
// numbers that every price of an array has.
template SparseBits(count) {
    assert(count > 0 && count < FIELD_BITS() - 1);
    signal input in;
    signal input one; // of One
    signal output bits[count];

    var sum = 0;
    for (var i = 0; i < count; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * bits[i] === bits[i];
        sum += bits[i] * (1 << i);
    }
    in * one === sum;
}

// Proves |in| < 2^count. negative is 1 or 0 for in = 0, and for all others unique.
template Magnitude(count) {
    signal input in;
    signal output negative <-- in < 0 ? 1 : 0;
    signal output magnitude;
    signal output bits[count];

    negative * negative === negative;
    magnitude <== (1 - 2 * negative) * in;
    bits <== Bits(count)(magnitude);
}

// Proves |a − b| < 2^count. greater + lesser = a + b and greater − lesser = |a − b|.
template Ordered(count) {
    signal input a;
    signal input b;
    signal output greater;
    signal output lesser;

    component difference = Magnitude(count);
    difference.in <== a - b;
    greater <== (a + b + difference.magnitude) / 2;
    lesser <== (a + b - difference.magnitude) / 2;
}

// How often 2 divides a number.
function powerOfTwo(number) {
    var k = 0;
    while ((number >> (k + 1)) << (k + 1) == number) k++;
    return k;
}

// Proves 0 ≤ in < limit for a constant limit: as many bits as it has factors of 2, and AtMost for what is left.
template Below(limit) {
    assert(limit > 1);
    signal input in;

    var k = powerOfTwo(limit);
    var odd = limit >> k;
    if (odd == 1) {
        _ <== Bits(k)(in);
    } else if (k == 0) {
        AtMost(odd - 1)(in);
    } else {
        signal high <-- in >> k;
        AtMost(odd - 1)(high);
        _ <== Bits(k)(in - high * (1 << k));
    }
}

// quotient = ⌊in / divisor⌋ for a constant divisor. The caller bounds |in| and |quotient · divisor| below 2²⁵⁰.
template Floor(divisor) {
    signal input in;
    signal output quotient <-- floorOf(in, divisor);

    Below(divisor)(in - quotient * divisor);
}

// The same with the remainder's power of 2 in SparseBits.
template SparseFloor(divisor) {
    signal input in;
    signal input one;
    signal output quotient <-- floorOf(in, divisor);

    var k = powerOfTwo(divisor);
    var odd = divisor >> k;
    if (odd == 1) {
        _ <== SparseBits(k)(in - quotient * divisor, one);
    } else {
        signal high <-- (in - quotient * divisor) >> k;
        AtMost(odd - 1)(high);
        _ <== SparseBits(k)(in - quotient * divisor - high * (1 << k), one);
    }
}

// quotient = ⌊in / divisor⌋, with 0 < divisor ≤ 2^count proven. The caller bounds in and |quotient · divisor|.
template FloorBy(count) {
    signal input in;
    signal input divisor;
    signal output quotient <-- in \ divisor;

    signal remainder <== in - quotient * divisor;
    _ <== Bits(count)(remainder);
    _ <== Bits(count)(divisor - 1 - remainder);
}

// ⌊√n⌋. For hints only: Newton's method from above, which falls until it is there.
function rootOf(n) {
    var root = 1 << 126;
    var next = (root + n \ root) \ 2;
    while (next < root) {
        root = next;
        next = (root + n \ root) \ 2;
    }
    return root;
}

// Proves root² ≤ in < (root + 1)², root < 2^count.
template Root(count) {
    assert(2 * count + 2 < FIELD_BITS());
    signal input in;
    signal output root <-- rootOf(in);

    _ <== Bits(count)(root);
    signal square <== root * root;
    _ <== Bits(count + 1)(in - square);
    _ <== Bits(count + 1)(square + 2 * root - in);
}
