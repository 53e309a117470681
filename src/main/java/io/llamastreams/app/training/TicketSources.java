package io.llamastreams.app.training;

import io.llamastreams.serving.PromptInput;
import io.llamastreams.training.data.Dialogue;
import io.llamastreams.training.tickets.PretrainingText;
import io.llamastreams.training.tickets.Split;
import io.llamastreams.training.tickets.Ticket;
import io.llamastreams.training.tickets.TicketGenerator;
import java.util.List;
import java.util.stream.LongStream;

/** Support tickets as training data: made as they are needed, without end. */
public final class TicketSources {
    private static final int HELD_OUT = 64;

    /** Far behind what a run comes to. */
    private static final long HELD_OUT_TEXTS_FROM = 1L << 40;

    /** Behind what the first round comes to. */
    private static final long SECOND_ROUND_FROM = 1L << 32;

    private TicketSources() {}

    /**
     * Training tickets of a seed; every third of the first round is terse, every other one of the second. Held out are texts
     * of the same kind that the run does not come to, and tickets of the test split.
     */
    public static TrainingSources ofSeed(long seed) {
        PretrainingText texts = new PretrainingText(seed);
        TicketGenerator learnt = new TicketGenerator(Split.TRAIN, seed);
        TicketGenerator heldOut = new TicketGenerator(Split.TEST, seed);
        return new TrainingSources(
                "tickets of seed " + seed,
                texts::document,
                index -> dialogue(index % 3 == 0 ? learnt.terseTicket(index) : learnt.ticket(index)),
                index -> {
                    long later = SECOND_ROUND_FROM + index;
                    return dialogue(index % 2 == 0 ? learnt.terseTicket(later) : learnt.ticket(later));
                },
                LongStream.range(HELD_OUT_TEXTS_FROM, HELD_OUT_TEXTS_FROM + HELD_OUT)
                        .mapToObj(texts::document)
                        .toList(),
                LongStream.range(HELD_OUT_TEXTS_FROM, HELD_OUT_TEXTS_FROM + HELD_OUT)
                        .mapToObj(index -> dialogue(heldOut.ticket(index)))
                        .toList());
    }

    private static Dialogue dialogue(Ticket ticket) {
        return new Dialogue(
                List.of(
                        new PromptInput.Message("system", TicketGenerator.SYSTEM_PROMPT),
                        new PromptInput.Message("user", ticket.text())),
                ticket.truth().toJson());
    }
}
