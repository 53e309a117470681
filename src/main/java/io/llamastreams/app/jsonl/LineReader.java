package io.llamastreams.app.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Splits a stream of bytes at line feeds, with a bound on what is held. One thread.
 */
final class LineReader implements Closeable {
    private final InputStream input;
    private final int maxBytes;
    private final byte[] chunk = new byte[1 << 16];
    private int chunkStart;
    private int chunkEnd;
    private byte[] line = new byte[1 << 12];
    private int length;
    private boolean tooLong;
    private long number;
    private long lineOffset;
    private long offset;

    LineReader(InputStream input, int maxBytes) {
        this.input = input;
        this.maxBytes = maxBytes;
    }

    /** Goes to the next line; false at the end. */
    boolean next() throws IOException {
        length = 0;
        tooLong = false;
        lineOffset = offset;
        boolean any = false;
        while (fill()) {
            any = true;
            int end = chunkStart;
            while (end < chunkEnd && chunk[end] != '\n') {
                end++;
            }
            append(end - chunkStart);
            boolean ended = end < chunkEnd;
            int taken = end - chunkStart + (ended ? 1 : 0);
            chunkStart += taken;
            offset += taken;
            if (ended) {
                break;
            }
        }
        number += any ? 1 : 0;
        return any;
    }

    /** Whether some of the next line is there already. */
    boolean isReady() throws IOException {
        return chunkStart < chunkEnd || input.available() > 0;
    }

    private boolean fill() throws IOException {
        if (chunkStart == chunkEnd) {
            chunkStart = 0;
            chunkEnd = Math.max(0, input.read(chunk));
        }
        return chunkStart < chunkEnd;
    }

    private void append(int count) {
        if (tooLong || length + (long) count > maxBytes) {
            tooLong = true;
            return;
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.max(length + count, (int) Math.min(maxBytes, 2L * line.length)));
        }
        System.arraycopy(chunk, chunkStart, line, length, count);
        length += count;
    }

    /** The line without its line feed; valid until the next is read. Void if it {@link #isTooLong}. */
    ByteBuffer bytes() {
        return ByteBuffer.wrap(line, 0, length);
    }

    boolean isTooLong() {
        return tooLong;
    }

    /** Number of the line, from 1. */
    long number() {
        return number;
    }

    /** Where the line starts, in bytes from the start of the stream. */
    long lineOffset() {
        return lineOffset;
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
