package io.llamastreams.app.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The lines of a request file by their ids. Holds ids and places, not the lines; of lines with the same id the first counts. One
 * thread.
 */
public final class RequestsById implements Closeable {
    private final Map<String, Place> places = new HashMap<>();
    private final FileChannel file;
    private final RequestParser parser;

    private record Place(long offset, int bytes, long number) {}

    /** Reads the file once. */
    public RequestsById(Path path, InstantSource clock) throws IOException {
        parser = new RequestParser(clock, warning -> {});
        try (InputStream input = Files.newInputStream(path);
                LineReader lines = new LineReader(input, RequestReader.MAX_LINE_BYTES)) {
            while (lines.next()) {
                if (!lines.isTooLong()) {
                    int bytes = lines.bytes().remaining();
                    RequestReader.parse(parser, lines.bytes(), lines.number())
                            .ifPresent(line -> places.putIfAbsent(
                                    line.id(), new Place(lines.lineOffset(), bytes, lines.number())));
                }
            }
        }
        file = FileChannel.open(path);
    }

    /** The request of this id; empty if there is none, or its line is no request. */
    public Optional<RequestLine.Accepted> find(String id) throws IOException {
        Place place = places.get(id);
        if (place == null) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(place.bytes());
        while (bytes.hasRemaining() && file.read(bytes, place.offset() + bytes.position()) >= 0) {
            // a file that has become shorter ends the line early
        }
        return RequestReader.parse(parser, bytes.flip(), place.number())
                .filter(RequestLine.Accepted.class::isInstance)
                .map(RequestLine.Accepted.class::cast);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
