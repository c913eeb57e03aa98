// Parity: that weights are the risk-budgeting portfolio of a mandate on a committed covariance triangle. SYSTEM §5.
//
// Verifies the optimality conditions and never solves. With S the triangle, w weights, b budgets {ppm}, δ shrinkage:
//   P-1  words are the packing of their lanes; the triangle is the one behind covarianceCommitment
//   P-2  M[i] = (10⁶ − δ) Σ_{j≠i} S[i,j] w[j] + 10⁶ S[i,i] w[i]: correlations shrink to zero, volatilities do not
//   P-3  R[i] = w[i] M[i], total = Σ R[i]. There is κ > 0 such that for every asset
//          10⁶ R[i] ≤ b[i] κ + tolerance · total,  and
//          10⁶ R[i] ≥ b[i] κ − tolerance · total   unless w[i] = cap[i]
//   P-4  Σ w = Σ b = 10⁶; 0 ≤ w[i] ≤ cap[i]; b[i] = 0 ⇒ w[i] = 0
//   P-5  σ² A 10¹⁸ ≤ total < (σ + 1)² A 10¹⁸ for portfolioVolatility σ and the decay's sum A
//   P-6  exposure is the largest e ≤ maxExposure with e σ ≤ 10⁶ targetVolatility
//
// ASSUMPTIONS  covarianceCommitment comes from an accepted risk state: |S| ≤ 2⁶³ and S is positive semidefinite by
//              construction. terms, budgets and caps are the mandate's, taken from the vault's own storage.
// ROUNDING     volatility and exposure down. Nothing in P-2 and P-3 is rounded or rescaled.
// BITS         |S| ≤ 2⁶³; |M| < 2¹⁰³; 0 < total ≤ 2¹²³; by Cauchy and Schwarz R² ≤ 2¹²³ total, so 10⁶ |R| · normaliser
//              ≤ 2²⁰ √(2¹²³ / total) 2¹³² < 2²¹⁴; b · kappa · KAPPA_UNIT < 2¹⁶⁸: far below the field's 2²⁵³.
// LIVENESS     no witness exists for tolerances far above 1,000 ppm, for a budget on an asset that never moves, for a pair that
//              hedges perfectly, and where whole ppm are too coarse for the tolerance. Vaults refuse what they can tell.
// UNIQUENESS   without a binding cap, or where no shrunk covariance is negative. Else several portfolios can meet P-3, and
//              a vault keeps the least volatile that is proven (docs/decisions/0003).
pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";
include "lib/lanes.circom";
include "lib/one.circom";
include "lib/range.circom";
include "lib/sponge.circom";
include "lib/statement.circom";

// assets ≤ 12; windowLength only selects the decay sums; statementLength = 6
template Parity(assets, windowLength, statementLength) {
    var triangle = assets * (assets + 1) \ 2;
    assert(assets > 1 && assets <= LANE_COUNT());

    signal input terms;
    signal input budgets;
    signal input caps;
    signal input weights;
    signal input portfolio;
    signal input covarianceTriangle[triangle];
    signal input kappa;
    signal input challenge;
    signal input evaluation;
    signal output commitment;

    // P-1
    signal one <== One()();
    signal term[LANE_COUNT()] <== UnpackLanes(LANE_COUNT())(terms);
    signal b[assets] <== UnpackLanes(assets)(budgets);
    signal cap[assets] <== UnpackLanes(assets)(caps);
    signal w[assets] <== UnpackLanes(assets)(weights);
    signal portfolioLanes[2] <== UnpackLanes(2)(portfolio);
    signal covarianceCommitment <== Sponge(DOMAIN_COVARIANCE_TRIANGLE(), triangle)(covarianceTriangle, one);

    // P-2 to P-4
    component contributions = RiskContributions(assets);
    contributions.S <== covarianceTriangle;
    contributions.w <== w;
    contributions.shrinkage <== term[TERM_SHRINKAGE()];
    component optimality = Optimality(assets);
    optimality.w <== w;
    optimality.b <== b;
    optimality.cap <== cap;
    optimality.R <== contributions.R;
    optimality.total <== contributions.total;
    optimality.tolerance <== term[TERM_TOLERANCE()];
    optimality.kappa <== kappa;

    // P-5, P-6
    component risk = PortfolioRisk(windowLength);
    risk.total <== contributions.total;
    risk.decayIndex <== term[TERM_DECAY_INDEX()];
    risk.maxExposure <== term[TERM_MAX_EXPOSURE()];
    risk.targetVolatility <== term[TERM_TARGET_VOLATILITY()];
    risk.volatility <== portfolioLanes[PORTFOLIO_VOLATILITY()];
    risk.exposure <== portfolioLanes[PORTFOLIO_EXPOSURE()];

    signal words[statementLength] <== [terms, budgets, caps, weights, portfolio, covarianceCommitment];
    commitment <== Sponge(DOMAIN_PARITY_STATEMENT(), statementLength)(words, one);
    component statement = Evaluate(statementLength);
    statement.words <== words;
    statement.challenge <== challenge;
    statement.evaluation <== evaluation;
}

// P-2, and R and total of P-3. w {ppm} in lanes, |S| ≤ 2⁶³ row major i ≤ j.
template RiskContributions(assets) {
    var triangle = assets * (assets + 1) \ 2;
    signal input S[triangle];
    signal input w[assets];
    signal input shrinkage;
    signal output R[assets];
    signal output total;

    AtMost(PPM())(shrinkage);

    // cross[i][j] = S[i,j] w[j]
    signal cross[assets][assets];
    var at[assets][assets];
    var k = 0;
    for (var i = 0; i < assets; i++) {
        for (var j = i; j < assets; j++) {
            at[i][j] = k;
            at[j][i] = k;
            k++;
        }
    }
    signal shrunk[assets];
    var sum = 0;
    for (var i = 0; i < assets; i++) {
        var others = 0;
        for (var j = 0; j < assets; j++) {
            cross[i][j] <== S[at[i][j]] * w[j];
            if (j != i) others += cross[i][j];
        }
        shrunk[i] <== (PPM() - shrinkage) * others;
        R[i] <== w[i] * (shrunk[i] + PPM() * cross[i][i]);
        sum += R[i];
    }
    total <== sum;
}

// P-3 and P-4. Risks differ by thirty orders of magnitude between calm and wild markets, so they are compared after
// multiplication with a normaliser that brings total to [C, 2C), C = NORMALISED_TOTAL: every width below is then one of
// shares, not of risks. Nothing is rounded: a normaliser above C / total only makes the tolerance a trifle tighter.
//   1. C ≤ total · normaliser < 2C
//   2. 10⁶ R[i] · normaliser − b[i] · kappa · KAPPA_UNIT = error[i] · C + r, 0 ≤ r < C
//   3. error[i] < tolerance, and error[i] ≥ −tolerance unless w[i] = cap[i]
// The κ of P-3 is kappa · KAPPA_UNIT / normaliser.
template Optimality(assets) {
    signal input w[assets];
    signal input b[assets];
    signal input cap[assets];
    signal input R[assets];
    signal input total;
    signal input tolerance;
    signal input kappa;

    // 1. total is positive: with 0 the first check fails, whatever the normaliser
    var C = NORMALISED_TOTAL();
    signal normaliser <-- (C + total - 1) \ total;
    signal normalised <== total * normaliser;
    NonNegative(112)(normaliser);
    NonNegative(131)(normalised - C);
    NonNegative(46)(kappa - 1);

    signal room[assets];
    signal atCap[assets];
    signal unbudgeted[assets];
    signal share[assets];
    signal due[assets];
    signal excess[assets];
    signal error[assets];
    signal below[assets];
    var sumOfWeights = 0;
    var sumOfBudgets = 0;
    for (var i = 0; i < assets; i++) {
        // P-4
        room[i] <== cap[i] - w[i];
        NonNegative(LANE_BITS())(room[i]);
        unbudgeted[i] <== IsZero()(b[i]);
        unbudgeted[i] * w[i] === 0;
        sumOfWeights += w[i];
        sumOfBudgets += b[i];

        // 2.
        share[i] <== R[i] * normaliser;
        due[i] <== b[i] * kappa;
        excess[i] <== PPM() * share[i] - KAPPA_UNIT() * due[i];
        error[i] <-- (excess[i] + (1 << 40) * C) \ C - (1 << 40);
        NonNegative(131)(excess[i] - error[i] * C);

        // 3. an asset at its cap may carry far less than its budget
        atCap[i] <== IsZero()(room[i]);
        NonNegative(38)(tolerance - 1 - error[i]);
        below[i] <== (1 - atCap[i]) * (error[i] + tolerance);
        NonNegative(12)(below[i]);
    }
    sumOfWeights === PPM();
    sumOfBudgets === PPM();
}

// P-5 and P-6.
template PortfolioRisk(windowLength) {
    signal input total;
    signal input decayIndex;
    signal input maxExposure;
    signal input targetVolatility;
    signal input volatility;
    signal input exposure;

    // A, by the one decay that is selected
    signal selected[DECAY_COUNT()];
    var decays = 0;
    var A = 0;
    for (var d = 0; d < DECAY_COUNT(); d++) {
        selected[d] <== IsZero()(decayIndex - d);
        decays += selected[d];
        var decaySum = 0;
        for (var t = 0; t < windowLength; t++) {
            decaySum += decayWeight(windowLength, d, t);
        }
        assert(decaySum < (1 << 23));
        A += selected[d] * decaySum;
    }
    decays === 1;
    signal decaySum <== A;

    // P-5: both differences are below (2σ + 1) A 10¹⁸ < 2^(22 + 23 + 60)
    var scale = PPM() ** 3;
    signal linear <== volatility * decaySum;
    signal quadratic <== volatility * linear;
    NonNegative(105)(total - scale * quadratic);
    NonNegative(105)(scale * (quadratic + 2 * linear + decaySum) - 1 - total);

    // P-6: e σ ≤ 10⁶ target leaves (e + 1) σ − 10⁶ target ≤ σ
    signal headroom <== maxExposure - exposure;
    NonNegative(LANE_BITS())(headroom);
    signal used <== exposure * volatility;
    NonNegative(2 * LANE_BITS())(PPM() * targetVolatility - used);
    signal atMaximum <== IsZero()(headroom);
    signal slack <== (1 - atMaximum) * (used + volatility - PPM() * targetVolatility - 1);
    NonNegative(LANE_BITS())(slack);
}
