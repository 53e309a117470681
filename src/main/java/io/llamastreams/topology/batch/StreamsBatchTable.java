package io.llamastreams.topology.batch;

import io.llamastreams.topology.record.BatchRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The table as interactive queries give it. Instances find each other by {@code application.server}. Any thread. */
public final class StreamsBatchTable implements BatchTable {
    private static final Comparator<BatchRecord> BY_LAST = Comparator.comparing(BatchRecord::last);

    private final KafkaStreams streams;
    private final Optional<String> ownAddress;

    /** @param ownAddress this instance's {@code application.server}; empty if others cannot ask it */
    public StreamsBatchTable(KafkaStreams streams, Optional<String> ownAddress) {
        this.streams = streams;
        this.ownAddress = ownAddress;
    }

    @Override
    public Place placeOf(String batchId) {
        KeyQueryMetadata metadata =
                ask(() -> streams.queryMetadataForKey(Batches.STORE, batchId, new StringSerializer()));
        if (metadata == null || metadata.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
            return new Place.Unknown("partitions are being handed out");
        }
        HostInfo owner = metadata.activeHost();
        if (owner.equals(HostInfo.unavailable())) {
            // without an address of its own an instance cannot tell itself from others
            return streams.metadataForAllStreamsClients().size() == 1
                    ? new Place.Here()
                    : new Place.Unknown("the instance that has it has no HTTP endpoint");
        }
        String address = address(owner);
        return ownAddress.filter(address::equals).isPresent() ? new Place.Here() : new Place.Elsewhere(address);
    }

    @Override
    public Optional<BatchRecord> get(String batchId) {
        return ask(() -> Optional.ofNullable(store().get(batchId)));
    }

    @Override
    public List<BatchRecord> latest(int max) {
        return ask(() -> {
            PriorityQueue<BatchRecord> latest = new PriorityQueue<>(BY_LAST);
            try (var entries = store().all()) {
                entries.forEachRemaining(entry -> {
                    latest.add(entry.value);
                    if (latest.size() > max) {
                        latest.remove();
                    }
                });
            }
            List<BatchRecord> sorted = new ArrayList<>(latest);
            sorted.sort(BY_LAST.reversed());
            return sorted;
        });
    }

    @Override
    public Set<String> others() {
        return ask(() -> {
            Set<String> others = new TreeSet<>();
            for (StreamsMetadata metadata : streams.streamsMetadataForStore(Batches.STORE)) {
                if (!metadata.hostInfo().equals(HostInfo.unavailable())) {
                    others.add(address(metadata.hostInfo()));
                }
            }
            ownAddress.ifPresent(others::remove);
            return others;
        });
    }

    private ReadOnlyKeyValueStore<String, BatchRecord> store() {
        return streams.store(StoreQueryParameters.fromNameAndType(Batches.STORE, QueryableStoreTypes.keyValueStore()));
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (InvalidStateStoreException e) {
            throw new TableUnavailableException("partitions are being handed out, or the worker ends", e);
        } catch (IllegalStateException e) {
            throw new TableUnavailableException("the streams are not running", e);
        }
    }

    private static String address(HostInfo host) {
        return (host.host().contains(":") ? "[" + host.host() + "]" : host.host()) + ":" + host.port();
    }
}
