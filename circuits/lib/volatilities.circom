// The volatilities in which a series is priced, docs/clearing.md B-2 to B-4.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/pricing.circom";
include "bits.circom";
include "logarithm.circom";
include "one.circom";

// Places of volatilities: those of VOLATILITY_SHOCKS, then those of SKEWS.
function VOLATILITY_DOWN() {
    return 0;
}

function VOLATILITY_STATIC() {
    return 1;
}

function VOLATILITY_UP() {
    return 2;
}

function VOLATILITY_LINEAR() {
    return 3;
}

function VOLATILITY_ABSOLUTE() {
    return 4;
}

function VOLATILITY_COUNT() {
    return 5;
}

// Proves of a time {s} below 2²⁶ its root (B-2), √T in years {ppm} (B-4), and how shocks scale with it, H {grid} (B-3).
template TimeToExpiry() {
    signal input seconds;
    signal input one;
    signal output root;
    signal output years;
    signal output scaling;

    // T X < 2⁸¹
    root <== Root(41)(seconds * ROOT_SCALE());
    years <== Floor(1 << 40)(root * YEARS_PER_ROOT());
    _ <== Bits(21)(years);

    // T' ≥ 86,400 and 30 days / T' is between 2⁻⁵ and 2⁵
    component time = Ordered(26);
    time.a <== seconds;
    time.b <== 86400;
    component L = Logarithm(22, 27, -5, 4);
    L.a <== SHOCK_TIME();
    L.b <== time.greater;
    L.one <== one;
    signal weighted <== L.value * (30 - 17 * L.negative);
    scaling <== Exponential()(Floor(100)(weighted), one);
}

// Proves B-3 and B-4: σ and the four that it becomes. volatility < 2⁴², |moneyness| < 2²⁹.
template Volatilities() {
    signal input volatility;
    signal input years;
    signal input scaling;
    signal input upShock;
    signal input downShock;
    signal input minimumUpVolatility;
    signal input moneynessNegative;
    signal input moneynessMagnitude;
    signal output volatilities[VOLATILITY_COUNT()];

    // B-3: up is below 2⁴⁴ for shocks up to one and H up to e^1.1
    var unit = PPM() * (1 << GRID_BITS());
    signal upFactor <== upShock * scaling;
    signal downFactor <== downShock * scaling;
    signal upProduct <== volatility * upFactor;
    signal downProduct <== volatility * downFactor;
    component up = Ordered(44);
    signal upChange <== Floor(unit)(upProduct);
    up.a <== volatility + upChange;
    up.b <== minimumUpVolatility * PPM();
    signal downChange <== Floor(unit)(downProduct);
    signal down <== volatility - downChange;
    _ <== Bits(46)(down + (1 << 45));

    // B-4
    signal cap <== SKEW_CAP() - years;
    signal wide <== years * (2 * SKEW_CAP() - years);
    component width = Ordered(28);
    width.a <== Floor(1 << 40)(wide * SKEW_WIDTH_SCALE());
    width.b <== LEAST_SKEW_WIDTH();
    signal reach <== moneynessMagnitude * cap;
    component z = Ordered(33);
    z.a <== cap;
    z.b <== FloorBy(29)(reach, width.greater);
    signal skewed <== volatility * z.lesser;
    signal change <== Floor(20 * PPM())(skewed);
    _ <== Bits(42)(change);
    signal signedChange <== (1 - 2 * moneynessNegative) * change;

    volatilities[VOLATILITY_DOWN()] <== down;
    volatilities[VOLATILITY_STATIC()] <== volatility;
    volatilities[VOLATILITY_UP()] <== up.greater;
    volatilities[VOLATILITY_LINEAR()] <== volatility - signedChange;
    volatilities[VOLATILITY_ABSOLUTE()] <== volatility + change;
}

// Proves B-2 for one volatility, |volatility| < 2⁴⁶: h ≤ 2²⁹ + 2¹⁰, inverse < 2³⁴. Units of 3 · 2⁻²⁸.
template HalfVolatility() {
    signal input volatility;
    signal input root;
    signal input one;
    signal output h;
    signal output inverse;

    signal product <== volatility * root;
    component half = Ordered(29);
    half.a <== Floor(1 << 54)(product + (1 << 53));
    half.b <== LEAST_HALF_VOLATILITY();
    h <== Held()(half.greater, one);

    inverse <== FloorBy(30)(INVERSE_SCALE(), h);
    _ <== Bits(34)(inverse);
}
