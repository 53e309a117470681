package io.llamastreams.training.vocabulary;

import io.llamastreams.tokenizer.PieceType;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A vocabulary as {@code tokenizer.model} of SentencePiece, for other tools. Source: sentencepiece_model.proto of that library,
 * and protobuf.dev, "Encoding". No state, any thread.
 */
public final class SentencePieceModelWriter {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;
    private static final int MODEL_TYPE_BPE = 2;

    private SentencePieceModelWriter() {}

    /** The bytes of the file. */
    public static byte[] bytes(Vocabulary vocabulary) {
        Message model = new Message();
        for (Vocabulary.Piece piece : vocabulary.pieces()) {
            Message message = new Message().text(1, piece.text()).float32(2, piece.score());
            if (piece.type() != PieceType.NORMAL) {
                message.integer(3, piece.type().id());
            }
            model.message(1, message);
        }
        return model.message(2, trainerSpec(vocabulary))
                .message(3, normalizerSpec(vocabulary))
                .bytes();
    }

    private static Message trainerSpec(Vocabulary vocabulary) {
        return new Message()
                .integer(3, MODEL_TYPE_BPE)
                .integer(4, vocabulary.size())
                .bool(35, vocabulary.hasByteFallback())
                .integer(40, vocabulary.unknownId())
                .integer(41, vocabulary.bosId())
                .integer(42, vocabulary.eosId())
                .integer(43, -1) // no padding
                .text(44, vocabulary.unknownSurface())
                .text(45, text(vocabulary, vocabulary.unknownId()))
                .text(46, text(vocabulary, vocabulary.bosId()))
                .text(47, text(vocabulary, vocabulary.eosId()));
    }

    private static Message normalizerSpec(Vocabulary vocabulary) {
        return new Message()
                .text(1, "identity")
                .bool(3, vocabulary.addDummyPrefix())
                .bool(4, false) // remove_extra_whitespaces
                .bool(5, vocabulary.escapeWhitespaces());
    }

    private static String text(Vocabulary vocabulary, int id) {
        return vocabulary.pieces().get(id).text();
    }

    /** A protobuf message that grows field by field. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message integer(int field, long value) {
            key(field, VARINT);
            varint(value);
            return this;
        }

        Message bool(int field, boolean value) {
            return integer(field, value ? 1 : 0);
        }

        Message float32(int field, float value) {
            key(field, FIXED32);
            int bits = Float.floatToRawIntBits(value);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                out.write(bits >>> shift);
            }
            return this;
        }

        Message text(int field, String text) {
            return delimited(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message message) {
            return delimited(field, message.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Message delimited(int field, byte[] bytes) {
            key(field, LENGTH_DELIMITED);
            varint(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        private void key(int field, int wireType) {
            varint((long) field << 3 | wireType);
        }

        /** Negative numbers take ten bytes, as the format has it. */
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
