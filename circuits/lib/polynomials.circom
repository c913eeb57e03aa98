// Piecewise polynomials, docs/clearing.md T-1.
//
// The products of all subsets of a segment's five bits are 26 constraints; every coefficient of every table is a linear
// combination of those 32, and so are all tables over the same segments.
pragma circom 2.2.3;

include "../generated/tables.circom";

// By subset and power: what the product of the bits in a subset adds to a coefficient, which is what the segment with
// these bits has more than all subsets of them.
function subsetCoefficients(table) {
    var count = 1 << TABLE_SEGMENT_BITS();
    var coefficients[count][TABLE_POWERS()] = tableCoefficients(table);
    for (var bit = 1; bit < count; bit = bit * 2) {
        for (var s = 0; s < count; s++) {
            if ((s & bit) != 0) {
                for (var power = 0; power < TABLE_POWERS(); power++) {
                    coefficients[s][power] -= coefficients[s - bit][power];
                }
            }
        }
    }
    return coefficients;
}

// subsets[s] is the product of the bits i of a segment for which s has a bit i. bits are bits: the caller proves it.
template Subsets() {
    var count = 1 << TABLE_SEGMENT_BITS();
    signal input bits[TABLE_SEGMENT_BITS()];
    signal output subsets[count];

    subsets[0] <== 1;
    for (var i = 0; i < TABLE_SEGMENT_BITS(); i++) {
        subsets[1 << i] <== bits[i];
        for (var s = 1; s < (1 << i); s++) {
            subsets[(1 << i) + s] <== subsets[s] * bits[i];
        }
    }
}

// value = Σ c[segment][j] uʲ at scale 2^tableScaleBits, exact. The highest coefficient is the first factor, the others are
// in the product: only the highest costs the prover its 32 terms. As many constraints as the degree.
template Polynomial(table) {
    var degree = tableDegree(table);
    signal input subsets[1 << TABLE_SEGMENT_BITS()];
    signal input u;
    signal output value;

    var coefficients[1 << TABLE_SEGMENT_BITS()][TABLE_POWERS()] = subsetCoefficients(table);
    signal partial[degree + 1];
    for (var power = degree; power >= 0; power--) {
        var coefficient = 0;
        for (var s = 0; s < (1 << TABLE_SEGMENT_BITS()); s++) {
            coefficient += coefficients[s][power] * subsets[s];
        }
        if (power == degree) {
            partial[power] <== coefficient;
        } else {
            partial[power] <== partial[power + 1] * u + coefficient;
        }
    }
    value <== partial[0];
}

// The same polynomial of a known argument, at compile time.
function polynomialOf(table, argument) {
    var uBits = tableUBits(table);
    var segment = argument >> uBits;
    var u = argument - (segment << uBits);
    var coefficients[1 << TABLE_SEGMENT_BITS()][TABLE_POWERS()] = tableCoefficients(table);
    var value = 0;
    for (var power = tableDegree(table); power >= 0; power--) {
        value = value * u + coefficients[segment][power];
    }
    return value;
}
