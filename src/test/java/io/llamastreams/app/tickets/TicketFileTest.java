package io.llamastreams.app.tickets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestReader;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.training.tickets.Split;
import io.llamastreams.training.tickets.Ticket;
import io.llamastreams.training.tickets.TicketGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TicketFileTest {
    private static String text(Split split, long seed, long count) throws IOException {
        try (InputStream lines = new TicketFile(split, seed, count).open()) {
            return new String(lines.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void everyLineIsARequestWithItsTruth() throws IOException {
        TicketGenerator generator = new TicketGenerator(Split.TEST, 5);
        try (RequestReader reader = new TicketFile(Split.TEST, 5, 40)
                .prompts()
                .open(InstantSource.system(), warning -> {
                    throw new AssertionError(warning);
                })) {
            for (int i = 0; i < 40; i++) {
                Ticket ticket = generator.ticket(i);
                RequestLine.Accepted line = (RequestLine.Accepted) reader.next().orElseThrow();
                Prompt prompt = line.prompt();
                assertThat(prompt.id()).isEqualTo(ticket.id());
                assertThat(((PromptInput.Messages) prompt.input()).messages())
                        .containsExactly(
                                new PromptInput.Message("system", TicketGenerator.SYSTEM_PROMPT),
                                new PromptInput.Message("user", ticket.text()));
                assertThat(prompt.options().sampling().temperature()).isZero();
                assertThat(prompt.options().maxNewTokens()).isGreaterThanOrEqualTo(160);
                assertThat(Json.write(line.expected().orElseThrow()))
                        .isEqualTo(ticket.truth().toJson());
                assertThat(prompt.attributes().toString() + prompt.input())
                        .doesNotContain(ticket.truth().reply());
            }
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void seedAndSplitDecideTheTickets() throws IOException {
        String tickets = text(Split.TEST, 1, 20);
        assertThat(tickets.lines()).hasSize(20);
        assertThat(tickets).endsWith("}\n");
        assertThat(text(Split.TEST, 1, 20)).isEqualTo(tickets);
        assertThat(text(Split.TEST, 1, 30)).startsWith(tickets);
        assertThat(text(Split.TEST, 2, 20)).isNotEqualTo(tickets);
        JsonNode train = Json.read(text(Split.TRAIN, 1, 1).strip());
        assertThat(tickets)
                .doesNotContain(train.get("messages").get(1).get("content").asText());
        assertThatThrownBy(() -> new TicketFile(Split.TEST, 1, 0)).hasMessage("count: expected at least 1, found 0");
    }

    @Test
    void bytesAreTheSameHoweverTheyAreRead() throws IOException {
        String whole = text(Split.TEST, 3, 10);
        long seed = 11;
        Random random = new Random(seed);
        StringBuilder read = new StringBuilder();
        try (InputStream lines = new TicketFile(Split.TEST, 3, 10).open()) {
            byte[] part = new byte[3000];
            while (lines.available() > 0) {
                if (random.nextInt(5) == 0) {
                    read.append((char) lines.read());
                } else {
                    int length = lines.read(part, 7, random.nextInt(2000) + 1);
                    read.append(new String(part, 7, length, StandardCharsets.ISO_8859_1));
                }
            }
            assertThat(lines.read()).isEqualTo(-1);
            assertThat(lines.read(part, 0, 5)).isEqualTo(-1);
            assertThat(lines.read(part, 0, 0)).isZero();
        }
        byte[] bytes = read.toString().getBytes(StandardCharsets.ISO_8859_1);
        assertThat(new String(bytes, StandardCharsets.UTF_8))
                .as("seed %d", seed)
                .isEqualTo(whole);
    }

    /** Or every prompt would wait for the one before it. */
    @Test
    void nobodyWaitsForTheNextLine() throws IOException {
        try (RequestReader reader =
                new TicketFile(Split.TEST, 1, 200).prompts().open(InstantSource.system(), warning -> {})) {
            for (Optional<RequestLine> line = reader.next(); line.isPresent(); line = reader.next()) {
                assertThat(reader.mayBlock()).as("after %s", line.get().id()).isEqualTo(reader.lineNumber() == 200);
            }
        }
    }
}
