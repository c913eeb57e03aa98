// Φ and φ of what Black-76 needs, docs/clearing.md T-2 and B-5. Arguments count units of 3 · 2⁻²⁸.
pragma circom 2.2.3;

include "bits.circom";
include "logarithm.circom";
include "one.circom";
include "polynomials.circom";

// inverse · 9h is about 2⁴⁷ (B-2), and a moneyness is a logarithm or two: |moneyness| < 2³⁰.
function INVERSE_SHIFT() {
    return 18;
}

// Proves that d = ⌊moneyness · inverse / 2¹⁸⌋ + h, or that both this and d − 2h are beyond ±2²⁹, where Φ no longer
// depends on them, and d then stands for them on the same side:
//   1. outside is −1, 0 or 1
//   2. outside 0: product = 2¹⁸ (d − h) + r, 0 ≤ r < 2¹⁸
//   3. outside ±1: ±moneyness − 20h = r, 0 ≤ r < 2³⁰, and d = ±FAR + h
// Without 3 the arguments would have 49 bits where volatility is least; so they have 31, and both cases share the bits of r.
// 2^10 ≤ h ≤ 2²⁹ + 2¹⁰ and inverse = ⌊J / h⌋ are B-2's: |moneyness| ≥ 20h means |t| ≥ 20h (J / h − 1) / 2¹⁸ − 1 > 1.19 · 10⁹ − 2²⁰,
// which is more than 2²⁹ + h; and |moneyness| < 20h means |t ± h| < 1.2 · 10⁹ + 2²⁹ + 2¹⁰ < 2³¹.
template Argument() {
    var bits = LOGARITHM_BITS() + 1;
    var FAR = (1 << 30) + (1 << 28);
    signal input moneyness;
    signal input h;
    signal input inverse;
    signal input one;
    signal output d;

    // 1.
    signal outside <-- moneyness >= 20 * h ? 1 : (moneyness <= -20 * h ? -1 : 0);
    signal isOutside <== outside * outside;
    isOutside * outside === outside;

    signal distance <== outside * moneyness;
    signal product <== moneyness * inverse;
    signal r <-- isOutside == 1 ? distance - 20 * h : product - floorOf(product, 1 << INVERSE_SHIFT()) * (1 << INVERSE_SHIFT());
    signal rBits[bits] <== SparseBits(bits)(r, one);
    var high = 0;
    for (var i = INVERSE_SHIFT(); i < bits; i++) high += rBits[i] * (1 << i);

    // 2.
    isOutside * high === high;
    signal t <-- isOutside == 1 ? outside * FAR : floorOf(product, 1 << INVERSE_SHIFT());
    d <== t + h;
    (1 - isOutside) * (product - r) === (t - FAR * outside) * (1 << INVERSE_SHIFT());

    // 3.
    isOutside * (r + 20 * h) === distance;
}

// Proves Φ(d) at scale 2^Q, and φ(d) where it is asked for (else 0), for |d| < 2³¹:
//   1. |d| = bits, of which 24 are u, five the segment and two say that it is 2²⁹ or more
//   2. Φ(|d|) is the polynomial, or 1 there; φ is the polynomial, or 0 there
//   3. Φ(−|d|) = 1 − Φ(|d|)
template Normal(withDensity) {
    var uBits = tableUBits(TABLE_NORMAL());
    var scale = 1 << tableScaleBits(TABLE_NORMAL());
    assert(ARGUMENT_BITS() == uBits + TABLE_SEGMENT_BITS() && tableUBits(TABLE_DENSITY()) == uBits);
    signal input d;
    signal input one;
    signal output cumulative;
    signal output density;

    // 1.
    signal negative <-- d < 0 ? 1 : 0;
    negative * negative === negative;
    signal magnitude <== (1 - 2 * negative) * d;
    signal bits[ARGUMENT_BITS() + 2] <== SparseBits(ARGUMENT_BITS() + 2)(magnitude, one);
    var low = 0;
    component subsets = Subsets();
    for (var i = 0; i < uBits; i++) low += bits[i] * (1 << i);
    for (var i = 0; i < TABLE_SEGMENT_BITS(); i++) subsets.bits[i] <== bits[uBits + i];
    signal u <== Held()(low, one);
    var above = bits[ARGUMENT_BITS()];
    var top = bits[ARGUMENT_BITS() + 1];
    signal bothBits <== above * top;
    signal beyond <== above + top - bothBits;

    // 2.
    signal polynomial <== Polynomial(TABLE_NORMAL())(subsets.subsets, u);
    signal missing <== beyond * (scale - polynomial);
    signal upper <== polynomial + missing;
    if (withDensity) {
        signal densityPolynomial <== Polynomial(TABLE_DENSITY())(subsets.subsets, u);
        density <== (1 - beyond) * densityPolynomial;
    } else {
        density <== 0;
    }

    // 3.
    signal mirrored <== negative * (scale - 2 * upper);
    cumulative <== upper + mirrored;
}

// Proves value = forward Φ(d₁) − strike Φ(d₂), exact at the scale of Φ. B-5 and, withDensity, what B-8 needs of d₁.
template CallValue(withDensity) {
    signal input moneyness;
    signal input h;
    signal input inverse;
    signal input forward;
    signal input strike;
    signal input one;
    signal output value;
    signal output cumulative;
    signal output density;

    signal d1 <== Argument()(moneyness, h, inverse, one);
    component first = Normal(withDensity);
    first.d <== d1;
    first.one <== one;
    component second = Normal(0);
    second.d <== d1 - 2 * h;
    second.one <== one;
    cumulative <== first.cumulative;
    density <== first.density;

    signal received <== forward * first.cumulative;
    signal paid <== strike * second.cumulative;
    value <== received - paid;
}
