package io.llamastreams.app.tickets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.training.tickets.Split;
import io.llamastreams.training.tickets.Ticket;
import io.llamastreams.training.tickets.TicketGenerator;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A file of tickets that is nowhere but made line by line: {@code {"id", "messages", "max_new_tokens", "expected"}}.
 *
 * @param seed another one gives other tickets
 * @param count lines
 */
public record TicketFile(Split split, long seed, long count) {
    public static final long DEFAULT_SEED = 1;
    public static final long DEFAULT_COUNT = 300;

    /** Enough for the longest answer. */
    private static final int MAX_NEW_TOKENS = 160;

    public TicketFile {
        if (count < 1) {
            throw new IllegalArgumentException("count: expected at least 1, found " + count);
        }
    }

    /** The lines in UTF-8, each ended. */
    public InputStream open() {
        TicketGenerator generator = new TicketGenerator(split, seed);
        return new LineStream(count, index -> (line(generator.ticket(index)) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The same as prompts of a command. */
    public PromptFile prompts() {
        String name = count + " " + split.name().toLowerCase(Locale.ROOT) + " tickets of seed " + seed;
        return new PromptFile(name, this::open, count);
    }

    /** The ticket as a request line. */
    static String line(Ticket ticket) {
        ObjectNode line = Json.object().put("id", ticket.id());
        line.putArray("messages")
                .add(message("system", TicketGenerator.SYSTEM_PROMPT))
                .add(message("user", ticket.text()));
        line.put("max_new_tokens", MAX_NEW_TOKENS);
        line.set("expected", truth(ticket));
        return Json.write(line);
    }

    private static ObjectNode message(String role, String content) {
        return Json.object().put("role", role).put("content", content);
    }

    private static ObjectNode truth(Ticket ticket) {
        try {
            return (ObjectNode) Json.read(ticket.truth().toJson());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("ticket " + ticket.id() + ": its truth is no JSON", e);
        }
    }
}
