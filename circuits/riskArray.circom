// Risk array: what every series of one underlying is worth in every state of its market. docs/clearing.md A, B.
//
// Proves, for a market, its states and the terms of each series:
//   A-2  stateSet is the hash of the states that are written here
//   A-4  every word is the packing of its numbers, each in range
//   B-1 … B-9 of every series, whose values are the 36 signed pairs of its six words
//   A-5  arrayCommitment is the sponge of the series' leaves
//
// ASSUMPTIONS  the words before the values come from the contract and keep to PRICING_BOUNDS (A-6).
// ROUNDING     as the rules say, once per value; errorBound of each series covers it.
// UNIQUENESS   every quotient has its remainder and its range, so words before the values have one array and no other.
// LIVENESS     no witness exists outside of the bounds: a strike more than 2¹⁰ forwards away, half a total volatility of 6,
//              a value that does not fit its pair. Nothing within them lacks one.
// BITS         f x κ and products of volatilities stay below 2¹⁰⁰, values at the scale of Φ below 2¹⁷⁸, with damping
//              below 2²⁰¹; every division says what it is given.
pragma circom 2.2.3;

include "generated/clearing.circom";
include "generated/protocol.circom";
include "lib/lanes.circom";
include "lib/logarithm.circom";
include "lib/one.circom";
include "lib/series.circom";
include "lib/sponge.circom";
include "lib/statement.circom";

// series ≤ 16, statementLength = 4 + 7 series
template RiskArray(series, statementLength) {
    assert(statementLength == 4 + (1 + SERIES_VALUE_WORDS()) * series);
    var pairsPerWord = LANE_COUNT() \ PAIR_LANES();

    signal input stateSet;
    signal input scenarioTerms;
    signal input market;
    signal input seriesTerms[series];
    signal input seriesValues[series * SERIES_VALUE_WORDS()];
    signal input challenge;
    signal input evaluation;
    signal output commitment;

    // A-2
    stateSet === STATE_SET();

    // A-4, and the spot levels that all series share
    signal one <== One()();
    component shared = Market();
    shared.scenarioTerms <== scenarioTerms;
    shared.market <== market;
    shared.one <== one;

    component priced[series];
    component leaf[series];
    signal terms[series][11];
    for (var k = 0; k < series; k++) {
        terms[k] <== UnpackHeldLanes(11)(seriesTerms[k], one);
        priced[k] = SeriesPairs();
        priced[k].kind <== terms[k][SERIES_TERM_KIND()];
        priced[k].basis <== terms[k][SERIES_TERM_BASIS()] - SIGNED_OFFSET();
        priced[k].volatility <== terms[k][SERIES_TERM_VOLATILITY()] + (1 << LANE_BITS()) * terms[k][SERIES_TERM_VOLATILITY() + 1];
        priced[k].seconds <== terms[k][SERIES_TERM_SECONDS()] + (1 << LANE_BITS()) * terms[k][SERIES_TERM_SECONDS() + 1];
        var strike = 0;
        for (var lane = 0; lane < QUAD_LANES(); lane++) {
            strike += terms[k][SERIES_TERM_STRIKE() + lane] * (1 << (LANE_BITS() * lane));
        }
        priced[k].strike <== strike;
        priced[k].spot <== shared.spot;
        priced[k].step <== shared.step;
        priced[k].upShock <== shared.upShock;
        priced[k].downShock <== shared.downShock;
        priced[k].minimumUpVolatility <== shared.minimumUpVolatility;
        priced[k].levels <== shared.levels;
        priced[k].one <== one;

        // A-5
        leaf[k] = Sponge(DOMAIN_SERIES(), 1 + SERIES_VALUE_WORDS());
        leaf[k].one <== one;
        leaf[k].elements[0] <== seriesTerms[k];
        for (var w = 0; w < SERIES_VALUE_WORDS(); w++) {
            var packed = 0;
            for (var i = 0; i < pairsPerWord; i++) {
                packed += priced[k].pairs[w * pairsPerWord + i] * (1 << (PAIR_BITS() * i));
            }
            seriesValues[k * SERIES_VALUE_WORDS() + w] * one === packed;
            leaf[k].elements[1 + w] <== seriesValues[k * SERIES_VALUE_WORDS() + w];
        }
    }

    // A-5
    component array = Sponge(DOMAIN_RISK_ARRAY(), 3 + series);
    array.one <== one;
    array.elements[0] <== stateSet;
    array.elements[1] <== scenarioTerms;
    array.elements[2] <== market;
    for (var k = 0; k < series; k++) {
        array.elements[3 + k] <== leaf[k].commitment;
    }

    signal words[statementLength];
    words[0] <== stateSet;
    words[1] <== scenarioTerms;
    words[2] <== market;
    for (var k = 0; k < series; k++) {
        words[3 + k] <== seriesTerms[k];
    }
    for (var w = 0; w < series * SERIES_VALUE_WORDS(); w++) {
        words[3 + series + w] <== seriesValues[w];
    }
    words[statementLength - 1] <== array.commitment;
    commitment <== Sponge(DOMAIN_RISK_ARRAY_STATEMENT(), statementLength)(words, one);
    component statement = Evaluate(statementLength);
    statement.words <== words;
    statement.challenge <== challenge;
    statement.evaluation <== evaluation;
}

// The numbers of scenarioTerms and market, and ln of the spot levels −3 … 3 but 0.
template Market() {
    signal input scenarioTerms;
    signal input market;
    signal input one;
    signal output spot;
    signal output step;
    signal output upShock;
    signal output downShock;
    signal output minimumUpVolatility;
    signal output levels[2 * SPOT_STEPS()];

    signal terms[5] <== UnpackHeldLanes(5)(scenarioTerms, one);
    step <== terms[SCENARIO_TERM_STEP()];
    upShock <== terms[SCENARIO_TERM_UP_SHOCK()];
    downShock <== terms[SCENARIO_TERM_DOWN_SHOCK()];
    minimumUpVolatility <== terms[SCENARIO_TERM_MINIMUM_UP_VOLATILITY()];

    signal lanes[MARKET_UNDERLYING() + 1] <== UnpackHeldLanes(MARKET_UNDERLYING() + 1)(market, one);
    var quad = 0;
    for (var lane = 0; lane < QUAD_LANES(); lane++) {
        quad += lanes[MARKET_SPOT() + lane] * (1 << (LANE_BITS() * lane));
    }
    spot <== Held()(quad, one);

    component level[2 * SPOT_STEPS()];
    for (var i = 0; i < 2 * SPOT_STEPS(); i++) {
        var steps = i - SPOT_STEPS() + (i < SPOT_STEPS() ? 0 : 1);
        // between 2⁻² and 2 for steps of at most a fifth
        level[i] = Logarithm(23, 20, -2, 0);
        level[i].a <== PPM() + steps * step;
        level[i].b <== PPM();
        level[i].one <== one;
        levels[i] <== level[i].value;
    }
}
