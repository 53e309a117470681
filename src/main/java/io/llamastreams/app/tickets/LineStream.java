package io.llamastreams.app.tickets;

import java.io.InputStream;
import java.util.function.LongFunction;

/** Bytes of lines that are made when they are read, one after the other. Never waits for anybody. One thread. */
final class LineStream extends InputStream {
    private final long count;
    private final LongFunction<byte[]> lines;
    private long next;
    private byte[] line = {};
    private int position;

    /**
     * A stream of lines 0 to {@code count - 1}.
     *
     * @param lines makes a line, which must not be empty
     */
    LineStream(long count, LongFunction<byte[]> lines) {
        this.count = count;
        this.lines = lines;
    }

    @Override
    public int read() {
        return fill() ? line[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int done = 0;
        while (done < length && fill()) {
            int part = Math.min(length - done, line.length - position);
            System.arraycopy(line, position, target, offset + done, part);
            position += part;
            done += part;
        }
        return done == 0 && length > 0 ? -1 : done;
    }

    /** Makes the next line if there is nothing left of this one; false at the end. */
    private boolean fill() {
        if (position == line.length && next < count) {
            line = lines.apply(next++);
            position = 0;
        }
        return position < line.length;
    }

    @Override
    public int available() {
        return position < line.length || next < count ? Math.max(1, line.length - position) : 0;
    }
}
