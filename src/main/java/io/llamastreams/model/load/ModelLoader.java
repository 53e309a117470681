package io.llamastreams.model.load;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.LlamaWeights;
import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads a model file into memory: checks everything, lays the weights out for products, and lets go of the file. Any thread;
 * works with the threads of the pool handed in.
 */
public final class ModelLoader {

    /** Hears how far a load has come; on the loading thread. */
    @FunctionalInterface
    public interface Progress {
        Progress NONE = (done, total) -> {};

        void at(long bytesDone, long bytesTotal);
    }

    /**
     * A model and what else its file says.
     *
     * @param metadata the file's keys, the vocabulary among them
     * @param file the file itself, also where a folder was given
     */
    public record LoadedModel(LlamaModel model, GgufMetadata metadata, Path file) {}

    private final GgufFile gguf;
    private final SegmentAllocator memory;
    private final WorkerPool pool;
    private final Progress progress;
    private final long totalBytes;
    private long doneBytes;

    private ModelLoader(GgufFile gguf, SegmentAllocator memory, WorkerPool pool, Progress progress) {
        this.gguf = gguf;
        this.memory = memory;
        this.pool = pool;
        this.progress = progress;
        long bytes = 0;
        for (GgufTensor tensor : gguf.tensors()) {
            bytes += tensor.data().byteSize();
        }
        totalBytes = bytes;
    }

    /**
     * Loads a model.
     *
     * @param path a GGUF file, or a folder with exactly one in it
     * @throws ModelFormatException if there is none, or it is damaged or of a kind that this program does not know
     */
    public static LoadedModel load(Path path, WorkerPool pool, Progress progress) {
        Path file = find(path);
        GgufMetadata[] metadata = new GgufMetadata[1];
        LlamaModel model = LlamaModel.read((Arena mapping, SegmentAllocator memory) -> {
            GgufFile gguf = GgufFile.read(file, mapping);
            metadata[0] = gguf.metadata();
            return new ModelLoader(gguf, memory, pool, progress).contents();
        });
        return new LoadedModel(model, metadata[0], file);
    }

    /**
     * Lets somebody look into a model's file without loading it.
     *
     * @param path a GGUF file, or a folder with exactly one in it
     * @param reader what it returns must not hold on to tensors' data
     * @throws ModelFormatException if there is none, or its header is damaged
     */
    public static <T> T look(Path path, Function<GgufFile, T> reader) {
        Path file = find(path);
        return LlamaModel.look(mapping -> reader.apply(GgufFile.read(file, mapping)));
    }

    /**
     * The model file that a path names.
     *
     * @throws ModelFormatException if the path is a folder without exactly one GGUF file
     */
    public static Path find(Path path) {
        if (!Files.isDirectory(path)) {
            return path;
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<Path> files = entries.filter(
                            entry -> entry.getFileName().toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
            if (files.size() != 1) {
                throw ModelFormatException.expected(
                        path, "folder", "exactly one file with the ending .gguf", files.size());
            }
            return files.getFirst();
        } catch (IOException e) {
            throw new ModelFormatException(path, "cannot be listed: " + e, e);
        }
    }

    private LlamaModel.Contents contents() {
        LlamaConfig config = GgufLlama.config(gguf);
        LlamaTensors tensors = GgufLlama.tensors(gguf, config);
        PanelMatrix embedding = matrix(tensors.tokenEmbedding());
        List<LlamaWeights.Layer> layers = new ArrayList<>();
        for (LlamaTensors.Layer layer : tensors.layers()) {
            layers.add(new LlamaWeights.Layer(
                    layer.attentionNorm().toFloats(),
                    matrix(layer.query()),
                    matrix(layer.key()),
                    matrix(layer.value()),
                    matrix(layer.attentionOutput()),
                    layer.feedForwardNorm().toFloats(),
                    matrix(layer.gate()),
                    matrix(layer.up()),
                    matrix(layer.down())));
        }
        PanelMatrix output = tensors.tiedOutput() ? embedding : matrix(tensors.output());
        return new LlamaModel.Contents(
                config, new LlamaWeights(embedding, layers, tensors.outputNorm().toFloats(), output));
    }

    private PanelMatrix matrix(GgufTensor tensor) {
        PanelMatrix matrix = new PanelMatrix(
                tensor.type(), Math.toIntExact(tensor.rows()), Math.toIntExact(tensor.columns()), memory);
        try {
            pool.run((thread, from, to) -> matrix.packPanels(tensor.data(), from, to), matrix.panels());
        } catch (IllegalStateException | IllegalArgumentException | InternalError e) {
            // A worker's exception comes wrapped. InternalError: mapped bytes that are no longer there.
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String problem =
                    cause instanceof InternalError ? "the file became shorter while it was read" : cause.getMessage();
            throw new ModelFormatException(
                    gguf.path(), "tensor " + ModelFormatException.quote(tensor.name()) + ": " + problem, e);
        }
        doneBytes += tensor.data().byteSize();
        progress.at(doneBytes, totalBytes);
        return matrix;
    }
}
