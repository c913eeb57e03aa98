// What one series is worth in every state, docs/clearing.md B-1 to B-9: 36 signed pairs, each as value + 2⁴¹.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/pricing.circom";
include "bits.circom";
include "logarithm.circom";
include "normal.circom";
include "one.circom";
include "volatilities.circom";

function PAIR_BITS() {
    return LANE_BITS() * PAIR_LANES();
}

// What a signed pair holds for 0.
function PAIR_OFFSET() {
    return 1 << (PAIR_BITS() - 1);
}

// Proves pair = ⌊in / divisor⌋ + 2⁴¹, and that it has 42 bits. |in| < 2²⁴⁰.
template RoundedPair(divisor) {
    signal input in;
    signal input one;
    signal output pair;

    signal quotient <== SparseFloor(divisor)(in, one);
    pair <== quotient + PAIR_OFFSET();
    _ <== SparseBits(PAIR_BITS())(pair, one);
}

// Numbers of a series and its market as they stand in their words, and the levels of an array:
// levels[j] = ln of the spot levels −3 … 3 but 0.
template SeriesPairs() {
    var scaleBits = tableScaleBits(TABLE_NORMAL());
    var scale = 1 << scaleBits;
    var regular = STATE_COUNT() - TAIL_COUNT() - SKEW_COUNT();
    signal input kind;
    signal input basis;
    signal input volatility;
    signal input seconds;
    signal input strike;
    signal input spot;
    signal input step;
    signal input upShock;
    signal input downShock;
    signal input minimumUpVolatility;
    signal input levels[2 * SPOT_STEPS()];
    signal input one;
    signal output pairs[SERIES_VALUE_WORDS() * LANE_COUNT() / PAIR_LANES()];

    // the kind, as bits that are 1 for a put and for anything but a perpetual
    signal putTwice <== kind * (kind - 1);
    putTwice * (kind - 2) === 0;
    var isPut = putTwice / 2;
    var isOption = kind - isPut;

    // B-1. f < 2²¹; κ < 2⁶⁰, above 0 where 10⁶ f / κ has a logarithm. Both are 0 in the values of a perpetual.
    signal f <== PPM() + basis;
    signal moneyStrike <== FloorBy(LANE_BITS() * QUAD_LANES())(PPT() * strike, spot);
    signal strikeBits[60] <== Bits(60)(moneyStrike);
    signal kappa <== Held()(moneyStrike, one);
    component m = Logarithm(42, 60, -10, 9);
    m.a <== PPM() * f;
    m.b <== kappa;
    m.one <== one;
    signal forward <== isOption * f;
    signal paid <== isOption * kappa;

    // B-2 to B-4
    component time = TimeToExpiry();
    time.seconds <== seconds;
    time.one <== one;
    component volatilities = Volatilities();
    volatilities.volatility <== volatility;
    volatilities.years <== time.years;
    volatilities.scaling <== time.scaling;
    volatilities.upShock <== upShock;
    volatilities.downShock <== downShock;
    volatilities.minimumUpVolatility <== minimumUpVolatility;
    volatilities.moneynessNegative <== m.negative;
    volatilities.moneynessMagnitude <== m.magnitude;
    component half[VOLATILITY_COUNT()];
    for (var v = 0; v < VOLATILITY_COUNT(); v++) {
        half[v] = HalfVolatility();
        half[v].volatility <== volatilities.volatilities[v];
        half[v].root <== time.root;
        half[v].one <== one;
    }

    // B-6, B-8: the unshocked state
    component unshocked = CallValue(1);
    unshocked.moneyness <== m.value;
    unshocked.h <== half[VOLATILITY_STATIC()].h;
    unshocked.inverse <== half[VOLATILITY_STATIC()].inverse;
    unshocked.forward <== PPM() * forward;
    unshocked.strike <== paid;
    unshocked.one <== one;
    component figures = Figures();
    figures.f <== f;
    figures.forward <== forward;
    figures.kappa <== kappa;
    figures.isPut <== isPut;
    figures.isOption <== isOption;
    figures.value <== unshocked.value;
    figures.cumulative <== unshocked.cumulative;
    figures.density <== unshocked.density;
    figures.inverse <== half[VOLATILITY_STATIC()].inverse;
    figures.years <== time.years;
    figures.one <== one;

    // B-5, B-7. x = 10⁶ + known · 1 + steps · step, so that f x and the linear part are linear in four wires.
    signal forwardStep <== forward * step;
    signal linear <== (1 - isOption - isPut) * f;
    signal linearStep <== linear * step;
    component priced[STATE_COUNT()];
    component rounded[STATE_COUNT()];
    signal damped[TAIL_COUNT()];
    for (var s = 0; s < STATE_COUNT(); s++) {
        var tail = s - regular;
        var isTail = tail >= 0 && tail < TAIL_COUNT();
        var isSkew = tail >= TAIL_COUNT();
        var steps = tail >= 0 ? 0 : s \ VOLATILITY_SHOCK_COUNT() - SPOT_STEPS();
        var move = isTail ? tailMove(tail) : 0;
        var shock = VOLATILITY_UP();
        if (tail < 0) shock = s % VOLATILITY_SHOCK_COUNT();
        if (isSkew) shock = VOLATILITY_LINEAR() + tail - TAIL_COUNT();

        if (steps == 0 && shock == VOLATILITY_STATIC()) {
            pairs[s] <== PAIR_OFFSET();
        } else {
            var logarithm = isTail ? logarithmOf(PPM() + move, PPM()) : 0;
            if (steps != 0) logarithm = levels[steps + SPOT_STEPS() - (steps > 0 ? 1 : 0)];
            priced[s] = CallValue(0);
            priced[s].moneyness <== m.value + logarithm;
            priced[s].h <== half[shock].h;
            priced[s].inverse <== half[shock].inverse;
            priced[s].forward <== (PPM() + move) * forward + steps * forwardStep;
            priced[s].strike <== paid;
            priced[s].one <== one;
            var profit = priced[s].value - unshocked.value + scale * (move * linear + steps * linearStep);
            if (isTail) {
                damped[tail] <== profit * (3 * step);
                rounded[s] = RoundedPair(scale * 5 * (move > 0 ? move : -move));
                rounded[s].in <== damped[tail];
                rounded[s].one <== one;
            } else {
                rounded[s] = RoundedPair(scale);
                rounded[s].in <== profit;
                rounded[s].one <== one;
            }
            pairs[s] <== rounded[s].pair;
        }
    }
    for (var i = 0; STATE_COUNT() + i < SERIES_VALUE_WORDS() * LANE_COUNT() / PAIR_LANES(); i++) {
        pairs[STATE_COUNT() + i] <== figures.pairs[i];
    }
}

// B-6, B-8 and B-9. forward and value are 0 for a perpetual, whose isOption is 0.
template Figures() {
    var scaleBits = tableScaleBits(TABLE_NORMAL());
    signal input f;
    signal input forward;
    signal input kappa;
    signal input isPut;
    signal input isOption;
    signal input value;
    signal input cumulative;
    signal input density;
    signal input inverse;
    signal input years;
    signal input one;
    signal output pairs[5];

    // a perpetual's mark is its forward
    pairs[FIGURE_MARK()] <== RoundedPair(1 << scaleBits)(value + (1 << scaleBits) * PPM() * (f - forward), one);

    // 10¹² = 2¹² 5¹²
    signal delta <== isOption * (cumulative - (1 << scaleBits));
    pairs[FIGURE_DELTA()] <== RoundedPair(1 << (scaleBits - 12))((5 ** 12) * (delta + (1 - isPut) * (1 << scaleBits)), one);

    // below 2⁴⁸ before what a pair holds at most
    signal steep <== density * inverse;
    signal optionSteep <== isOption * steep;
    component gamma = Ordered(48);
    gamma.a <== Floor(1 << (10 + scaleBits))(GAMMA_SCALE() * optionSteep);
    gamma.b <== PAIR_OFFSET() - 1;
    pairs[FIGURE_GAMMA()] <== gamma.lesser + PAIR_OFFSET();

    signal scaledForward <== forward * years;
    signal vega <== scaledForward * density;
    pairs[FIGURE_VEGA()] <== RoundedPair(100 * (1 << scaleBits))(vega, one);

    // B-9
    signal rates <== Floor(1 << 32)(ERROR_PER_FORWARD() * f + ERROR_PER_STRIKE() * kappa);
    _ <== Bits(PAIR_BITS() - 1)(ERROR_CONSTANT() + rates);
    signal bounded <== isOption * (ERROR_CONSTANT() - 1 + rates);
    pairs[FIGURE_ERROR_BOUND()] <== PAIR_OFFSET() + 1 + bounded;
}
