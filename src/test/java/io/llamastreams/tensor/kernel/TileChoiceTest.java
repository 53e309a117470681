package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Which loops run for each type, number of rows and width of vectors: recorded in the running code and compared with a golden
 * file. Each choice was measured; one that changes by accident would cost speed and no bit, which no other test would notice.
 */
class TileChoiceTest {
    private static final int[] WIDTHS = {128, 256, 512};
    private static final int MOST_ROWS = 64;
    private static final int MOST_QUERIES = 20;
    private static final int COLUMNS = 32;

    private final LoopRecorder recorder = new LoopRecorder();

    @Test
    void productsAttentionAndTrainingTakeTheLoopsThatWereMeasured() throws Exception {
        assertThat(String.join("\n", choices())).isEqualTo(String.join("\n", golden()));
    }

    private static List<String> golden() throws IOException {
        try (InputStream in = TileChoiceTest.class.getResourceAsStream("tile-choices.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    /** A line for each stretch of rows with the same loops. */
    List<String> choices() throws ReflectiveOperationException {
        List<String> lines = new ArrayList<>();
        for (int bits : WIDTHS) {
            Kernels kernels = (Kernels) recorder.provide("choose", KernelChoice.vector(bits));
            TrainingKernels training =
                    (TrainingKernels) recorder.provide("chooseForTraining", KernelChoice.vector(bits));
            for (TensorType type : TensorType.values()) {
                add(lines, MOST_ROWS, bits + " bits, " + type, rows -> multiply(kernels, type, rows));
            }
            for (KvType type : KvType.values()) {
                add(
                        lines,
                        MOST_QUERIES,
                        bits + " bits, keys and values of " + type,
                        rows -> attend(kernels, type, rows));
            }
            add(lines, MOST_QUERIES, bits + " bits, training", rows -> train(training, rows));
        }
        return lines;
    }

    private static void add(List<String> lines, int most, String what, IntFunction<String> loops) {
        List<String> found = IntStream.rangeClosed(1, most).mapToObj(loops).toList();
        for (int from = 1, to; from <= most; from = to + 1) {
            to = from;
            while (to < most && found.get(to).equals(found.get(from - 1))) {
                to++;
            }
            lines.add(what + ", " + from + (to > from ? "-" + to : "") + ": " + found.get(from - 1));
        }
    }

    private static String multiply(Kernels kernels, TensorType type, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(type.bytes(COLUMNS), 64);
            BlockFormats.encode(type, new float[COLUMNS], 0, COLUMNS, source, 0);
            PanelMatrix matrix = new PanelMatrix(type, 1, COLUMNS, arena);
            matrix.packPanels(source, 0, 1);
            InputForm form = kernels.inputForm(type, rows);
            PackedInput input = new PackedInput(form, rows, COLUMNS);
            input.prepare(rows, COLUMNS, kernels.tileColumns());
            kernels.pack(new float[rows * COLUMNS], COLUMNS, input, 0, rows);
            LoopRecorder.take();
            kernels.multiply(matrix, input, 0, 1, new float[rows], 1, MultiplyScratch.forRows(rows, arena));
            return form + " " + String.join(" ", LoopRecorder.take());
        }
    }

    private static String attend(Kernels kernels, KvType type, int rows) {
        int headSize = 16;
        try (Arena arena = Arena.ofConfined()) {
            KvLayer kv = new KvLayer(
                    type,
                    arena.allocate(KvLayer.keyBytes(type, 1, headSize) * 5, 64),
                    arena.allocate(KvLayer.valueBytes(type, 1, headSize) * 5, 64),
                    1,
                    headSize);
            AttentionScratch scratch = new AttentionScratch(1, headSize, 80);
            float[] q = new float[rows * headSize];
            LoopRecorder.take();
            kernels.attend(q, q.clone(), 0, headSize, rows, 1, kv, 0, new int[] {0, 1, 2, 3, 4}, 1, scratch);
            return String.join(" ", LoopRecorder.take());
        }
    }

    private static String train(TrainingKernels kernels, int rows) {
        float[] panel = new float[TrainingKernels.PANEL];
        float[] out = new float[rows * TrainingKernels.PANEL];
        LoopRecorder.take();
        kernels.addRowProducts(panel, 0, 1, new float[rows], 0, 1, rows, out, 0, TrainingKernels.PANEL);
        kernels.addColumnProducts(panel, 0, 1, new float[rows], 0, rows, rows, out, 0, TrainingKernels.PANEL);
        return String.join(" ", LoopRecorder.take());
    }
}
