package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.LlamaWeights;
import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.RowMatrix;
import io.llamastreams.tensor.kernel.WeightMatrix;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors of a file as matrices of a model, by both ways. */
class ModelLoaderTest {
    private static final short INFINITE = 0x7c00;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void everyMatrixHasTheNumbersOfItsTensor(TensorType type) {
        Path file = RandomModel.of(RandomModel.shape(333, 96, 3, 6, 2, 160, 64))
                .type(type)
                .ownOutput()
                .write(folder.resolve("m.gguf"));
        for (WeightStorage storage : WeightStorage.values()) {
            for (int threads : new int[] {1, 3}) {
                try (WorkerPool pool = new WorkerPool(threads);
                        LlamaModel model = ModelLoader.load(file, storage, pool, ModelLoader.Progress.NONE)
                                .model();
                        Arena arena = Arena.ofConfined()) {
                    GgufFile gguf = GgufFile.read(file, arena);
                    LlamaWeights weights = model.weights();
                    check(weights.tokenEmbedding(), gguf, "token_embd.weight", storage);
                    check(weights.output(), gguf, "output.weight", storage);
                    for (int i = 0; i < 3; i++) {
                        LlamaWeights.Layer layer = weights.layers().get(i);
                        check(layer.query(), gguf, "blk." + i + ".attn_q.weight", storage);
                        check(layer.key(), gguf, "blk." + i + ".attn_k.weight", storage);
                        check(layer.value(), gguf, "blk." + i + ".attn_v.weight", storage);
                        check(layer.attentionOutput(), gguf, "blk." + i + ".attn_output.weight", storage);
                        check(layer.gate(), gguf, "blk." + i + ".ffn_gate.weight", storage);
                        check(layer.up(), gguf, "blk." + i + ".ffn_up.weight", storage);
                        check(layer.down(), gguf, "blk." + i + ".ffn_down.weight", storage);
                    }
                }
            }
        }
    }

    private static void check(WeightMatrix matrix, GgufFile file, String name, WeightStorage storage) {
        assertThat(matrix).isInstanceOf(storage == WeightStorage.PACKED ? PanelMatrix.class : RowMatrix.class);
        float[] expected = file.tensor(name).orElseThrow().toFloats();
        float[] actual = new float[expected.length];
        for (int row = 0; row < matrix.rows(); row++) {
            matrix.readRow(row, actual, row * matrix.columns());
        }
        assertThat(actual).as("%s, %s", name, storage).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void aScaleThatIsNotFiniteIsNamedByTensorRowAndBlock(WeightStorage storage) {
        Path file = RandomModel.of(RandomModel.shape(320, 64, 2, 8, 4, 160, 128))
                .type(TensorType.Q8_0)
                .write(folder.resolve("m.gguf"));
        // Row 37 of the matrix [64, 160] has 5 blocks of 34 bytes.
        damage(file, "blk.1.ffn_down.weight", (37 * 5 + 3) * 34L);
        for (int threads : new int[] {1, 3}) {
            try (WorkerPool pool = new WorkerPool(threads)) {
                assertThatThrownBy(() -> ModelLoader.load(file, storage, pool, ModelLoader.Progress.NONE))
                        .isInstanceOf(ModelFormatException.class)
                        .hasMessage(file + ": tensor blk.1.ffn_down.weight: row 37, block 3: expected a finite scale,"
                                + " found Infinity");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNumberThatIsNotFiniteIsNamedByTensorRowAndColumn(WeightStorage storage) {
        Path file = RandomModel.tiny().type(TensorType.F16).write(folder.resolve("m.gguf"));
        damage(file, "token_embd.weight", 2L * (319 * 64 + 63));
        try (WorkerPool pool = new WorkerPool(2)) {
            assertThatThrownBy(() -> ModelLoader.load(file, storage, pool, ModelLoader.Progress.NONE))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("tensor token_embd.weight: row 319, column 63: expected a finite number");
        }
    }

    private static void damage(Path file, String tensor, long place) {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long start = GgufFile.read(file, arena).tensor(tensor).orElseThrow().fileOffset();
            ByteBuffer infinite = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(infinite.putShort(0, INFINITE), start + place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void progressGrowsToAllBytesOfTheMatrices(WeightStorage storage) {
        Path file = RandomModel.tiny().ownOutput().write(folder.resolve("m.gguf"));
        List<Long> done = new ArrayList<>();
        List<Long> totals = new ArrayList<>();
        try (WorkerPool pool = new WorkerPool(2);
                LlamaModel model = ModelLoader.load(file, storage, pool, (bytes, total) -> {
                            done.add(bytes);
                            totals.add(total);
                        })
                        .model()) {
            long norms = 4L * 64 * (2 * 2 + 1);
            assertThat(totals.stream().distinct())
                    .containsExactly(model.weights().bytes() - norms);
        }
        assertThat(done).hasSize(2 + 2 * 7).isSorted().doesNotHaveDuplicates();
        assertThat(done.getLast()).isEqualTo(totals.getLast());
    }

    @Test
    void aFileThatBecomesShorterMeanwhileIsAnErrorThatSaysSo() {
        Path file = RandomModel.tiny().write(folder.resolve("m.gguf"));
        try (WorkerPool pool = new WorkerPool(2)) {
            assertThatThrownBy(() -> ModelLoader.load(file, pool, (done, total) -> cut(file)))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("the file became shorter while it was read");
        }
    }

    private static void cut(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() * 2 / 3);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aModelThatIsReadOutlivesItsFile() throws IOException {
        for (WeightStorage storage : WeightStorage.values()) {
            Path file = RandomModel.tiny().write(folder.resolve(storage + ".gguf"));
            try (WorkerPool pool = new WorkerPool(1);
                    LlamaModel model = ModelLoader.load(file, storage, pool, ModelLoader.Progress.NONE)
                            .model()) {
                float[] before = new float[64];
                model.weights().tokenEmbedding().readRow(300, before, 0);
                // As a new file that is renamed over it does.
                RandomModel.tiny().seed(9).write(folder.resolve("new.gguf"));
                Files.move(folder.resolve("new.gguf"), file, StandardCopyOption.REPLACE_EXISTING);
                float[] after = new float[64];
                model.weights().tokenEmbedding().readRow(300, after, 0);
                assertThat(after).isEqualTo(before);
            }
        }
    }
}
