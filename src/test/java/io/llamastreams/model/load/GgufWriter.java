package io.llamastreams.model.load;

import io.llamastreams.tensor.quant.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Writes GGUF files, version 2 or 3: sound ones, and with the damage methods such as a reader must refuse. Tensor data is
 * streamed, so the file may be larger than the heap.
 */
public final class GgufWriter {
    /** Writes exactly the tensor's bytes to the channel. */
    @FunctionalInterface
    public interface TensorData {
        void writeTo(WritableByteChannel out) throws IOException;
    }

    /** What the header says about a tensor; {@code shape} with the row length first. */
    public record Entry(String name, long[] shape, int typeId, long offset) {
        Entry withShape(long... other) {
            return new Entry(name, other, typeId, offset);
        }

        Entry withTypeId(int other) {
            return new Entry(name, shape, other, offset);
        }

        Entry withOffset(long other) {
            return new Entry(name, shape, typeId, other);
        }

        Entry withName(String other) {
            return new Entry(other, shape, typeId, offset);
        }
    }

    private record Value(int type, byte[] bytes) {}

    private record Tensor(long[] shape, TensorType type, TensorData data) {}

    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, UnaryOperator<Entry>> edits = new LinkedHashMap<>();
    private final List<String> repeatedKeys = new ArrayList<>();
    private byte[] magic = {'G', 'G', 'U', 'F'};
    private int version = 3;
    private int alignment = 32;
    private Long claimedTensors;
    private Long claimedKeys;

    public GgufWriter version(int version) {
        this.version = version;
        return this;
    }

    /** Aligns the data and says so in {@code general.alignment}. */
    public GgufWriter alignment(int alignment) {
        this.alignment = alignment;
        return u32("general.alignment", alignment);
    }

    public GgufWriter u32(String key, long value) {
        return value(key, 4, little(4).putInt((int) value));
    }

    public GgufWriter i32(String key, int value) {
        return value(key, 5, little(4).putInt(value));
    }

    public GgufWriter f32(String key, float value) {
        return value(key, 6, little(4).putFloat(value));
    }

    public GgufWriter bool(String key, boolean value) {
        return value(key, 7, little(1).put((byte) (value ? 1 : 0)));
    }

    public GgufWriter string(String key, String value) {
        return raw(key, 8, stringBytes(value));
    }

    public GgufWriter u64(String key, long value) {
        return value(key, 10, little(8).putLong(value));
    }

    public GgufWriter f64(String key, double value) {
        return value(key, 12, little(8).putDouble(value));
    }

    public GgufWriter strings(String key, List<String> value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(arrayStart(8, value.size()));
        value.forEach(element -> bytes.writeBytes(stringBytes(element)));
        return raw(key, 9, bytes.toByteArray());
    }

    public GgufWriter floats(String key, float... value) {
        ByteBuffer bytes = little(12 + 4 * value.length).put(arrayStart(6, value.length));
        for (float element : value) {
            bytes.putFloat(element);
        }
        return value(key, 9, bytes);
    }

    public GgufWriter integers(String key, int... value) {
        ByteBuffer bytes = little(12 + 4 * value.length).put(arrayStart(5, value.length));
        for (int element : value) {
            bytes.putInt(element);
        }
        return value(key, 9, bytes);
    }

    /** Any bytes under any type id; replaces the key's value where there is one, in its place. */
    public GgufWriter raw(String key, int typeId, byte[] bytes) {
        values.put(key, new Value(typeId, bytes));
        return this;
    }

    public GgufWriter without(String key) {
        values.remove(key);
        return this;
    }

    /** @param shape row length first, of a number of elements that makes whole blocks */
    public GgufWriter tensor(String name, TensorType type, long[] shape, TensorData data) {
        tensors.put(name, new Tensor(shape.clone(), type, data));
        return this;
    }

    public GgufWriter withoutTensor(String name) {
        tensors.remove(name);
        return this;
    }

    public List<String> tensorNames() {
        return List.copyOf(tensors.keySet());
    }

    /** Damage: another start of the file. */
    public GgufWriter magic(String text) {
        magic = text.getBytes(StandardCharsets.ISO_8859_1);
        return this;
    }

    /** Damage: the header claims so many tensors. */
    public GgufWriter claimTensors(long count) {
        claimedTensors = count;
        return this;
    }

    /** Damage: the header claims so many keys. */
    public GgufWriter claimKeys(long count) {
        claimedKeys = count;
        return this;
    }

    /** Damage: the key appears once more at the end. */
    public GgufWriter repeatKey(String key) {
        repeatedKeys.add(key);
        return this;
    }

    /** Damage: the header says something else about a tensor than what is written. */
    public GgufWriter edit(String tensor, UnaryOperator<Entry> edit) {
        edits.put(tensor, edit);
        return this;
    }

    public static byte[] stringBytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return little(8 + utf8.length).putLong(utf8.length).put(utf8).array();
    }

    /** Element type and length, which an array's elements follow. */
    public static byte[] arrayStart(int elementTypeId, long length) {
        return little(12).putInt(elementTypeId).putLong(length).array();
    }

    /** The header with its padding: where the data starts. */
    public byte[] header() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(magic);
        out.writeBytes(little(4).putInt(version).array());
        long keys = (long) values.size() + repeatedKeys.size();
        out.writeBytes(little(8)
                .putLong(claimedTensors == null ? tensors.size() : claimedTensors)
                .array());
        out.writeBytes(
                little(8).putLong(claimedKeys == null ? keys : claimedKeys).array());
        values.forEach((key, value) -> writeKey(out, key, value));
        repeatedKeys.forEach(key -> writeKey(out, key, values.get(key)));
        long offset = 0;
        for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
            Tensor tensor = each.getValue();
            Entry entry = new Entry(each.getKey(), tensor.shape(), tensor.type().ggmlId(), offset);
            writeEntry(
                    out,
                    edits.getOrDefault(each.getKey(), UnaryOperator.identity()).apply(entry));
            offset = alignUp(offset + bytes(tensor));
        }
        out.writeBytes(new byte[(int) (alignUp(out.size()) - out.size())]);
        return out.toByteArray();
    }

    /** Replaces the file where there is one. */
    public void write(Path file) {
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole file in memory; for small ones. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writeTo(Channels.newChannel(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void writeTo(WritableByteChannel out) throws IOException {
        writeFully(out, ByteBuffer.wrap(header()));
        for (Tensor tensor : tensors.values()) {
            tensor.data().writeTo(out);
            long size = bytes(tensor);
            writeFully(out, ByteBuffer.allocate((int) (alignUp(size) - size)));
        }
    }

    static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static void writeKey(ByteArrayOutputStream out, String key, Value value) {
        out.writeBytes(stringBytes(key));
        out.writeBytes(little(4).putInt(value.type()).array());
        out.writeBytes(value.bytes());
    }

    private static void writeEntry(ByteArrayOutputStream out, Entry entry) {
        out.writeBytes(stringBytes(entry.name()));
        ByteBuffer rest = little(4 + 8 * entry.shape().length + 4 + 8).putInt(entry.shape().length);
        for (long dimension : entry.shape()) {
            rest.putLong(dimension);
        }
        out.writeBytes(rest.putInt(entry.typeId()).putLong(entry.offset()).array());
    }

    private static long bytes(Tensor tensor) {
        long elements = 1;
        for (long dimension : tensor.shape()) {
            elements *= dimension;
        }
        return tensor.type().bytes(elements);
    }

    private long alignUp(long position) {
        return (position + alignment - 1) / alignment * alignment;
    }

    private GgufWriter value(String key, int typeId, ByteBuffer bytes) {
        return raw(key, typeId, bytes.array());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
