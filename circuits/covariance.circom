// Covariance: that a risk state follows from a window of observed returns. SYSTEM §4.
//
// Proves, for x[t][i] the return of asset i in observation t {ppm} and a[d][t] the weights of decay d:
//   C-1  every word is the packing of its lanes, each in range
//   C-2  S[d][i,j] = Σ_t a[d][t] x[t][i] x[t][j], exact integers, for every decay d
//   C-3  covarianceCommitments[d] is the sponge of S[d], row major i ≤ j; windowCommitment is the statement's sponge once it
//        has absorbed the observations
//   C-4  v[i]² A ≤ S[0][i,i] < (v[i] + 1)² A, with A = Σ_t a[0][t]
//   C-5  ρ[i,j] = 10⁶ S[0][i,j] / (v[i] v[j] A) rounded down and clamped to ±10⁶; 0 where v[i] or v[j] is 0
//
// ASSUMPTIONS  the words are those of the statement that the contract recomputes; nothing here is private.
// SPARSENESS   sums that are used in products are held as wires (lib/one.circom): a few more constraints, and a small part
//              of the coefficients that a prover works through.
// BITS         |x| ≤ 2²⁰ and A < 2²³ for every decay, so |S| ≤ 2⁶³; no product below exceeds 2⁸⁵.
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";
include "lib/lanes.circom";
include "lib/one.circom";
include "lib/range.circom";
include "lib/sponge.circom";
include "lib/statement.circom";

// assets ≤ 12, correlationWords = ⌈assets (assets − 1) / 2 / 12⌉, statementLength = windowLength + correlationWords + 6
template Covariance(assets, windowLength, correlationWords, statementLength) {
    var triangle = assets * (assets + 1) \ 2;
    var pairs = assets * (assets - 1) \ 2;
    assert(assets > 1 && assets <= LANE_COUNT());
    assert(correlationWords == (pairs + LANE_COUNT() - 1) \ LANE_COUNT());
    assert(statementLength == windowLength + 1 + correlationWords + 1 + DECAY_COUNT());

    signal input observations[windowLength];
    signal input volatilities;
    signal input correlations[correlationWords];
    signal input challenge;
    signal input evaluation;
    signal output commitment;

    var a[DECAY_COUNT()][windowLength];
    for (var d = 0; d < DECAY_COUNT(); d++) {
        var decaySum = 0;
        for (var t = 0; t < windowLength; t++) {
            a[d][t] = decayWeight(windowLength, d, t);
            decaySum += a[d][t];
        }
        assert(decaySum < (1 << 23));
    }

    // C-1. Products of lanes, not of returns: they are small and not negative, which is what makes them cheap to prove.
    signal one <== One()();
    signal lanes[windowLength][assets];
    signal products[windowLength][triangle];
    for (var t = 0; t < windowLength; t++) {
        lanes[t] <== UnpackHeldLanes(assets)(observations[t], one);
        var k = 0;
        for (var i = 0; i < assets; i++) {
            for (var j = i; j < assets; j++) {
                products[t][k] <== lanes[t][i] * lanes[t][j];
                k++;
            }
        }
    }

    // C-2. With o the offset of signed lanes and l = x + o: Σ a x_i x_j = Σ a l_i l_j − o Σ a l_i − o Σ a l_j + o² A. The
    // products are shared by all decays; what each decay adds is linear.
    signal firstMoments[DECAY_COUNT()][assets];
    signal S[DECAY_COUNT()][triangle];
    var o = SIGNED_OFFSET();
    for (var d = 0; d < DECAY_COUNT(); d++) {
        var A = 0;
        for (var t = 0; t < windowLength; t++) {
            A += a[d][t];
        }
        for (var i = 0; i < assets; i++) {
            var moment = 0;
            for (var t = 0; t < windowLength; t++) {
                moment += a[d][t] * lanes[t][i];
            }
            firstMoments[d][i] <== Held()(moment, one);
        }
        var k = 0;
        for (var i = 0; i < assets; i++) {
            for (var j = i; j < assets; j++) {
                var sum = o * o * A - o * firstMoments[d][i] - o * firstMoments[d][j];
                for (var t = 0; t < windowLength; t++) {
                    sum += a[d][t] * products[t][k];
                }
                S[d][k] <== Held()(sum, one);
                k++;
            }
        }
    }

    // C-3. The window comes first in the statement and fills whole blocks, so its commitment is the statement's sponge at
    // that point.
    assert(windowLength % SPONGE_RATE() == 0);
    var initial = initialCapacity(DOMAIN_COVARIANCE_STATEMENT(), statementLength);
    signal windowCommitment <== Absorb(windowLength)(initial, observations, one);
    signal covarianceCommitments[DECAY_COUNT()];
    for (var d = 0; d < DECAY_COUNT(); d++) {
        covarianceCommitments[d] <== Sponge(DOMAIN_COVARIANCE_TRIANGLE(), triangle)(S[d], one);
    }

    // C-4, C-5 on the first decay
    component moments = Moments(assets, windowLength, correlationWords);
    moments.S <== S[0];
    moments.volatilities <== volatilities;
    moments.correlations <== correlations;

    var others = statementLength - windowLength;
    signal otherWords[others];
    otherWords[0] <== volatilities;
    for (var w = 0; w < correlationWords; w++) {
        otherWords[1 + w] <== correlations[w];
    }
    otherWords[1 + correlationWords] <== windowCommitment;
    for (var d = 0; d < DECAY_COUNT(); d++) {
        otherWords[2 + correlationWords + d] <== covarianceCommitments[d];
    }
    commitment <== Absorb(others)(windowCommitment, otherWords, one);

    component statement = Evaluate(statementLength);
    for (var t = 0; t < windowLength; t++) {
        statement.words[t] <== observations[t];
    }
    for (var w = 0; w < others; w++) {
        statement.words[windowLength + w] <== otherWords[w];
    }
    statement.challenge <== challenge;
    statement.evaluation <== evaluation;
}

// C-4 and C-5 for the covariance triangle S of the first decay, |S| ≤ 2⁶³.
template Moments(assets, windowLength, correlationWords) {
    var triangle = assets * (assets + 1) \ 2;
    var pairs = assets * (assets - 1) \ 2;
    signal input S[triangle];
    signal input volatilities;
    signal input correlations[correlationWords];

    var A = 0;
    for (var t = 0; t < windowLength; t++) {
        A += decayWeight(windowLength, 0, t);
    }
    var bitsOfA = 0;
    while ((1 << bitsOfA) <= A) bitsOfA++;

    // C-1, C-4: both differences are below (2v + 1) A
    signal v[assets] <== UnpackLanes(assets)(volatilities);
    signal squares[assets];
    signal motionless[assets]; // 1 where v = 0
    var diagonal = 0;
    for (var i = 0; i < assets; i++) {
        squares[i] <== v[i] * v[i];
        NonNegative(LANE_BITS() + 1 + bitsOfA)(S[diagonal] - squares[i] * A);
        NonNegative(LANE_BITS() + 1 + bitsOfA)((squares[i] + 2 * v[i] + 1) * A - 1 - S[diagonal]);
        motionless[i] <== IsZero()(v[i]);
        diagonal += assets - i;
    }

    // C-1, C-5
    component correlation[pairs];
    signal laneOf[pairs];
    var lanesOf[correlationWords];
    for (var w = 0; w < correlationWords; w++) lanesOf[w] = 0;
    var k = 0;
    var pair = 0;
    for (var i = 0; i < assets; i++) {
        k++;
        for (var j = i + 1; j < assets; j++) {
            var word = pair \ LANE_COUNT();
            var shift = LANE_BITS() * (pair % LANE_COUNT());
            laneOf[pair] <-- (correlations[word] >> shift) & ((1 << LANE_BITS()) - 1);
            correlation[pair] = Correlation(A, 2 * LANE_BITS() + bitsOfA + 1);
            correlation[pair].rho <== laneOf[pair] - SIGNED_OFFSET();
            correlation[pair].covariance <== S[k];
            correlation[pair].v[0] <== v[i];
            correlation[pair].v[1] <== v[j];
            correlation[pair].moves[0] <== 1 - motionless[i];
            correlation[pair].moves[1] <== 1 - motionless[j];
            lanesOf[word] += laneOf[pair] * (1 << shift);
            k++;
            pair++;
        }
    }
    for (var w = 0; w < correlationWords; w++) {
        correlations[w] === lanesOf[w];
    }
}

// C-5 for one pair. With D = v[0] v[1] A < 2^(bits − 1) and N = 10⁶ S:
//   1. −10⁶ ≤ ρ ≤ 10⁶ (and so the lane ρ + 2²⁰ has its 21 bits)
//   2. ρ = 0 where a volatility is 0
//   3. ρ D ≤ N, unless ρ is clamped at −10⁶ or a volatility is 0
//   4. N < (ρ + 1) D, unless ρ is clamped at 10⁶ or a volatility is 0
// What 3 and 4 leave is below D, or where clamped at the other end below 10⁶ (v[0] + v[1] + 1) A + D < 2^bits.
template Correlation(A, bits) {
    signal input rho;
    signal input covariance;
    signal input v[2];
    signal input moves[2];

    // 1.
    AtMost(2 * PPM())(rho + PPM());

    // 2.
    signal bothMove <== moves[0] * moves[1];
    signal motionless <== 1 - bothMove;
    motionless * rho === 0;

    // 3., 4. Motionless pairs have ρ = 0, so at most one of the two reasons to waive holds and their sum is a bit.
    signal clampedBelow <== IsZero()(rho + PPM());
    signal clampedAbove <== IsZero()(rho - PPM());
    signal product <== v[0] * v[1];
    signal D <== A * product;
    signal rhoD <== rho * D;
    signal below <== (1 - clampedBelow - motionless) * (PPM() * covariance - rhoD);
    signal above <== (1 - clampedAbove - motionless) * (rhoD + D - 1 - PPM() * covariance);
    NonNegative(bits)(below);
    NonNegative(bits)(above);
}
