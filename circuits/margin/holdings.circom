// What the positions of an account come to: docs/clearing.md, G-3, G-5, G-7. Sums over the series that it may hold, exact.
//
// BITS  quantity 63 and sign, values 41 and sign, forward 22, spot and strike 84: sums by array below 2¹³¹, with spot 2²¹⁵.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "heldSeries.circom";

template Holdings(count) {
    var arrays = ARRAY_COUNT();
    signal input quantities[count]; // {ppm of a contract}
    signal input magnitudes[count];
    input HeldSeries() held[count];
    signal output byArray[count][arrays]; // the quantity, in its own array
    signal output moves[arrays][STATE_COUNT()]; // Σ Q v[s] {10⁻¹⁸ of spot}
    signal output deltas[arrays][EXPIRY_SLOTS()]; // Σ Q delta by slot {10⁻¹⁸}
    signal output calls[arrays]; // Σ Q over calls {ppm}
    signal output puts[arrays];
    signal output worth; // S Σ Q worth + 10¹² Σ Q K over puts {10⁻³⁰ dollar}
    signal output perpetuals; // S Σ |Q| over perpetuals {10⁻¹⁸ dollar}
    signal output shortOptions; // S Σ max(0, −Q) over options
    signal output errors; // S Σ |Q| errorBound {10⁻³⁰ dollar}

    component position[count];
    for (var i = 0; i < count; i++) {
        position[i] = Holding();
        position[i].quantity <== quantities[i];
        position[i].magnitude <== magnitudes[i];
        position[i].held <== held[i];
        byArray[i] <== position[i].byArray;
    }
    for (var a = 0; a < arrays; a++) {
        for (var s = 0; s < STATE_COUNT(); s++) {
            var moved = 0;
            for (var i = 0; i < count; i++) {
                moved += position[i].moves[a][s];
            }
            moves[a][s] <== moved;
        }
        for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
            var delta = 0;
            for (var i = 0; i < count; i++) {
                delta += position[i].deltas[a][slot];
            }
            deltas[a][slot] <== delta;
        }
        var called = 0;
        var put = 0;
        for (var i = 0; i < count; i++) {
            called += position[i].calls[a];
            put += position[i].puts[a];
        }
        calls[a] <== called;
        puts[a] <== put;
    }
    var sums[4] = [0, 0, 0, 0];
    for (var i = 0; i < count; i++) {
        sums[0] += position[i].worth;
        sums[1] += position[i].perpetual;
        sums[2] += position[i].shortOption;
        sums[3] += position[i].error;
    }
    worth <== sums[0];
    perpetuals <== sums[1];
    shortOptions <== sums[2];
    errors <== sums[3];
}

// One series' part of these sums; of the arrays, only its own has any.
template Holding() {
    var arrays = ARRAY_COUNT();
    signal input quantity;
    signal input magnitude;
    input HeldSeries() held;
    signal output byArray[arrays];
    signal output moves[arrays][STATE_COUNT()];
    signal output deltas[arrays][EXPIRY_SLOTS()];
    signal output calls[arrays];
    signal output puts[arrays];
    signal output worth;
    signal output perpetual;
    signal output shortOption;
    signal output error;

    for (var a = 0; a < arrays; a++) {
        byArray[a] <== held.own[a] * quantity;
        for (var s = 0; s < STATE_COUNT(); s++) {
            moves[a][s] <== byArray[a] * held.change[s];
        }
        for (var slot = 0; slot < EXPIRY_SLOTS(); slot++) {
            deltas[a][slot] <== byArray[a] * held.slotDelta[slot];
        }
        calls[a] <== byArray[a] * held.isCall;
        puts[a] <== byArray[a] * held.isPut;
    }
    worth <== quantity * held.worth;
    perpetual <== magnitude * held.perpetualSpot;
    // max(0, −Q) = (|Q| − Q) / 2
    signal shortTwice <== (magnitude - quantity) * held.optionSpot;
    shortOption <== shortTwice / 2;
    error <== magnitude * held.errorSpot;
}
