package io.llamastreams.tensor.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockFormatsTest {
    private static final int BLOCK = 32;

    @Test
    void q8BlockIsScaleThenSignedBytes() {
        float[] block = new float[BLOCK];
        block[0] = -127;
        block[1] = 2.5f;
        block[2] = -2.5f;
        block[3] = 0.49999997f;
        byte[] bytes = encode(TensorType.Q8_0, block);
        assertThat(bytes).hasSize(34);
        assertThat(Float.float16ToFloat((short) (bytes[0] & 0xff | bytes[1] << 8)))
                .isEqualTo(1f);
        // Halves go away from zero, and what is just below a half does not.
        assertThat(bytes[2]).isEqualTo((byte) -127);
        assertThat(bytes[3]).isEqualTo((byte) 3);
        assertThat(bytes[4]).isEqualTo((byte) -3);
        assertThat(bytes[5]).isZero();
        assertThat(decode(TensorType.Q8_0, bytes, BLOCK)).startsWith(-127f, 3f, -3f, 0f);
    }

    @Test
    void q4BlockKeepsTheValueOfLargestSizeExactly() {
        float[] block = new float[BLOCK];
        block[3] = 4f;
        block[16] = -4f;
        block[31] = 1f;
        byte[] bytes = encode(TensorType.Q4_0, block);
        assertThat(bytes).hasSize(18);
        assertThat(Float.float16ToFloat((short) (bytes[0] & 0xff | bytes[1] << 8)))
                .isEqualTo(-0.5f);
        // Low nibbles are elements 0-15, high ones 16-31; 8 stands for zero.
        assertThat(bytes[2 + 3]).isEqualTo((byte) 0x80);
        assertThat(bytes[2]).isEqualTo((byte) 0xf8);
        float[] decoded = decode(TensorType.Q4_0, bytes, BLOCK);
        assertThat(decoded[3]).isEqualTo(4f);
        assertThat(decoded[16]).isEqualTo(-3.5f); // +8 steps do not fit four bits
        assertThat(decoded[31]).isEqualTo(1f);
    }

    @ParameterizedTest
    @EnumSource
    void zerosStayZero(TensorType type) {
        float[] zeros = new float[2 * BLOCK];
        for (float value : decode(type, encode(type, zeros), zeros.length)) {
            assertThat(value == 0).isTrue(); // Q4_0 has -0, as in ggml
        }
    }

    @ParameterizedTest
    @EnumSource
    void errorIsAtMostHalfAStep(TensorType type) {
        Random random = new Random(7);
        float[] in = new float[100 * BLOCK];
        for (int i = 0; i < in.length; i++) {
            in[i] = (float) random.nextGaussian();
        }
        float[] out = decode(type, encode(type, in), in.length);
        for (int i = 0; i < in.length; i++) {
            float largest = 0;
            for (int j = i / BLOCK * BLOCK; j < i / BLOCK * BLOCK + BLOCK; j++) {
                largest = Math.max(largest, Math.abs(in[j]));
            }
            // A quantised step is largest/127 or largest/8, and its scale is off by 2^-11 of itself; a Q4_0 value
            // opposite to the largest may lie a whole step beyond the last nibble. Floats: relative rounding errors.
            double bound = switch (type) {
                case F32 -> 0;
                case F16 -> Math.abs(in[i]) * 0x1p-11 + 0x1p-25;
                case BF16 -> Math.abs(in[i]) * 0x1p-8;
                case Q8_0 -> largest / 127 * 0.5 + largest * 0x1p-11;
                case Q4_0 -> largest / 8 + largest * 0x1p-11;
            };
            assertThat((double) Math.abs(out[i] - in[i])).as("element %d", i).isLessThanOrEqualTo(bound);
        }
    }

    @Test
    void bf16RoundsToNearestEven() {
        assertThat(BlockFormats.floatToBf16(Float.intBitsToFloat(0x3f808000))).isEqualTo((short) 0x3f80);
        assertThat(BlockFormats.floatToBf16(Float.intBitsToFloat(0x3f818000))).isEqualTo((short) 0x3f82);
        assertThat(BlockFormats.floatToBf16(Float.intBitsToFloat(0x3f808001))).isEqualTo((short) 0x3f81);
        assertThat(BlockFormats.floatToBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
        assertThat(BlockFormats.bf16ToFloat(BlockFormats.floatToBf16(Float.intBitsToFloat(0x7f800001))))
                .isNaN();
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = BlockFormats.bf16ToFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(BlockFormats.floatToBf16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void offsetsCountOnBothSides() {
        float[] in = new float[3 * BLOCK];
        for (int i = 0; i < in.length; i++) {
            in[i] = i;
        }
        MemorySegment data = MemorySegment.ofArray(new byte[3 + 2 * 34]);
        BlockFormats.encode(TensorType.Q8_0, in, BLOCK, 2 * BLOCK, data, 3);
        float[] out = new float[5 + BLOCK];
        BlockFormats.decode(TensorType.Q8_0, data, 3 + 34, out, 5, BLOCK);
        assertThat(out[4]).isZero();
        assertThat(out[5]).isCloseTo(64f, within(0.5f));
        assertThat(out[5 + 31]).isCloseTo(95f, within(0.1f));
    }

    @Test
    void refusesPartsOfBlocks() {
        assertThatThrownBy(() -> decode(TensorType.Q8_0, new byte[34], 31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Q8_0: expected a multiple of 32 elements, found 31");
    }

    private static byte[] encode(TensorType type, float[] values) {
        byte[] bytes = new byte[Math.toIntExact(type.bytes(values.length))];
        BlockFormats.encode(type, values, 0, values.length, MemorySegment.ofArray(bytes), 0);
        return bytes;
    }

    private static float[] decode(TensorType type, byte[] bytes, int count) {
        float[] values = new float[count];
        BlockFormats.decode(type, MemorySegment.ofArray(bytes), 0, values, 0, count);
        return values;
    }
}
