package io.llamastreams.topology.batch;

import io.llamastreams.topology.record.BatchRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The table of batches: adds changes up and publishes totals. StreamThread of its task.
 *
 * <p>A batch's completion is published at once, in the transaction that completes it, and therefore exactly once. Progress is
 * published now and then, and only while something changes, since each tick asks for a commit; what a crash kept from being
 * published is published at the next start.
 *
 * <p>A batch that has not changed for the retention time and has no pending prompts is forgotten: a record without a value
 * takes it off the topic. So the table is bounded by what happens in that time.
 */
public final class BatchTracker implements Processor<String, BatchRecord, String, BatchRecord> {
    public static final Duration PUBLISH_EVERY = Duration.ofMillis(500);

    /** Looking for old batches reads the whole store. */
    public static final Duration FORGET_EVERY = Duration.ofHours(1);

    private final Duration retention;
    private final Set<String> unpublished = new LinkedHashSet<>();
    private ProcessorContext<String, BatchRecord> context;
    private KeyValueStore<String, BatchRecord> batches;
    private Optional<Cancellable> ticking = Optional.empty();

    /** @param retention for how long a batch that does not change is kept */
    BatchTracker(Duration retention) {
        this.retention = retention;
    }

    /** Also called again, after a task was revived. */
    @Override
    public void init(ProcessorContext<String, BatchRecord> newContext) {
        context = newContext;
        batches = context.getStateStore(Batches.STORE);
        ticking = Optional.empty();
        unpublished.clear();
        try (var entries = batches.all()) {
            entries.forEachRemaining(entry -> {
                if (entry.value.completed().isEmpty()) {
                    unpublished.add(entry.key);
                }
            });
        }
        if (!unpublished.isEmpty()) {
            keepTicking();
        }
        context.schedule(FORGET_EVERY, PunctuationType.WALL_CLOCK_TIME, this::forgetOld);
    }

    @Override
    public void process(Record<String, BatchRecord> record) {
        String id = record.key();
        BatchRecord before = batches.get(id);
        BatchRecord after =
                (before == null ? BatchRecord.none(id, record.value().first()) : before).plus(record.value());
        batches.put(id, after);
        if (after.completed().isPresent()) {
            unpublished.remove(id);
            publish(id, after);
        } else {
            unpublished.add(id);
            keepTicking();
        }
    }

    private void keepTicking() {
        if (ticking.isEmpty()) {
            ticking = Optional.of(context.schedule(PUBLISH_EVERY, PunctuationType.WALL_CLOCK_TIME, this::tick));
        }
    }

    private void tick(long now) {
        unpublished.forEach(id -> publish(id, batches.get(id)));
        unpublished.clear();
        ticking.ifPresent(Cancellable::cancel);
        ticking = Optional.empty();
    }

    private void forgetOld(long now) {
        Instant oldest = Instant.ofEpochMilli(now).minus(retention);
        List<String> old = new ArrayList<>();
        try (var entries = batches.all()) {
            entries.forEachRemaining(entry -> {
                if (entry.value.pending() == 0 && entry.value.last().isBefore(oldest)) {
                    old.add(entry.key);
                }
            });
        }
        old.forEach(id -> {
            batches.delete(id);
            unpublished.remove(id);
            publish(id, null);
        });
    }

    /** @param batch null for one that was forgotten */
    private void publish(String id, BatchRecord batch) {
        context.forward(new Record<>(id, batch, context.currentSystemTimeMs(), new RecordHeaders()));
    }
}
