package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextDecoderTest {
    private static final int FIRST_BYTE = 3;
    private static final int WORD = 259;

    private final Tokenizer tokenizer =
            SmallVocabulary.withBytes().dummyPrefix().add("\u2581a", -1).tokenizer();

    @Test
    void holdsBytesBackUntilTheCharacterIsComplete() {
        TextDecoder decoder = tokenizer.newDecoder(true);
        assertThat(decoder.append(byteId(0xF0))).isEmpty();
        assertThat(decoder.append(byteId(0x9F))).isEmpty();
        assertThat(decoder.append(byteId(0x98))).isEmpty();
        assertThat(decoder.append(byteId(0x80))).isEqualTo("😀");
        assertThat(decoder.append(byteId(0xC3))).isEmpty();
        assertThat(decoder.append(byteId(0xA9))).isEqualTo("é");
        assertThat(decoder.append(byteId('x'))).isEqualTo("x");
        assertThat(decoder.flush()).isEmpty();
    }

    @Test
    void givesUpOnBytesAsSoonAsNoCharacterBeginsSo() {
        assertThat(decodeBytes(0x80)).isEqualTo("\uFFFD");
        assertThat(decodeBytes(0xC0, 0x80)).isEqualTo("\uFFFD\uFFFD"); // overlong
        assertThat(decodeBytes(0xE0, 0x9F, 0xBF)).isEqualTo("\uFFFD\uFFFD\uFFFD"); // overlong
        assertThat(decodeBytes(0xED, 0xA0, 0x80)).isEqualTo("\uFFFD\uFFFD\uFFFD"); // surrogate
        assertThat(decodeBytes(0xF4, 0x90, 0x80, 0x80)).isEqualTo("\uFFFD\uFFFD\uFFFD\uFFFD"); // above U+10FFFF
        assertThat(decodeBytes(0xF5, 'a')).isEqualTo("\uFFFDa");
        assertThat(decodeBytes(0xE2, 0x82, 'a')).isEqualTo("\uFFFD\uFFFDa");
        assertThat(decodeBytes(0xF0, 0x9F, 0xC3, 0xA9)).isEqualTo("\uFFFD\uFFFDé");
        assertThat(decodeBytes(0xF4, 0x8F, 0xBF, 0xBF)).isEqualTo(Character.toString(0x10FFFF));
    }

    @Test
    void flushesWhatIsLeftAndStartsAnew() {
        TextDecoder decoder = tokenizer.newDecoder(true);
        assertThat(decoder.append(byteId(0xE2)) + decoder.append(byteId(0x82))).isEmpty();
        assertThat(decoder.flush()).isEqualTo("\uFFFD\uFFFD");
        assertThat(decoder.append(WORD)).isEqualTo("a");
        assertThat(decoder.append(WORD)).isEqualTo(" a");
    }

    @Test
    void givesUpOnBytesBeforeOtherPieces() {
        TextDecoder decoder = tokenizer.newDecoder(true);
        assertThat(decoder.append(byteId(0xE2))).isEmpty();
        assertThat(decoder.append(WORD)).isEqualTo("\uFFFD a");
        assertThat(decoder.append(byteId(0xE2))).isEmpty();
        assertThat(decoder.append(2)).isEqualTo("\uFFFD");
    }

    @Test
    void keepsTheSpaceInAContinuation() {
        assertThat(tokenizer.newDecoder(false).append(WORD)).isEqualTo(" a");
        TextDecoder afterBos = tokenizer.newDecoder(true);
        assertThat(afterBos.append(1)).isEmpty();
        assertThat(afterBos.append(WORD)).isEqualTo("a");
    }

    @Test
    void decodesValidTextOfBytesWholeAndInParts() {
        long seed = 20260;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            String text = Texts.random(random, random.nextInt(20));
            StringBuilder parts = new StringBuilder();
            TextDecoder decoder = tokenizer.newDecoder(true);
            for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
                String part = decoder.append(byteId(Byte.toUnsignedInt(value)));
                assertThat(part.isEmpty() || !Character.isLowSurrogate(part.charAt(0)))
                        .isTrue();
                parts.append(part);
            }
            assertThat(decoder.flush()).isEmpty();
            assertThat(parts.toString()).as("seed %d, round %d", seed, round).isEqualTo(text);
        }
    }

    private String decodeBytes(int... values) {
        TextDecoder decoder = tokenizer.newDecoder(true);
        StringBuilder text = new StringBuilder();
        for (int value : values) {
            text.append(decoder.append(byteId(value)));
        }
        return text.append(decoder.flush()).toString();
    }

    private static int byteId(int value) {
        return FIRST_BYTE + value;
    }
}
