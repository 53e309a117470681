package io.llamastreams.app.demo;

import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.record.UsageRecord.Totals;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** What the usage topic says: its records are running totals, so of each tenant, model and window the last one counts. */
final class UsageTotals {

    private record Key(Instant windowStart, String tenant, String model) {}

    private final Map<Key, UsageRecord> last = new TreeMap<>(
            Comparator.comparing(Key::windowStart).thenComparing(Key::tenant).thenComparing(Key::model));

    /** Takes the next record of the topic. */
    void add(UsageRecord usage) {
        last.put(new Key(usage.windowStart(), usage.tenant(), usage.model()), usage);
    }

    /** The last record of each key, by window, then by tenant. */
    Collection<UsageRecord> records() {
        return last.values();
    }

    /** All keys together. */
    Totals sum() {
        Totals sum = Totals.NONE;
        for (UsageRecord usage : last.values()) {
            Totals totals = usage.totals();
            sum = new Totals(
                    sum.succeeded() + totals.succeeded(),
                    sum.rejected() + totals.rejected(),
                    sum.failed() + totals.failed(),
                    sum.cancelled() + totals.cancelled(),
                    sum.expired() + totals.expired(),
                    sum.promptTokens() + totals.promptTokens(),
                    sum.cachedTokens() + totals.cachedTokens(),
                    sum.completionTokens() + totals.completionTokens());
        }
        return sum;
    }
}
