package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every damaged file ends in one {@link ModelFormatException} of one line with the file's name in it, soon and without
 * allocating what the file claims to need.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DamagedFilesTest {
    /** The files have about 340 kB. */
    private static final long MAX_ALLOCATED_BYTES = 64L << 20;

    private static final int FLIP_ROUNDS = 2000;

    private static final long[] ABSURD_COUNTS = {1L << 60, -1, Long.MIN_VALUE, 1L << 31, 1L << 32, 65537, 1000};

    @TempDir
    Path folder;

    private final Map<String, byte[]> damaged = new LinkedHashMap<>();

    @Test
    void truncatedFiles() throws IOException {
        byte[] whole = RandomModel.tiny().writer().toBytes();
        int header = RandomModel.tiny().writer().header().length;
        for (int size = 0; size < whole.length; size = nextSize(size, header)) {
            damaged.put("cut to " + size, Arrays.copyOf(whole, size));
        }
        damaged.put("cut by 1", Arrays.copyOf(whole, whole.length - 1));
        checkAll(200);
    }

    /** Each of the first bytes, then through the header in steps, then coarsely through the data. */
    private static int nextSize(int size, int header) {
        return size < 64 ? size + 1 : size < header ? size + 97 : size + 4001;
    }

    @Test
    void wrongCounts() throws IOException {
        for (long count : ABSURD_COUNTS) {
            put("tensors " + count, writer -> writer.claimTensors(count));
            put("keys " + count, writer -> writer.claimKeys(count));
            for (int type : new int[] {0, 3, 4, 6, 7, 8, 10, 12}) {
                String name = "array of type " + type + ", length " + count;
                put(name, writer -> writer.raw("general.list", 9, GgufWriter.arrayStart(type, count)));
            }
            byte[] length = ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(count < 0 || count > 2000 ? count : 1L << 20)
                    .array();
            put("string length " + count, writer -> writer.raw("general.name", 8, length));
        }
        int tensors = RandomModel.tiny().writer().tensorNames().size();
        put("one tensor more", writer -> writer.claimTensors(tensors + 1));
        put("one tensor less", writer -> writer.claimTensors(tensors - 1));
        put("no tensor", writer -> writer.claimTensors(0));
        for (int keys : new int[] {0, 1, 13, 22, 24}) {
            put("keys " + keys, writer -> writer.claimKeys(keys));
        }
        checkAll(85);
    }

    @Test
    void wrongKeysAndValues() throws IOException {
        put("nested array", writer -> writer.raw("general.list", 9, GgufWriter.arrayStart(9, 1)));
        for (int type : new int[] {13, -1, 1 << 30}) {
            put("value type " + type, writer -> writer.raw("general.name", type, new byte[8]));
            put("element type " + type, writer -> writer.raw("general.x", 9, GgufWriter.arrayStart(type, 1)));
        }
        put("boolean of 2", writer -> writer.raw("tokenizer.ggml.add_bos_token", 7, new byte[] {2}));
        put("no UTF-8", writer -> writer.raw("general.name", 8, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff}));
        put("key twice", writer -> writer.repeatKey("general.name"));
        put("empty key", writer -> writer.u32("", 1));
        put("key of 70000 bytes", writer -> writer.u32("k".repeat(70000), 1));
        put("string of 2 MB", writer -> writer.string("general.name", "x".repeat(2 << 20)));
        for (long alignment : new long[] {0, 1, 4, 24, 33, 1 << 21, 1L << 31, -1}) {
            put("alignment " + alignment, writer -> writer.u32("general.alignment", alignment));
        }
        put("alignment as text", writer -> writer.string("general.alignment", "32"));
        checkAll(20);
    }

    @Test
    void wrongTensors() throws IOException {
        for (String name : List.of("token_embd.weight", "blk.1.ffn_down.weight", "output_norm.weight")) {
            for (int type : new int[] {3, 6, 7, 9, 10, 12, 14, 20, 24, 28, 31, 39, 99, -1, Integer.MIN_VALUE}) {
                edit(name + " of type " + type, name, entry -> entry.withTypeId(type));
            }
            for (long offset :
                    new long[] {1, 16, 31, 1 << 30, 1L << 40, 1L << 62, -32, Long.MIN_VALUE, Long.MAX_VALUE}) {
                edit(name + " at " + offset, name, entry -> entry.withOffset(offset));
            }
            for (long absurd : new long[] {0, -1, 1L << 31, 1L << 61, Long.MAX_VALUE, Long.MIN_VALUE}) {
                edit(name + " of columns " + absurd, name, entry -> entry.withShape(absurd));
                edit(name + " of rows " + absurd, name, entry -> entry.withShape(64, absurd));
                edit(name + " deep " + absurd, name, entry -> entry.withShape(absurd, absurd, absurd, absurd));
            }
            edit(name + " of no dimension", name, entry -> entry.withShape());
            edit(name + " of 5 dimensions", name, entry -> entry.withShape(1, 1, 1, 1, 1));
            edit(name + " of 1000 dimensions", name, entry -> entry.withShape(new long[1000]));
            edit(name + " turned", name, entry -> entry.withShape(turned(entry.shape())));
            edit(name + " with an empty name", name, entry -> entry.withName(""));
            edit(name + " with another name", name, entry -> entry.withName("rope_freqs.weight"));
            edit(name + " with a long name", name, entry -> entry.withName("n".repeat(1000)));
            edit(name + " with a name of two lines", name, entry -> entry.withName("a\nb\u2028c"));
            edit(name + " with another's name", name, entry -> entry.withName("blk.0.attn_q.weight"));
        }
        for (String name : RandomModel.tiny().writer().tensorNames()) {
            put("without " + name, writer -> writer.withoutTensor(name));
        }
        edit("overlap in part", "blk.0.attn_q.weight", entry -> entry.withOffset(entry.offset() - 32));
        edit("overlap by the same place", "blk.0.attn_q.weight", entry -> entry.withOffset(0));
        put(
                "type too large for its place",
                RandomModel.tiny()
                        .type(TensorType.Q8_0)
                        .writer()
                        .edit("blk.0.attn_k.weight", entry -> entry.withTypeId(TensorType.F16.ggmlId())));
        edit("vocabulary", "token_embd.weight", entry -> entry.withShape(64, 321));
        edit(
                "Q8_0 row of 33",
                "blk.0.ffn_down.weight",
                entry -> entry.withShape(33, 32).withTypeId(8));
        checkAll(150);
    }

    private static long[] turned(long[] shape) {
        return shape.length == 2 ? new long[] {shape[1], shape[0]} : new long[] {1, shape[0]};
    }

    @Test
    void wrongModels() throws IOException {
        for (String key : List.of(
                "vocab_size",
                "context_length",
                "embedding_length",
                "block_count",
                "feed_forward_length",
                "rope.dimension_count",
                "attention.head_count",
                "attention.head_count_kv")) {
            for (long value : new long[] {0, 7, 0xffffffffL}) {
                if (!key.equals("context_length") || value != 7) {
                    put(key + "=" + value, writer -> writer.u32("llama." + key, value));
                }
            }
            put(key + " of 2^63", writer -> writer.u64("llama." + key, Long.MIN_VALUE));
            put(key + " as text", writer -> writer.string("llama." + key, "64"));
            put(key + " as array", writer -> writer.integers("llama." + key, 64, 64));
        }
        for (String key : List.of("rope.freq_base", "attention.layer_norm_rms_epsilon", "rope.scaling.factor")) {
            for (float value : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
                put(key + "=" + value, writer -> writer.f32("llama." + key, value));
            }
            put(key + " as integer", writer -> writer.u32("llama." + key, 1));
        }
        for (String key : List.of(
                "general.architecture",
                "llama.embedding_length",
                "llama.block_count",
                "llama.context_length",
                "llama.feed_forward_length",
                "llama.attention.head_count",
                "llama.attention.layer_norm_rms_epsilon")) {
            put("without " + key, writer -> writer.without(key));
        }
        put("architecture gpt2", writer -> writer.string("general.architecture", "gpt2"));
        put("one part of three", writer -> writer.u32("split.count", 3));
        put("experts", writer -> writer.u32("llama.expert_count", 8));
        put("RoPE scaling yarn", writer -> writer.string("llama.rope.scaling.type", "yarn"));
        put("unknown key", writer -> writer.f32("llama.attention.clamp_kqv", 8));
        put("value length", writer -> writer.u32("llama.attention.value_length", 16));
        put("odd head size", writer -> writer.u32("llama.attention.key_length", 7));
        put("absurd head size", writer -> writer.u32("llama.attention.key_length", 1 << 18));
        put("tokens", writer -> writer.strings("tokenizer.ggml.tokens", List.of("a", "b")));
        put("scores", writer -> writer.floats("tokenizer.ggml.scores", 1, 2, 3));
        put("token types", writer -> writer.integers("tokenizer.ggml.token_type", 1, 2, 3));
        for (String name : List.of("blk.0.attn_q.bias", "rope_freqs.weight", "blk.2.attn_q.weight", "other")) {
            put(
                    "with " + name,
                    writer -> writer.tensor(
                            name,
                            TensorType.F32,
                            new long[] {8},
                            out -> GgufWriter.writeFully(out, ByteBuffer.allocate(32))));
        }
        checkAll(75);
    }

    @Test
    void otherFiles() throws IOException {
        for (String start : List.of(
                "FUGG",
                "lmgg",
                "fmgg",
                "tjgg",
                "PK\3\4",
                "\u0080\2",
                "24ka",
                "<html>",
                "{\"a\":1}",
                "version https://git-lfs.github.com/spec/v1",
                "\n\16\n\5<unk>\25",
                "GGU",
                "\0\0\0\0",
                "x",
                "\20\0\0\0\0\0\0\0{\"a\":0}")) {
            put("magic " + start, writer -> writer.magic(start));
        }
        for (int version : new int[] {0, 1, 4, -1, 1 << 24, 2 << 24, 3 << 24}) {
            put("version " + version, writer -> writer.version(version));
        }
        checkAll(22);
    }

    /** Some flips are harmless, in a score or a name; all others must end as above. */
    @Test
    void flippedBytes() throws IOException {
        long seed = 20250101;
        Random random = new Random(seed);
        byte[] header = RandomModel.tiny().writer().header();
        Path path = RandomModel.tiny().write(folder.resolve("flipped.gguf"));
        int refused = 0;
        for (int round = 0; round < FLIP_ROUNDS; round++) {
            byte[] bytes = header.clone();
            List<Integer> places = new ArrayList<>();
            for (int i = 0; i <= round % 3; i++) {
                int place = random.nextInt(header.length);
                places.add(place);
                bytes[place] = (byte) (round % 2 == 0 ? random.nextInt() : bytes[place] ^ 1 << random.nextInt(8));
            }
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                GgufWriter.writeFully(channel, ByteBuffer.wrap(bytes));
            }
            String damage = "seed " + seed + ", round " + round + ", bytes at " + places;
            refused += refusal(path, damage).isPresent() ? 1 : 0;
        }
        assertThat(refused).isBetween(FLIP_ROUNDS / 4, FLIP_ROUNDS * 99 / 100);
    }

    private void put(String name, Consumer<GgufWriter> damage) {
        GgufWriter writer = RandomModel.tiny().writer();
        damage.accept(writer);
        put(name, writer);
    }

    private void put(String name, GgufWriter writer) {
        assertThat(damaged.put(name, writer.toBytes()))
                .as("damage twice: " + name)
                .isNull();
    }

    private void edit(String name, String tensor, UnaryOperator<GgufWriter.Entry> edit) {
        put(name, writer -> writer.edit(tensor, edit));
    }

    private void checkAll(int atLeast) throws IOException {
        assertThat(damaged.keySet()).hasSizeGreaterThanOrEqualTo(atLeast);
        Path path = folder.resolve("damaged.gguf");
        for (Map.Entry<String, byte[]> each : damaged.entrySet()) {
            Files.write(path, each.getValue());
            assertThat(refusal(path, each.getKey())).as(each.getKey()).isPresent();
        }
    }

    /** Loads the file as a model: its one line of refusal, or empty if it loads. */
    private static Optional<String> refusal(Path path, String damage) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        String message = null;
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(path, arena);
            GgufLlama.tensors(file, GgufLlama.config(file));
        } catch (ModelFormatException e) {
            message = e.getMessage();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(damage + ": expected a ModelFormatException", e);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as(damage + ": bytes allocated").isLessThan(MAX_ALLOCATED_BYTES);
        if (message != null) {
            assertThat(message).as(damage).contains(path.getFileName().toString());
            assertThat(message.lines()).as(damage).hasSize(1);
            assertThat(message.length()).as(damage).isLessThan(500);
        }
        return Optional.ofNullable(message);
    }
}
