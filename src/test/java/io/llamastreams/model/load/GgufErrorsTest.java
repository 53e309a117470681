package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the messages say, word for word, where a user will meet them. */
class GgufErrorsTest {
    @TempDir
    Path folder;

    @Test
    void missingFile() {
        expect(folder.resolve("none.gguf"), "no such file or folder");
    }

    @Test
    void folder() {
        expect(folder, "expected a file, found a directory");
    }

    @Test
    void device() {
        Path device = Path.of("/dev/zero");
        Assumptions.assumeTrue(Files.exists(device), "needs /dev/zero");
        expect(device, "expected a regular file, found a device or pipe");
    }

    @Test
    void emptyFile() throws IOException {
        expect(Files.createFile(folder.resolve("model.gguf")), "file: expected a GGUF header, found an empty file");
    }

    @Test
    void safetensors() throws IOException {
        byte[] bytes = new byte[100];
        bytes[0] = 92;
        bytes[8] = '{';
        expect(
                Files.write(folder.resolve("model.safetensors"), bytes),
                "file: expected a GGUF model, found what looks like safetensors");
    }

    @Test
    void bigEndian() {
        expect(
                writer -> writer.version(3 << 24),
                "byte order: expected a little-endian file, found big-endian GGUF version 3");
    }

    @Test
    void unsupportedType() {
        expect(
                writer -> writer.edit("blk.1.attn_v.weight", entry -> entry.withTypeId(14)),
                "tensor blk.1.attn_v.weight: expected a type of [F32, F16, Q4_0, Q8_0, BF16], found type 14"
                        + " (Q6_K, which llama-quantize --pure leaves out)");
    }

    @Test
    void wrongShape() {
        expect(
                writer -> writer.edit("blk.1.attn_v.weight", entry -> entry.withShape(32, 64)),
                "tensor blk.1.attn_v.weight: expected [64, 32], found [32, 64]");
    }

    @Test
    void missingTensor() {
        expect(
                writer -> writer.withoutTensor("blk.1.attn_v.weight"),
                "tensor blk.1.attn_v.weight: expected [64, 32], found no such tensor");
    }

    @Test
    void tensorThatIsNotKnown() {
        expect(
                writer -> writer.tensor(
                        "blk.1.attn_q.bias",
                        TensorType.F32,
                        new long[] {64},
                        out -> GgufWriter.writeFully(out, ByteBuffer.allocate(256))),
                "tensor blk.1.attn_q.bias: expected no tensor of this name in a Llama 2 model of 2 layers,"
                        + " found F32 [64]");
    }

    @Test
    void quantisedNorm() {
        expect(
                writer -> writer.tensor(
                        "output_norm.weight",
                        TensorType.Q8_0,
                        new long[] {64},
                        out -> GgufWriter.writeFully(out, ByteBuffer.allocate(68))),
                "tensor output_norm.weight: expected [F32, F16, BF16], found Q8_0");
    }

    @Test
    void absurdVocabulary() {
        // Rows of 8 bytes keep the file small; the tokens are counted before the width is looked at.
        expect(
                writer -> writer.without("llama.vocab_size")
                        .tensor(
                                "token_embd.weight",
                                TensorType.F16,
                                new long[] {4, 1L << 21},
                                out -> GgufWriter.writeFully(out, ByteBuffer.allocate(1 << 24))),
                "tensor token_embd.weight: expected at most 1048576 tokens, found 2097152");
    }

    @Test
    void foreignNamesStayInOneLineAndShort() {
        String name = "a\nb\u2028" + "c".repeat(200);
        expect(
                writer -> writer.edit(
                        "blk.0.attn_q.weight", entry -> entry.withName(name).withTypeId(99)),
                "tensor a\\u000Ab\\u2028" + "c".repeat(76)
                        + "...: expected a type of [F32, F16, Q4_0, Q8_0, BF16], found type 99");
    }

    /** Unlike the rest this is no damage: F16 norms, 64-bit counts and other integer widths are as good. */
    @Test
    void acceptsOtherWidths() {
        Path path = folder.resolve("model.gguf");
        RandomModel.tiny()
                .writer()
                .u64("llama.embedding_length", 64)
                .i32("llama.attention.head_count", 8)
                .f64("llama.rope.freq_base", 10000)
                .raw("llama.attention.head_count_kv", 0, new byte[] {4})
                .tensor(
                        "output_norm.weight",
                        TensorType.F16,
                        new long[] {64},
                        out -> GgufWriter.writeFully(out, ByteBuffer.allocate(128)))
                .alignment(64)
                .write(path);
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(path, arena);
            assertThat(GgufLlama.config(file)).isEqualTo(RandomModel.tiny().config());
            assertThat(GgufLlama.tensors(file, RandomModel.tiny().config())
                            .outputNorm()
                            .toFloats())
                    .containsOnly(0f);
        }
    }

    @Test
    void readsLinearRopeScaling() {
        assertThat(ropeScale(writer -> writer.f32("llama.rope.scaling.factor", 4)))
                .isEqualTo(4f);
        assertThat(ropeScale(writer -> writer.f32("llama.rope.scale_linear", 2)))
                .isEqualTo(2f);
        assertThat(ropeScale(
                        writer -> writer.f32("llama.rope.scaling.factor", 4).string("llama.rope.scaling.type", "none")))
                .isEqualTo(1f);
    }

    private float ropeScale(UnaryOperator<GgufWriter> change) {
        Path path = folder.resolve("model.gguf");
        change.apply(RandomModel.tiny().writer()).write(path);
        try (Arena arena = Arena.ofConfined()) {
            return GgufLlama.config(GgufFile.read(path, arena)).ropeScale();
        }
    }

    private void expect(UnaryOperator<GgufWriter> damage, String problem) {
        Path path = folder.resolve("model.gguf");
        damage.apply(RandomModel.tiny().writer()).write(path);
        expect(path, problem);
    }

    private static void expect(Path path, String problem) {
        assertThatThrownBy(() -> load(path))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(path + ": " + problem);
    }

    private static void load(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(path, arena);
            GgufLlama.tensors(file, GgufLlama.config(file));
        }
    }
}
