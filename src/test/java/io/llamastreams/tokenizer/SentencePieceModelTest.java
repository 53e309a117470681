package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceModelTest {
    private static final String ONE_LINE = "x\\.model: [^\\n]+";

    @Test
    void readsWhatWasWritten() {
        Vocabulary vocabulary = SentencePieceModel.parse(model(normalizer -> {}), "x.model");
        assertThat(vocabulary.size()).isEqualTo(262);
        assertThat(vocabulary.bosId()).isEqualTo(1);
        assertThat(vocabulary.eosId()).isEqualTo(2);
        assertThat(vocabulary.unknownId()).isZero();
        assertThat(vocabulary.addDummyPrefix()).isTrue();
        assertThat(vocabulary.pieces().get(261)).isEqualTo(new Vocabulary.Piece("\u2581b", -3, PieceType.NORMAL));
        assertThat(new Tokenizer(vocabulary).encode("a b")).containsExactly(259, 261);
    }

    @Test
    void honoursTheFlagsOfTheNormaliser() {
        Vocabulary bare = SentencePieceModel.parse(
                model(normalizer -> normalizer.integer(3, 0).integer(5, 0)), "x.model");
        assertThat(bare.addDummyPrefix()).isFalse();
        assertThat(new Tokenizer(bare).encode("a b")).containsExactly(260, 3 + ' ', 3 + 'b');
    }

    @Test
    void refusesNormalisersThatChangeTheText() {
        assertProblem(
                model(normalizer -> normalizer.string(1, "nmt_nfkc").bytes(2, new byte[100])),
                "x.model: normalizer_spec: normaliser: expected identity, found \"nmt_nfkc\" with a map of 100 bytes");
        assertProblem(
                model(normalizer -> normalizer.integer(4, 1)),
                "x.model: normalizer_spec: remove_extra_whitespaces: expected false, found true");
    }

    @Test
    void refusesOtherKindsOfModels() {
        Message unigram = new Message().message(2, new Message().integer(3, 1)).message(3, new Message());
        assertProblem(
                new Message()
                        .message(1, new Message().string(1, "a"))
                        .append(unigram)
                        .toBytes(),
                "x.model: trainer_spec: model type: expected 2 (BPE), found 1");
        assertProblem(new byte[0], "x.model: pieces: expected at least one, found none");
        assertProblem("not a protobuf at all".getBytes(StandardCharsets.UTF_8), null);
    }

    @Test
    void refusesPiecesThatCannotBe() {
        assertProblem(
                new Message()
                        .message(1, new Message().string(1, "a").integer(3, 7))
                        .toBytes(),
                "x.model: piece type: expected 1 to 6, found 7");
        assertProblem(
                new Message()
                        .message(1, new Message().bytes(1, new byte[] {(byte) 0xC3}))
                        .toBytes(),
                "x.model: piece 0 at byte 5: field 1: expected text in UTF-8, found bytes that are not");
    }

    @Test
    void givesOneClearErrorForEveryTruncation() {
        byte[] bytes = model(normalizer -> {});
        for (int length = 0; length < bytes.length; length++) {
            assertProblem(Arrays.copyOf(bytes, length), null);
        }
    }

    @Test
    void readsOrRefusesFilesWithFlippedBytesButNeverBreaks() {
        byte[] bytes = model(normalizer -> {});
        long seed = 7;
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = bytes.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Tokenizer tokenizer = new Tokenizer(SentencePieceModel.parse(damaged, "x.model"));
                tokenizer.decode(tokenizer.encode("a b <s>"));
            } catch (TokenizerFormatException e) {
                refused++;
                assertThat(e).as("seed %d, round %d", seed, round).message().matches(ONE_LINE);
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void refusesLengthsBeyondTheFileWithoutTakingMemory() {
        byte[] huge = {0x0A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07, 0x0A};
        assertProblem(
                huge,
                "x.model: model at byte 6: field 1: expected a length of at most the 1 bytes that are left, found 2147483647");
        byte[] endless = new byte[20];
        Arrays.fill(endless, (byte) 0xFF);
        assertProblem(endless, "x.model: model at byte 10: number: expected at most 10 bytes, found more");
    }

    @Test
    void namesAFileThatIsNotThere(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("tokenizer.model");
        assertThatThrownBy(() -> SentencePieceModel.read(missing))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining(missing.toString());
        Files.write(missing, model(normalizer -> {}));
        assertThat(SentencePieceModel.read(missing).size()).isEqualTo(262);
    }

    private static void assertProblem(byte[] bytes, String message) {
        var thrown = assertThatThrownBy(() -> SentencePieceModel.parse(bytes, "x.model"))
                .isInstanceOf(TokenizerFormatException.class);
        if (message == null) {
            thrown.message().matches(ONE_LINE);
        } else {
            thrown.hasMessage(message);
        }
    }

    /** A small Llama-like model; {@code change} writes into the normaliser after its usual fields. */
    private static byte[] model(Consumer<Message> change) {
        SmallVocabulary vocabulary =
                SmallVocabulary.withBytes().add("\u2581a", -1).add("a", -2).add("\u2581b", -3);
        Message model = new Message();
        for (Vocabulary.Piece piece : vocabulary.pieces()) {
            Message message = new Message().string(1, piece.text()).float32(2, piece.score());
            model.message(
                    1,
                    piece.type() == PieceType.NORMAL
                            ? message
                            : message.integer(3, piece.type().id()));
        }
        Message normalizer = new Message()
                .string(1, "identity")
                .bytes(2, new byte[0])
                .integer(3, 1)
                .integer(4, 0);
        change.accept(normalizer);
        return model.message(2, new Message().integer(3, 2).integer(35, 1))
                .message(3, normalizer)
                .toBytes();
    }

    /** Writes protobuf. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message integer(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message float32(int field, float value) {
            varint((long) field << 3 | 5);
            int bits = Float.floatToIntBits(value);
            for (int shift = 0; shift < 32; shift += 8) {
                out.write(bits >>> shift);
            }
            return this;
        }

        Message string(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message message(int field, Message value) {
            return bytes(field, value.toBytes());
        }

        Message append(Message other) {
            out.writeBytes(other.toBytes());
            return this;
        }

        byte[] toBytes() {
            return out.toByteArray();
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
