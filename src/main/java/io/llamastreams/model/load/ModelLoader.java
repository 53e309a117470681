package io.llamastreams.model.load;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.LlamaWeights;
import io.llamastreams.tensor.kernel.WeightMatrix;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads a model file: checks everything, and lays the weights out for products and lets go of the file, or maps them. Any
 * thread; works with the threads of the pool handed in.
 */
public final class ModelLoader {

    /** Hears how far a load has come; on the loading thread. */
    @FunctionalInterface
    public interface Progress {
        Progress NONE = (done, total) -> {};

        void at(long bytesDone, long bytesTotal);
    }

    /** Hears what kind of model it will be, when the header has been checked and before weights are read; loading thread. */
    @FunctionalInterface
    public interface Header {
        Header NOT_WANTED = (config, types) -> {};

        /** @param types number formats of the matrices */
        void read(LlamaConfig config, Set<TensorType> types);
    }

    /**
     * A model and what else its file says.
     *
     * @param metadata the file's keys, the vocabulary among them
     * @param file the file itself, also where a folder was given
     * @param digest SHA-256 of the very bytes that were loaded, also where the file was replaced meanwhile; 64 digits
     */
    public record LoadedModel(LlamaModel model, GgufMetadata metadata, Path file, String digest) {}

    private final GgufFile gguf;
    private final MatrixReader reader;
    private final Arena lasting;
    private final WeightStorage storage;
    private final Progress progress;

    private ModelLoader(GgufFile gguf, MatrixReader reader, Arena lasting, WeightStorage storage, Progress progress) {
        this.gguf = gguf;
        this.reader = reader;
        this.lasting = lasting;
        this.storage = storage;
        this.progress = progress;
    }

    /**
     * Loads a model, {@link WeightStorage#PACKED}.
     *
     * @param path a GGUF file, or a folder with exactly one in it
     * @throws ModelFormatException if there is none, or it is damaged or of a kind that this program does not know
     */
    public static LoadedModel load(Path path, WorkerPool pool, Progress progress) {
        return load(path, WeightStorage.PACKED, pool, progress);
    }

    /** As {@link #load(Path, WorkerPool, Progress)}, with a choice where the weights are to lie. */
    public static LoadedModel load(Path path, WeightStorage storage, WorkerPool pool, Progress progress) {
        return load(path, storage, pool, Header.NOT_WANTED, progress);
    }

    /** As {@link #load(Path, WeightStorage, WorkerPool, Progress)}, for somebody who has to prepare for the model. */
    public static LoadedModel load(
            Path path, WeightStorage storage, WorkerPool pool, Header header, Progress progress) {
        Path file = find(path);
        GgufMetadata[] metadata = new GgufMetadata[1];
        try (FileChannel channel = GgufFile.open(file)) {
            LlamaModel model = LlamaModel.read((Arena passing, Arena lasting) -> {
                Arena mapping = switch (storage) {
                    case PACKED -> passing;
                    case MAPPED -> lasting;
                };
                GgufFile gguf = GgufFile.read(file, channel, mapping);
                metadata[0] = gguf.metadata();
                MatrixReader reader = new MatrixReader(file, channel, pool, passing);
                return new ModelLoader(gguf, reader, lasting, storage, progress).contents(header);
            });
            boolean digested = false;
            try {
                // Behind the weights, which have brought the file into the system's cache.
                LoadedModel loaded = new LoadedModel(model, metadata[0], file, FileDigest.of(channel));
                digested = true;
                return loaded;
            } finally {
                if (!digested) {
                    model.close();
                }
            }
        } catch (IOException e) {
            throw GgufFile.unreadable(file, e);
        }
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

    private LlamaModel.Contents contents(Header header) {
        LlamaConfig config = GgufLlama.config(gguf);
        LlamaTensors tensors = GgufLlama.tensors(gguf, config);
        Set<TensorType> types = EnumSet.noneOf(TensorType.class);
        tensors.matrices().forEach(tensor -> types.add(tensor.type()));
        header.read(config, types);
        IdentityHashMap<GgufTensor, WeightMatrix> matrices = read(tensors.matrices());
        List<LlamaWeights.Layer> layers = new ArrayList<>();
        for (LlamaTensors.Layer layer : tensors.layers()) {
            layers.add(new LlamaWeights.Layer(
                    layer.attentionNorm().toFloats(),
                    matrices.get(layer.query()),
                    matrices.get(layer.key()),
                    matrices.get(layer.value()),
                    matrices.get(layer.attentionOutput()),
                    layer.feedForwardNorm().toFloats(),
                    matrices.get(layer.gate()),
                    matrices.get(layer.up()),
                    matrices.get(layer.down())));
        }
        return new LlamaModel.Contents(
                config,
                new LlamaWeights(
                        matrices.get(tensors.tokenEmbedding()),
                        layers,
                        tensors.outputNorm().toFloats(),
                        matrices.get(tensors.output())));
    }

    /** In the file's order, whatever that is, since disks and the system's reading ahead like it best. */
    private IdentityHashMap<GgufTensor, WeightMatrix> read(List<GgufTensor> tensors) {
        List<GgufTensor> inOrder = new ArrayList<>(tensors);
        inOrder.sort(Comparator.comparingLong(GgufTensor::fileOffset));
        long total = 0;
        for (GgufTensor tensor : inOrder) {
            total += tensor.data().byteSize();
        }
        SegmentAllocator memory = switch (storage) {
            case PACKED -> MatrixReader.memoryFor(inOrder, lasting);
            case MAPPED -> lasting;
        };
        IdentityHashMap<GgufTensor, WeightMatrix> matrices = new IdentityHashMap<>();
        long done = 0;
        for (GgufTensor tensor : inOrder) {
            matrices.put(
                    tensor,
                    switch (storage) {
                        case PACKED -> reader.packed(tensor, memory);
                        case MAPPED -> reader.mapped(tensor);
                    });
            done += tensor.data().byteSize();
            progress.at(done, total);
        }
        return matrices;
    }
}
