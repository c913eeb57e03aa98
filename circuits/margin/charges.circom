// What a requirement adds to the worst loss: docs/clearing.md, G-7.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/bits.circom";
include "market.circom";

// charges[level] {10⁻³⁶ dollar}, exact where the account holds less than 2⁶² contracts of a series.
//   BITS  Σ |Q| errorBound and Σ |Δ| < 2¹⁰⁸, spot 84, rates 22, 10⁶: below 2²³⁵
template Charges(series) {
    var arrays = ARRAY_COUNT();
    var slots = EXPIRY_SLOTS();
    signal input perpetuals; // spot Σ |Q| over perpetuals
    signal input shortOptions; // spot Σ max(0, −Q) over options
    signal input errors; // spot Σ |Q| errorBound
    signal input calls[arrays];
    signal input puts[arrays];
    signal input deltas[arrays][slots];
    input Market(series) market;
    signal output charges[2];

    // for each array: what it holds with its later kin, which is all of an underlying where it leads
    signal own[arrays][slots + 2];
    signal joined[arrays][arrays][slots + 2];
    signal all[arrays][slots + 2];
    for (var a = 0; a < arrays; a++) {
        for (var slot = 0; slot < slots; slot++) {
            own[a][slot] <== deltas[a][slot];
        }
        own[a][slots] <== calls[a];
        own[a][slots + 1] <== puts[a];
    }
    for (var a = 0; a < arrays; a++) {
        for (var k = 0; k < slots + 2; k++) {
            var sum = own[a][k];
            for (var b = 0; b < arrays; b++) {
                if (b > a) {
                    joined[a][b][k] <== market.kin[a][b] * own[b][k];
                } else {
                    joined[a][b][k] <== 0;
                }
                sum += joined[a][b][k];
            }
            all[a][k] <== sum;
        }
    }

    component ofCalls[arrays];
    component ofPuts[arrays];
    component ofSlot[arrays][slots];
    signal netDelta[arrays];
    signal leadingSpot[arrays];
    signal naked[arrays];
    signal spread[arrays];
    var nakedSpot = 0;
    var spreadSpot = 0;
    for (var a = 0; a < arrays; a++) {
        leadingSpot[a] <== market.leads[a] * market.spot[a];
        ofCalls[a] = Magnitude(67);
        ofCalls[a].in <== all[a][slots];
        ofPuts[a] = Magnitude(67);
        ofPuts[a].in <== all[a][slots + 1];
        // max(0, −x) = (|x| − x) / 2
        naked[a] <== leadingSpot[a]
            * ((ofCalls[a].magnitude - all[a][slots] + ofPuts[a].magnitude - all[a][slots + 1]) / 2);

        var sizes = 0;
        var net = 0;
        for (var slot = 0; slot < slots; slot++) {
            ofSlot[a][slot] = Magnitude(108);
            ofSlot[a][slot].in <== all[a][slot];
            sizes += ofSlot[a][slot].magnitude;
            net += all[a][slot];
        }
        netDelta[a] <== EitherSign()(net);
        spread[a] <== leadingSpot[a] * (sizes - netDelta[a]);
        nakedSpot += naked[a];
        spreadSpot += spread[a];
    }
    signal total[5] <== [perpetuals, shortOptions, nakedSpot, spreadSpot, errors];

    signal part[2][5];
    for (var level = 0; level < 2; level++) {
        part[level][0] <== market.term[MARGIN_TERM_MAINTENANCE_PERPETUAL() + level] * total[0];
        part[level][1] <== market.term[MARGIN_TERM_SHORT_OPTION_MINIMUM()] * total[1];
        part[level][2] <== market.term[MARGIN_TERM_MAINTENANCE_NAKED_SHORT() + level] * total[2];
        part[level][3] <== market.term[MARGIN_TERM_BASIS()] * total[3];
        part[level][4] <== (market.term[MARGIN_TERM_MAINTENANCE_LOSS_FACTOR() + level] + PPM()) * total[4];
        charges[level] <== PPT() * (part[level][0] + part[level][1] + part[level][2]) + part[level][3] + part[level][4];
    }
}

// value or −value, as the prover likes: at most |value|, and taking the smaller only raises what the account is charged.
template EitherSign() {
    signal input in;
    signal output signed;

    signal negative <-- in < 0 ? 1 : 0;
    negative * negative === negative;
    signed <== in - 2 * negative * in;
}
