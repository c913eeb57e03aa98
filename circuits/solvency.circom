// Solvency: that the equity of each of several accounts is at least what is said, and its requirements at most, over one
// market; and what all of them come to. SYSTEM §7, docs/clearing.md G and Q.
//
//   Q-1  accounts' words are their numbers; a place without an account holds nothing
//   Q-2  every position's series is one of those that are opened, and these stand at their places in their arrays
//   G-3 … G-8 of every account, without Greeks
//   Q-3  totals are the sums of what the results say; the shortfall is that of every account that owes more than it has
//
// ASSUMPTIONS, ROUNDING, BITS, LIVENESS  those of margin.circom. Nor has a witness what holds more different series than
//              are opened, or a total of 2⁶² ppm of a dollar or more.
pragma circom 2.2.3;

include "generated/clearing.circom";
include "lib/bits.circom";
include "lib/numbers.circom";
include "lib/one.circom";
include "lib/sponge.circom";
include "lib/statement.circom";
include "margin/account.circom";
include "margin/heldSeries.circom";
include "margin/market.circom";
include "margin/positions.circom";

// positionCount ≤ 16; series of one array ≤ 16; heldCount series are opened; statementLength: that of the protocol
template Solvency(accountCount, positionCount, heldCount, series, statementLength) {
    var arrays = ARRAY_COUNT();
    var positionWords = (positionCount + POSITIONS_PER_WORD() - 1) \ POSITIONS_PER_WORD();
    var accountWords = positionWords + 1 + TRIPLE_LANES();
    assert(positionCount <= 16 && series <= 16 && heldCount >= positionCount);
    assert(statementLength == accountCount * (accountWords + 1) + 16);

    signal input accounts[accountCount * accountWords];
    signal input collateralPrices[4];
    signal input collateralHaircuts;
    signal input collateralSlopes;
    signal input collateralArrays;
    signal input marginTerms;
    signal input jointStates[3];
    signal input results[accountCount];
    signal input totals;
    // behind arrayCommitments
    signal input listed[arrays];
    signal input stateSets[arrays];
    signal input scenarioTerms[arrays];
    signal input markets[arrays];
    signal input leaves[arrays][series];
    // series that anybody holds: 0 for none, or the number plus one, each once; and their words
    signal input heldNumbers[heldCount];
    signal input seriesTerms[heldCount];
    signal input seriesValues[heldCount][SERIES_VALUE_WORDS()];
    signal input worst[accountCount];
    signal input challenge;
    signal input evaluation;
    signal output commitment;

    signal one <== One()();
    component market = OpenMarket(series);
    market.collateralPrices <== collateralPrices;
    market.collateralHaircuts <== collateralHaircuts;
    market.collateralSlopes <== collateralSlopes;
    market.collateralArrays <== collateralArrays;
    market.marginTerms <== marginTerms;
    market.jointStates <== jointStates;
    market.listed <== listed;
    market.stateSets <== stateSets;
    market.scenarioTerms <== scenarioTerms;
    market.markets <== markets;
    market.leaves <== leaves;
    market.one <== one;
    component opened = OpenAllSeries(heldCount, series);
    opened.numbers <== heldNumbers;
    opened.terms <== seriesTerms;
    opened.values <== seriesValues;
    opened.market <== market.facts;
    opened.one <== one;

    component unpacked[accountCount];
    component held[accountCount];
    component account[accountCount];
    component owed[accountCount];
    var sums[4] = [0, 0, 0, 0];
    for (var n = 0; n < accountCount; n++) {
        var first = n * accountWords;
        unpacked[n] = UnpackPositions(positionCount, positionWords);
        for (var w = 0; w < positionWords; w++) {
            unpacked[n].words[w] <== accounts[first + w];
        }
        unpacked[n].one <== one;
        // Q-2
        held[n] = QuantitiesBySeries(positionCount, heldCount);
        held[n].numbers <== unpacked[n].numbers;
        held[n].empty <== unpacked[n].empty;
        held[n].quantities <== unpacked[n].quantities;
        held[n].magnitudes <== unpacked[n].magnitudes;
        held[n].held <== heldNumbers;
        account[n] = AccountMargin(heldCount, series);
        account[n].quantities <== held[n].heldQuantities;
        account[n].magnitudes <== held[n].heldMagnitudes;
        account[n].cash <== accounts[first + positionWords];
        for (var w = 0; w < TRIPLE_LANES(); w++) {
            account[n].collateral[w] <== accounts[first + positionWords + 1 + w];
        }
        account[n].result <== results[n];
        account[n].held <== opened.held;
        account[n].market <== market.facts;
        account[n].worst <== worst[n];
        account[n].one <== one;

        // Q-3. max(0, −x) = (|x| − x) / 2
        owed[n] = Magnitude(TRIPLE_LANES() * LANE_BITS());
        owed[n].in <== account[n].equity;
        sums[0] += account[n].equity;
        sums[1] += account[n].requirements[0];
        sums[2] += account[n].requirements[1];
        sums[3] += (owed[n].magnitude - account[n].equity) / 2;
    }
    var triple = TRIPLE_LANES() * LANE_BITS();
    var at[4] = [
        SOLVENCY_TOTALS_EQUITY() * LANE_BITS(),
        SOLVENCY_TOTALS_MAINTENANCE_MARGIN() * LANE_BITS(),
        SOLVENCY_TOTALS_INITIAL_MARGIN() * LANE_BITS(),
        SOLVENCY_TOTALS_SHORTFALL() * LANE_BITS()
    ];
    component total = UnpackNumbers(4, at, [triple, triple, triple, triple]);
    total.word <== totals;
    total.one <== one;
    sums[0] += 1 << (triple - 1);
    for (var k = 0; k < 4; k++) {
        total.numbers[k] === sums[k];
    }

    // the statement, in the order of the protocol
    signal words[statementLength];
    for (var w = 0; w < accountCount * accountWords; w++) {
        words[w] <== accounts[w];
    }
    var next = accountCount * accountWords;
    for (var w = 0; w < 4; w++) {
        words[next + w] <== collateralPrices[w];
    }
    words[next + 4] <== collateralHaircuts;
    words[next + 5] <== collateralSlopes;
    words[next + 6] <== collateralArrays;
    words[next + 7] <== marginTerms;
    for (var w = 0; w < 3; w++) {
        words[next + 8 + w] <== jointStates[w];
    }
    next += 11;
    for (var n = 0; n < accountCount; n++) {
        words[next + n] <== results[n];
    }
    words[next + accountCount] <== totals;
    for (var a = 0; a < arrays; a++) {
        words[next + accountCount + 1 + a] <== market.commitments[a];
    }
    commitment <== Sponge(DOMAIN_SOLVENCY_STATEMENT(), statementLength)(words, one);
    component statement = Evaluate(statementLength);
    statement.words <== words;
    statement.challenge <== challenge;
    statement.evaluation <== evaluation;
}
