package io.llamastreams.tokenizer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 of what a vocabulary says, wherever it was read from: two of the same digest turn texts into the same ids and back.
 * Stateless.
 *
 * <p>What is digested, numbers in big-endian order: the number of pieces; of each its text (length in bytes, UTF-8), the bits
 * of its score and the number of its type; the ids of BOS, EOS and the unknown piece; a byte for each of the dummy prefix, BOS
 * and the escaping of white space; the unknown piece's surface as a text.
 */
public final class VocabularyDigest {

    private VocabularyDigest() {}

    /** 64 digits, in lower case. */
    public static String of(Vocabulary vocabulary) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(vocabulary, new DataOutputStream(bytes));
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // in memory, and every JDK has SHA-256
        }
    }

    private static void write(Vocabulary vocabulary, DataOutputStream out) throws IOException {
        out.writeInt(vocabulary.size());
        for (Vocabulary.Piece piece : vocabulary.pieces()) {
            write(piece.text(), out);
            out.writeInt(Float.floatToIntBits(piece.score()));
            out.writeInt(piece.type().id());
        }
        out.writeInt(vocabulary.bosId());
        out.writeInt(vocabulary.eosId());
        out.writeInt(vocabulary.unknownId());
        out.writeBoolean(vocabulary.addDummyPrefix());
        out.writeBoolean(vocabulary.addBos());
        out.writeBoolean(vocabulary.escapeWhitespaces());
        write(vocabulary.unknownSurface(), out);
    }

    private static void write(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
