package io.llamastreams.training.tickets;

import java.util.Objects;

/** A customer's message and what it says. */
public record Ticket(String id, String text, TicketTruth truth) {

    public Ticket {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(truth, "truth");
    }
}
