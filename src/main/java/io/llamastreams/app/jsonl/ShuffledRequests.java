package io.llamastreams.app.jsonl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The lines of a request file in an order that a seed decides. Holds 12 bytes for each line, not the lines. One thread.
 */
public final class ShuffledRequests implements RequestSource {
    private final FileChannel file;
    private final RequestParser parser;
    /** Where line i + 1 starts; one more entry for the end of the file. */
    private final long[] offsets;

    private final int[] order;
    private int position;

    /** @throws IOException also if the file has more than 2^31 lines */
    public ShuffledRequests(Path path, long seed, InstantSource clock, Consumer<String> warnings) throws IOException {
        parser = new RequestParser(clock, warnings);
        offsets = offsets(path);
        order = new int[offsets.length - 1];
        Arrays.setAll(order, i -> i);
        shuffle(order, new Random(seed));
        file = FileChannel.open(path);
    }

    private static long[] offsets(Path path) throws IOException {
        long[] offsets = new long[1 << 10];
        int count = 0;
        try (InputStream input = Files.newInputStream(path);
                LineReader lines = new LineReader(input, 0)) {
            while (lines.next()) {
                if (count == offsets.length) {
                    if (count > Integer.MAX_VALUE / 2) {
                        throw new IOException(path + ": too many lines to be shuffled");
                    }
                    offsets = Arrays.copyOf(offsets, 2 * count);
                }
                offsets[count++] = lines.lineOffset();
            }
        }
        offsets = Arrays.copyOf(offsets, count + 1);
        offsets[count] = Files.size(path);
        return offsets;
    }

    /** Fisher and Yates's shuffle. */
    private static void shuffle(int[] values, Random random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    @Override
    public Optional<RequestLine> next() throws IOException {
        while (position < order.length) {
            Optional<RequestLine> line = read(order[position++]);
            if (line.isPresent()) {
                return line;
            }
        }
        return Optional.empty();
    }

    @Override
    public long lineNumber() {
        return position == 0 ? 0 : order[position - 1] + 1L;
    }

    private Optional<RequestLine> read(int index) throws IOException {
        long number = index + 1L;
        long length = offsets[index + 1] - offsets[index];
        if (length > RequestReader.MAX_LINE_BYTES) {
            return Optional.of(RequestReader.tooLong(number));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining() && file.read(bytes, offsets[index] + bytes.position()) >= 0) {
            // a file that has become shorter ends the line early
        }
        bytes.flip();
        return RequestReader.parse(parser, bytes, number);
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
