package io.llamastreams.fuzz;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestParser;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.request.FuzzedPrompts;
import io.llamastreams.topology.serde.FuzzedRecords;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * Prompts as they come in. The first byte chooses: the body of an Avro record, which is read, refused as a record or has a fault;
 * or a request line, which is accepted or refused in one line that names it. What is accepted survives the way through a record,
 * and what serving then takes stays within its limits.
 */
public final class RecordsFuzz {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

    private RecordsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) == 0) {
            FuzzedRecords.read(rest).ifPresent(RecordsFuzz::survives);
        } else {
            parse(new String(rest, StandardCharsets.UTF_8));
        }
    }

    private static void parse(String line) {
        switch (new RequestParser(CLOCK, warning -> {}).parse(line, 7)) {
            case RequestLine.Accepted accepted -> {
                // JSON may escape half a character, which no record can hold.
                if (StandardCharsets.UTF_8
                        .newEncoder()
                        .canEncode(accepted.prompt().toString())) {
                    survives(accepted.prompt());
                }
            }
            case RequestLine.Refused refused ->
                Expect.that(refused.reason().startsWith("line 7: "), "the line's number, found " + refused.reason());
        }
    }

    private static void survives(Prompt prompt) {
        Prompt again = FuzzedRecords.throughRecord(prompt);
        Expect.that(again.equals(prompt), "the same prompt: " + prompt + ", found " + again);
        Expect.that(again.seed() == prompt.seed(), "the same seed");
        FuzzedPrompts.staysWithinLimits(prompt);
    }
}
