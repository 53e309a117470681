package io.llamastreams.model.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Little-endian reads of a file's header, front to back, each checked against the file's end.
 *
 * <p>Plain reads and not the mapping: a file that shrinks under the reader then gives a {@link ModelFormatException}
 * where touching a mapped page that is gone would be a fault. One thread.
 */
final class HeaderReader {
    /** No real header comes near: that of a model with 256,000 tokens has about 10 MB. */
    static final long MAX_HEADER_BYTES = 64L << 20;

    static final int MAX_STRING_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final long fileBytes;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN).limit(0);

    HeaderReader(Path file, FileChannel channel, long fileBytes) {
        this.file = file;
        this.channel = channel;
        this.fileBytes = fileBytes;
    }

    Path file() {
        return file;
    }

    /** Bytes read so far: the file offset of the next read. */
    long position() throws IOException {
        return channel.position() - buffer.remaining();
    }

    /** Bytes between here and the end of the file. */
    long remaining() throws IOException {
        return fileBytes - position();
    }

    int readByte(String thing) throws IOException {
        need(1, thing);
        return buffer.get() & 0xff;
    }

    int readShort(String thing) throws IOException {
        need(2, thing);
        return buffer.getShort();
    }

    int readInt(String thing) throws IOException {
        need(4, thing);
        return buffer.getInt();
    }

    long readLong(String thing) throws IOException {
        need(8, thing);
        return buffer.getLong();
    }

    /**
     * A count of things that take at least {@code leastBytes} each in the rest of the file.
     *
     * @throws ModelFormatException if it is above {@code max} or so many cannot follow
     */
    int readCount(String thing, int max, int leastBytes) throws IOException {
        long count = readLong(thing);
        if (count < 0 || count > max) {
            throw expected(thing, "at most " + max, Long.toUnsignedString(count));
        }
        if (count * leastBytes > remaining()) {
            throw expected(thing, "at most what the rest of the file, " + remaining() + " bytes, can hold", count);
        }
        return (int) count;
    }

    /** A string: its length in eight bytes, then UTF-8 without an end mark. */
    String readString(String thing, int maxBytes) throws IOException {
        long length = readLong(thing);
        if (length < 0 || length > maxBytes) {
            throw expected(thing, "a string of at most " + maxBytes + " bytes", Long.toUnsignedString(length));
        }
        if (length > remaining()) {
            throw expected(thing, "a string of at most the " + remaining() + " bytes up to the file's end", length);
        }
        if (length == 0) {
            return "";
        }
        byte[] bytes = new byte[(int) length];
        int done = 0;
        while (done < bytes.length) {
            need(1, thing);
            int part = Math.min(bytes.length - done, buffer.remaining());
            buffer.get(bytes, done, part);
            done += part;
        }
        checkHeaderLimit(thing);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(file, thing + ": expected UTF-8, found other bytes", e);
        }
    }

    ModelFormatException expected(String thing, Object expected, Object found) {
        return ModelFormatException.expected(file, thing, expected, found);
    }

    /** After this the buffer holds at least so many bytes, at most 8. */
    private void need(int bytes, String thing) throws IOException {
        if (buffer.remaining() >= bytes) {
            return;
        }
        checkHeaderLimit(thing);
        buffer.compact();
        int read = 0;
        while (buffer.position() < bytes && read >= 0) {
            read = channel.read(buffer);
        }
        buffer.flip();
        if (buffer.remaining() < bytes) {
            throw expected(thing, bytes + " more bytes", "the end of the file at " + channel.position());
        }
    }

    private void checkHeaderLimit(String thing) throws IOException {
        if (position() > MAX_HEADER_BYTES) {
            throw expected(thing, "a header of at most " + MAX_HEADER_BYTES + " bytes", "more");
        }
    }
}
