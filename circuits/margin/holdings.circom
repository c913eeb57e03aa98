// What the positions of an account come to in each array: docs/clearing.md, G-3, G-5, G-7, G-8.
//
// Sums over at most 16 positions, exact. BITS  quantity 63 and sign, values 41 and sign, forward 22: below 2¹³¹.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "positions.circom";

template Holdings(positions, wordCount, series) {
    var arrays = ARRAY_COUNT();
    var states = STATE_COUNT();
    signal input words[wordCount];
    signal input seriesTerms[positions];
    signal input seriesValues[positions][SERIES_VALUE_WORDS()];
    signal input listed[arrays];
    signal input leaves[arrays][series];
    signal input one; // of One
    signal output moves[arrays][states]; // Σ Q v[s] {10⁻¹⁸ of spot}
    signal output worth[arrays]; // Σ Q worth, strikes left out {10⁻¹⁸ of spot}
    signal output strikes; // Σ Q K over puts {10⁻¹⁸ dollar}
    signal output errors[arrays]; // Σ |Q| errorBound {10⁻¹⁸ of spot}
    signal output perpetuals[arrays]; // Σ |Q| over perpetuals {ppm}
    signal output shortOptions[arrays]; // Σ max(0, −Q) over options {ppm}
    signal output calls[arrays]; // Σ Q over calls {ppm}
    signal output puts[arrays];
    signal output deltas[arrays][EXPIRY_SLOTS()]; // Σ Q delta by slot {10⁻¹⁸}
    signal output greeks[3][arrays]; // Σ Q delta f, Σ Q gamma f {10⁻²⁴}, Σ Q vega {10⁻¹⁸ of spot}

    component account = UnpackPositions(positions, wordCount);
    account.words <== words;
    account.one <== one;
    component opened[positions];
    component position[positions];
    for (var i = 0; i < positions; i++) {
        opened[i] = OpenSeries(series);
        opened[i].lane <== account.lanes[i];
        opened[i].empty <== account.empty[i];
        opened[i].listed <== listed;
        opened[i].leaves <== leaves;
        opened[i].terms <== seriesTerms[i];
        opened[i].values <== seriesValues[i];
        opened[i].one <== one;
        position[i] = Holding();
        position[i].own <== opened[i].own;
        position[i].quantity <== account.quantities[i];
        position[i].magnitude <== account.magnitudes[i];
        position[i].terms <== seriesTerms[i];
        position[i].values <== seriesValues[i];
        position[i].one <== one;
    }

    var sum[states + EXPIRY_SLOTS() + 9];
    var strike = 0;
    for (var a = 0; a < arrays; a++) {
        for (var k = 0; k < states + EXPIRY_SLOTS() + 9; k++) {
            sum[k] = 0;
        }
        for (var i = 0; i < positions; i++) {
            for (var s = 0; s < states; s++) {
                sum[s] += position[i].moves[a][s];
            }
            for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
                sum[states + slot] += position[i].deltas[a][slot];
            }
            for (var k = 0; k < 9; k++) {
                sum[states + EXPIRY_SLOTS() + k] += position[i].figures[a][k];
            }
            if (a == 0) strike += position[i].strike;
        }
        for (var s = 0; s < states; s++) {
            moves[a][s] <== sum[s];
        }
        for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
            deltas[a][slot] <== sum[states + slot];
        }
        var first = states + EXPIRY_SLOTS();
        worth[a] <== sum[first];
        errors[a] <== sum[first + 1];
        perpetuals[a] <== sum[first + 2];
        shortOptions[a] <== sum[first + 3];
        calls[a] <== sum[first + 4];
        puts[a] <== sum[first + 5];
        for (var greek = 0; greek < 3; greek++) {
            greeks[greek][a] <== sum[first + 6 + greek];
        }
    }
    strikes <== strike;
}

// One position's part of these sums; of the arrays, only its own has any.
template Holding() {
    var arrays = ARRAY_COUNT();
    var states = STATE_COUNT();
    signal input own[arrays];
    signal input quantity;
    signal input magnitude;
    signal input terms;
    signal input values[SERIES_VALUE_WORDS()];
    signal input one; // of One
    signal output moves[arrays][states];
    signal output deltas[arrays][EXPIRY_SLOTS()];
    // worth, error, perpetual, short option, call, put, delta, gamma, vega
    signal output figures[arrays][9];
    signal output strike;

    component said = UnpackSeries();
    said.terms <== terms;
    said.values <== values;
    said.one <== one;
    signal isOption <== said.isCall + said.isPut;
    signal mark <== said.pair[states + FIGURE_MARK()];
    signal delta <== said.pair[states + FIGURE_DELTA()];
    signal gamma <== said.pair[states + FIGURE_GAMMA()];

    // worth: put = call + K − F
    signal putForward <== said.isPut * said.forward;
    signal putStrike <== said.isPut * said.strike;
    strike <== putStrike * quantity;
    signal error <== magnitude * said.pair[states + FIGURE_ERROR_BOUND()];
    signal perpetual <== (1 - isOption) * magnitude;
    // max(0, −Q) = (|Q| − Q) / 2
    signal shortTwice <== isOption * (magnitude - quantity);
    signal call <== said.isCall * quantity;
    signal put <== said.isPut * quantity;
    signal forwardDelta <== delta * said.forward;
    signal forwardGamma <== gamma * said.forward;
    signal slotDelta[EXPIRY_SLOTS()];
    signal quantityDelta <== quantity * delta;
    for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
        slotDelta[slot] <== said.slot[slot] * quantityDelta;
    }

    signal held[arrays];
    for (var a = 0; a < arrays; a++) {
        held[a] <== own[a] * quantity;
        for (var s = 0; s < states; s++) {
            moves[a][s] <== held[a] * said.pair[s];
        }
        for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
            deltas[a][slot] <== own[a] * slotDelta[slot];
        }
        figures[a][0] <== held[a] * (mark - PPM() * putForward);
        figures[a][1] <== own[a] * error;
        figures[a][2] <== own[a] * perpetual;
        figures[a][3] <== own[a] * (shortTwice / 2);
        figures[a][4] <== own[a] * call;
        figures[a][5] <== own[a] * put;
        figures[a][6] <== held[a] * forwardDelta;
        figures[a][7] <== held[a] * forwardGamma;
        figures[a][8] <== held[a] * said.pair[states + FIGURE_VEGA()];
    }
}
