package io.llamastreams.model.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a file's bytes, as {@code sha256sum} prints it. Stateless. */
final class FileDigest {
    private static final int CHUNK_BYTES = 1 << 20;

    private FileDigest() {}

    /**
     * Reads the file from its beginning; the channel's position stays.
     *
     * @return 64 digits, in lower case
     */
    static String of(FileChannel channel) throws IOException {
        MessageDigest digest = sha256();
        byte[] chunk = new byte[CHUNK_BYTES];
        long position = 0;
        for (int read = channel.read(ByteBuffer.wrap(chunk), position);
                read > 0;
                read = channel.read(ByteBuffer.wrap(chunk), position)) {
            digest.update(chunk, 0, read);
            position += read;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
