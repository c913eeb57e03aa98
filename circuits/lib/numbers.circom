// Numbers of more than one lane, and what is done with them: docs/clearing.md, N-1.
pragma circom 2.2.3;

include "../generated/protocol.circom";
include "one.circom";

// Proves that word holds count numbers, each from its bit offset on and of its width, lowest first, and nothing else: every
// bit between and after them is 0. Unique: at most 252 bits are taken. The numbers are wires (lib/one.circom).
template UnpackNumbers(count, offsets, widths) {
    var length = offsets[count - 1] + widths[count - 1];
    assert(length <= LANE_BITS() * LANE_COUNT());
    signal input word;
    signal input one; // of One
    signal output numbers[count];

    signal wordBits[length];
    for (var bit = 0; bit < length; bit++) {
        wordBits[bit] <-- (word >> bit) & 1;
    }
    var packed = 0;
    var end = 0;
    for (var i = 0; i < count; i++) {
        assert(offsets[i] >= end);
        for (var bit = end; bit < offsets[i]; bit++) {
            wordBits[bit] === 0;
        }
        end = offsets[i] + widths[i];
        var value = 0;
        for (var bit = 0; bit < widths[i]; bit++) {
            wordBits[offsets[i] + bit] * wordBits[offsets[i] + bit] === wordBits[offsets[i] + bit];
            value += wordBits[offsets[i] + bit] * (1 << bit);
        }
        numbers[i] <== Held()(value, one);
        packed += numbers[i] * (1 << offsets[i]);
    }
    packed * one === word;
}

// Words of numbers that span `span` lanes each.
template UnpackAll(span, count) {
    var perWord = LANE_COUNT() \ span;
    var wordCount = count \ perWord;
    assert(wordCount * perWord == count);
    signal input words[wordCount];
    signal input one; // of One
    signal output numbers[count];

    var offsets[perWord];
    var widths[perWord];
    for (var k = 0; k < perWord; k++) {
        offsets[k] = k * span * LANE_BITS();
        widths[k] = span * LANE_BITS();
    }
    component unpacked[wordCount];
    for (var w = 0; w < wordCount; w++) {
        unpacked[w] = UnpackNumbers(perWord, offsets, widths);
        unpacked[w].word <== words[w];
        unpacked[w].one <== one;
        for (var k = 0; k < perWord; k++) {
            numbers[perWord * w + k] <== unpacked[w].numbers[k];
        }
    }
}

// Proves that hot[index] is 1 and every other hot is 0, and so that index is below count.
template OneHot(count) {
    signal input index;
    signal output hot[count];

    var sum = 0;
    var place = 0;
    for (var k = 0; k < count; k++) {
        hot[k] <-- index == k ? 1 : 0;
        hot[k] * hot[k] === hot[k];
        sum += hot[k];
        place += k * hot[k];
    }
    sum === 1;
    place === index;
}
