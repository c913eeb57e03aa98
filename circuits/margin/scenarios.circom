// The scenarios of a book: docs/clearing.md, G-3, G-4.
pragma circom 2.2.3;

include "../generated/clearing.circom";
include "../generated/protocol.circom";
include "../lib/numbers.circom";
include "heldSeries.circom";
include "market.circom";

// Spot levels of the joint scenarios, J-2: hot[16 sign + 4 a + b] has a 1 at the level of b.
template JointLevels() {
    var count = 2 * ARRAY_COUNT() * ARRAY_COUNT();
    var levels = 2 * SPOT_STEPS() + 1;
    var wordCount = (count + LANE_COUNT() - 1) \ LANE_COUNT();
    signal input words[wordCount];
    signal input one; // of One
    signal output hot[count][levels];

    var offsets[LANE_COUNT()];
    var widths[LANE_COUNT()];
    for (var k = 0; k < LANE_COUNT(); k++) {
        offsets[k] = k * LANE_BITS();
        widths[k] = 3;
    }
    component unpacked[wordCount];
    for (var w = 0; w < wordCount; w++) {
        var inWord = count - LANE_COUNT() * w < LANE_COUNT() ? count - LANE_COUNT() * w : LANE_COUNT();
        unpacked[w] = UnpackNumbers(inWord, offsets, widths);
        unpacked[w].word <== words[w];
        unpacked[w].one <== one;
        for (var k = 0; k < inWord; k++) {
            hot[LANE_COUNT() * w + k] <== OneHot(levels)(unpacked[w].numbers[k]);
        }
    }
}

// profits[i] of scenario i {10⁻³⁰ dollar}, exact. BITS  a position moves 2⁶² · 2⁴¹ · 2⁸⁴, sixteen of them, collateral less:
// below 2¹⁹².
template ScenarioProfits(series) {
    var arrays = ARRAY_COUNT();
    var states = STATE_COUNT();
    var shocks = VOLATILITY_SHOCK_COUNT();
    var levels = 2 * SPOT_STEPS() + 1;
    signal input moves[arrays][states];
    signal input credits[arrays];
    input Market(series) market;
    signal output profits[SCENARIO_COUNT()];

    // G-3. {ppt} the dampened spot move of a state is this many times the step
    var shift[states];
    for (var level = 0; level < levels; level++) {
        for (var shock = 0; shock < shocks; shock++) {
            shift[shocks * level + shock] = PPM() * (level - SPOT_STEPS());
        }
    }
    for (var tail = 0; tail < TAIL_COUNT(); tail++) {
        var move = tailMove(tail);
        shift[shocks * levels + tail] = move < 0 ? -600000 : 600000;
    }
    signal profit[arrays][states];
    signal creditStep[arrays];
    for (var a = 0; a < arrays; a++) {
        creditStep[a] <== credits[a] * market.step[a];
        for (var s = 0; s < states; s++) {
            profit[a][s] <== market.spot[a] * moves[a][s] + PPT() * shift[s] * creditStep[a];
        }
    }

    // alone, together
    signal withKin[arrays][arrays][states];
    for (var s = 0; s < states; s++) {
        var together = 0;
        for (var a = 0; a < arrays; a++) {
            var alone = profit[a][s];
            for (var b = 0; b < arrays; b++) {
                if (b == a) {
                    withKin[a][b][s] <== 0;
                } else {
                    withKin[a][b][s] <== market.kin[a < b ? a : b][a < b ? b : a] * profit[b][s];
                    alone += withKin[a][b][s];
                }
            }
            profits[SCENARIO_ALONE() + states * a + s] <== alone;
            together += profit[a][s];
        }
        profits[SCENARIO_TOGETHER() + s] <== together;
    }

    // joint
    signal chosen[2 * arrays * arrays][shocks][levels];
    for (var sign = 0; sign < 2; sign++) {
        for (var shock = 0; shock < shocks; shock++) {
            var ownLevels = 0;
            for (var a = 0; a < arrays; a++) {
                var joint = 0;
                for (var b = 0; b < arrays; b++) {
                    var row = (sign * arrays + a) * arrays + b;
                    var inArray = 0;
                    for (var level = 0; level < levels; level++) {
                        chosen[row][shock][level] <== market.jointHot[row][level] * profit[b][shocks * level + shock];
                        inArray += chosen[row][shock][level];
                    }
                    joint += inArray;
                    if (a == b) ownLevels += inArray;
                }
                profits[SCENARIO_JOINT() + shocks * (sign * arrays + a) + shock] <== joint;
            }
            profits[SCENARIO_JOINT_ONE() + shocks * sign + shock] <== ownLevels;
        }
    }
}
