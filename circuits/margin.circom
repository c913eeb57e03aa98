// Margin: that the equity of an account is at least what is said, and its requirements at most, over every scenario of the
// set. SYSTEM §7, docs/clearing.md G.
//
//   G-1  words are their numbers; series strictly ascend
//   G-2  an array that is listed is the one behind its commitment; each position's series stands at its place in its array
//   G-3  profit[a][s] is what positions and collateral of array a gain in state s, exact
//   G-4  the worst loss is no less than the loss of any of the 185 scenarios
//   G-5  equity is at most cash, collateral and positions together
//   G-6  collateral counts less than its value, the more so the more there is
//   G-7  both requirements are at least the worst loss times its factor, the haircuts, the contingencies and the error
//   G-8  an account that is called healthy has at least the requirement of the level; Greeks are exact
//
// ASSUMPTIONS  arrayCommitments are of accepted arrays: values are within errorBound. The account's words, prices, terms and
//              joint states are the contract's own.
// ROUNDING     against the account: equity and credit down, requirements up, each once. The prover may understate equity and
//              overstate requirements; that proves less, never more.
// BITS         quantity 63 and sign, values 41 and sign, spot and strike 84, rates 21. Sums of G-5 below 2¹⁹⁵, of G-7 below
//              2²³⁶: far from the field's 2²⁵³, so a range check of a difference is one of integers.
// LIVENESS     no witness exists where a value, a loss or a requirement passes 2⁶² ppm of a dollar. Liquidation needs none.
pragma circom 2.2.3;

include "generated/clearing.circom";
include "lib/one.circom";
include "lib/sponge.circom";
include "lib/statement.circom";
include "margin/account.circom";
include "margin/greeks.circom";
include "margin/heldSeries.circom";
include "margin/market.circom";
include "margin/positions.circom";

// positionCount ≤ 16; series of one array ≤ 16; statementLength: positionWords and 23
template Margin(positionCount, series, statementLength) {
    var arrays = ARRAY_COUNT();
    var positionWords = (positionCount + POSITIONS_PER_WORD() - 1) \ POSITIONS_PER_WORD();
    assert(positionCount <= 16 && series <= 16 && statementLength == positionWords + 23);

    signal input positions[positionWords];
    signal input cash;
    signal input collateral[3];
    signal input collateralPrices[4];
    signal input collateralHaircuts;
    signal input collateralSlopes;
    signal input collateralArrays;
    signal input marginTerms;
    signal input jointStates[3];
    signal input result;
    signal input greeks[3];
    // behind arrayCommitments
    signal input listed[arrays];
    signal input stateSets[arrays];
    signal input scenarioTerms[arrays];
    signal input markets[arrays];
    signal input leaves[arrays][series];
    // of each position's series
    signal input seriesTerms[positionCount];
    signal input seriesValues[positionCount][SERIES_VALUE_WORDS()];
    signal input worst;
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

    component unpacked = UnpackPositions(positionCount, positionWords);
    unpacked.words <== positions;
    unpacked.one <== one;
    component opened = OpenAllSeries(positionCount, series);
    opened.numbers <== unpacked.numbers;
    opened.terms <== seriesTerms;
    opened.values <== seriesValues;
    opened.market <== market.facts;
    opened.one <== one;
    component account = AccountMargin(positionCount, series);
    account.quantities <== unpacked.quantities;
    account.magnitudes <== unpacked.magnitudes;
    account.cash <== cash;
    account.collateral <== collateral;
    account.result <== result;
    account.held <== opened.held;
    account.market <== market.facts;
    account.worst <== worst;
    account.one <== one;
    component greek = Greeks(positionCount);
    greek.words <== greeks;
    greek.spot <== market.facts.spot;
    greek.held <== opened.held;
    greek.byArray <== account.byArray;
    greek.credits <== account.credits;
    greek.one <== one;

    // the statement, in the order of the protocol
    signal words[statementLength];
    for (var w = 0; w < positionWords; w++) {
        words[w] <== positions[w];
    }
    var at = positionWords;
    words[at] <== cash;
    for (var w = 0; w < 3; w++) {
        words[at + 1 + w] <== collateral[w];
        words[at + 12 + w] <== jointStates[w];
        words[at + 16 + w] <== greeks[w];
    }
    for (var w = 0; w < 4; w++) {
        words[at + 4 + w] <== collateralPrices[w];
        words[at + 19 + w] <== market.commitments[w];
    }
    words[at + 8] <== collateralHaircuts;
    words[at + 9] <== collateralSlopes;
    words[at + 10] <== collateralArrays;
    words[at + 11] <== marginTerms;
    words[at + 15] <== result;
    commitment <== Sponge(DOMAIN_MARGIN_STATEMENT(), statementLength)(words, one);
    component statement = Evaluate(statementLength);
    statement.words <== words;
    statement.challenge <== challenge;
    statement.evaluation <== evaluation;
}
