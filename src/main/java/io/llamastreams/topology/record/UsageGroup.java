package io.llamastreams.topology.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Whose usage is added up.
 *
 * @param tenant empty for nobody in particular
 * @param model name of the model
 */
public record UsageGroup(String tenant, String model) {

    /**
     * Form of store keys: length of the tenant's name, the name, the model's name. Must never change, since equal groups must
     * have equal bytes.
     */
    public static Serde<UsageGroup> serde() {
        return Serdes.serdeFrom((topic, group) -> group.bytes(), (topic, bytes) -> ofBytes(bytes));
    }

    private byte[] bytes() {
        byte[] tenantBytes = tenant.getBytes(StandardCharsets.UTF_8);
        byte[] modelBytes = model.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + tenantBytes.length + modelBytes.length)
                .putInt(tenantBytes.length)
                .put(tenantBytes)
                .put(modelBytes)
                .array();
    }

    private static UsageGroup ofBytes(byte[] bytes) {
        int tenantLength = ByteBuffer.wrap(bytes).getInt();
        int modelStart = Integer.BYTES + tenantLength;
        return new UsageGroup(
                new String(bytes, Integer.BYTES, tenantLength, StandardCharsets.UTF_8),
                new String(bytes, modelStart, bytes.length - modelStart, StandardCharsets.UTF_8));
    }
}
