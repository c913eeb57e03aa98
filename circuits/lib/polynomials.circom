// Piecewise polynomials, docs/clearing.md T-1.
//
// The products of all subsets of a segment's five bits are 26 constraints; every coefficient of every table is a linear
// combination of those 32, and so are all tables over the same segments.
pragma circom 2.2.3;

include "../generated/tables.circom";

// What the product of the bits in `subset` adds to coefficient `power`: an alternating sum over the segments within it.
function subsetCoefficient(table, subset, power) {
    var sum = 0;
    for (var segment = 0; segment < (1 << TABLE_SEGMENT_BITS()); segment++) {
        if ((segment & subset) == segment) {
            var left = subset - segment;
            var sign = 1;
            while (left > 0) {
                if ((left & 1) == 1) sign = -sign;
                left = left >> 1;
            }
            sum += sign * tableCoefficient(table, segment, power);
        }
    }
    return sum;
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

    signal partial[degree + 1];
    for (var power = degree; power >= 0; power--) {
        var coefficient = 0;
        for (var s = 0; s < (1 << TABLE_SEGMENT_BITS()); s++) {
            coefficient += subsetCoefficient(table, s, power) * subsets[s];
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
    var value = 0;
    for (var power = tableDegree(table); power >= 0; power--) {
        value = value * u + tableCoefficient(table, segment, power);
    }
    return value;
}
