package io.llamastreams.topology.serde;

import io.llamastreams.registry.GeneratedRecords;
import io.llamastreams.registry.RecordFormatException;
import java.util.function.Function;

/**
 * A plain type and the class, generated from a schema, that stands for it on a topic or in a store. Any thread.
 *
 * @param recordClass generated from a schema
 */
public record RecordMapping<T>(Class<?> recordClass, Function<T, Object> toRecord, Function<Object, T> fromRecord) {

    /** Of generated records, whose class the mapping makes sure of. */
    static <T, R> RecordMapping<T> of(Class<R> recordClass, Function<T, R> toRecord, Function<R, T> fromRecord) {
        return new RecordMapping<>(recordClass, toRecord::apply, record -> fromRecord.apply(recordClass.cast(record)));
    }

    String schemaJson() {
        return GeneratedRecords.schemaJson(recordClass);
    }

    /** @throws RecordFormatException if the record is of another class */
    T read(Object record) {
        if (!recordClass.isInstance(record)) {
            throw new RecordFormatException("expected " + recordClass.getName() + ", found "
                    + (record == null ? "null" : record.getClass().getName())
                    + " (a deserializer must give generated records: specific.avro.reader=true)");
        }
        return fromRecord.apply(record);
    }
}
