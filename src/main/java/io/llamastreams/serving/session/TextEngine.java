package io.llamastreams.serving.session;

import io.llamastreams.engine.Engine;
import io.llamastreams.engine.EngineLoop;
import io.llamastreams.engine.EngineStatus;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.LlamaForward;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.WarmUp;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.serving.ModelDigests;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.chat.ChatFormat;
import io.llamastreams.serving.chat.ChatFormats;
import io.llamastreams.serving.request.PromptReader;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.PhysicalCores;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.Vocabulary;
import io.llamastreams.tokenizer.VocabularyDigest;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model, its tokenizer and its running engine. Any thread opens sessions; one closes it.
 *
 * <pre>
 *   sessions -> engine thread -> forward pass (KV pool, workspace) -> worker threads -> weights
 * </pre>
 *
 * Opened from right to left, closed from left to right: nothing is taken away that somebody may still read.
 */
public final class TextEngine implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TextEngine.class);
    private static final String MODEL_ENDING = ".gguf";

    /** Before the weights are read, during which the JVM compiles what it has seen. */
    private static final long MAX_WARM_UP_NANOS = 200_000_000;

    private final String modelName;
    private final Tokenizer tokenizer;
    private final LlamaModel model;
    private final WorkerPool workers;
    private final LlamaForward forward;
    private final EngineLoop loop;
    private final PromptReader reader;
    private final LongSupplier nanoClock;
    private final String kernelName;
    private final KvType kvType;
    private final long kvBytes;
    private final ModelDigests digests;
    private boolean closed;

    /** What has been opened so far, so that a failure half-way leaves nothing open. */
    private static final class Parts {
        private WorkerPool workers;
        private ModelLoader.LoadedModel loaded;
        private LlamaForward forward;

        void close() {
            if (forward != null) {
                forward.close();
            }
            if (workers != null) {
                workers.close();
            }
            if (loaded != null) {
                loaded.model().close();
            }
        }
    }

    private TextEngine(
            Parts parts,
            Tokenizer tokenizer,
            Kernels kernels,
            MemoryPlan plan,
            EngineLoop loop,
            PromptReader reader,
            ModelDigests digests,
            LongSupplier nanoClock) {
        modelName = nameOf(parts.loaded.file());
        this.tokenizer = tokenizer;
        model = parts.loaded.model();
        workers = parts.workers;
        forward = parts.forward;
        this.loop = loop;
        kernelName = kernels.name();
        kvType = plan.limits().kvType();
        kvBytes = plan.kvBytes();
        this.reader = reader;
        this.digests = digests;
        this.nanoClock = nanoClock;
    }

    /**
     * Loads a model and starts its engine.
     *
     * @param path a GGUF file, or a folder with one
     * @param nanoClock for statistics and deadlines; called by any thread
     * @throws io.llamastreams.model.load.ModelFormatException if the model cannot be used
     * @throws io.llamastreams.tokenizer.TokenizerFormatException if a {@code tokenizer.model} beside it cannot be used
     * @throws EngineSettingsException if the settings do not fit the model or the machine
     */
    public static TextEngine open(Path path, EngineSettings settings, LongSupplier nanoClock) {
        return open(path, settings, nanoClock, ModelLoader.Progress.NONE);
    }

    /**
     * As {@link #open(Path, EngineSettings, LongSupplier)}.
     *
     * @param progress hears on this thread how much of the file was read
     */
    public static TextEngine open(
            Path path, EngineSettings settings, LongSupplier nanoClock, ModelLoader.Progress progress) {
        Parts parts = new Parts();
        boolean complete = false;
        try {
            TextEngine engine = open(parts, path, settings, nanoClock, progress);
            complete = true;
            return engine;
        } finally {
            if (!complete) {
                parts.close();
            }
        }
    }

    private static TextEngine open(
            Parts parts, Path path, EngineSettings settings, LongSupplier nanoClock, ModelLoader.Progress progress) {
        Kernels kernels = kernels(settings.compute().kernels());
        int threads = settings.compute().threads() == 0
                ? PhysicalCores.count()
                : settings.compute().threads();
        parts.workers = new WorkerPool(threads);
        parts.loaded = ModelLoader.load(
                path,
                settings.compute().weights(),
                parts.workers,
                (config, types) -> WarmUp.run(config, types, kernels, parts.workers, nanoClock, MAX_WARM_UP_NANOS),
                progress);
        LlamaConfig config = parts.loaded.model().config();
        Path file = parts.loaded.file();
        Vocabulary vocabulary = ModelVocabulary.of(parts.loaded.metadata(), file, config.vocabularySize());
        Tokenizer tokenizer = new Tokenizer(vocabulary);
        ChatFormat chat = ChatFormats.open(settings.chat(), tokenizer, parts.loaded.metadata(), file);
        MemoryPlan plan = MemoryPlan.of(
                config, settings, availableBytes(settings, parts.loaded.model()), MachineMemory.totalBytes());
        parts.forward = new LlamaForward(parts.loaded.model(), kernels, parts.workers, plan.limits());
        ModelDigests digests = new ModelDigests(
                parts.loaded.digest(),
                VocabularyDigest.of(vocabulary),
                ChatFormats.digest(settings.chat(), parts.loaded.metadata(), file));
        EngineLimits limits = settings.limits();
        Engine engine = new Engine(
                parts.forward,
                kernels,
                parts.workers,
                limits,
                settings.kvCache().sharesPrefixes(),
                nanoClock);
        log.info(
                "model={} sha256={} context={} kernels={} weights={} threads={} kv_type={} kv_bytes={} kv_tokens={}",
                nameOf(file),
                digests.model(),
                config.contextLength(),
                kernels.name(),
                settings.compute().weights().name().toLowerCase(Locale.ROOT),
                threads,
                settings.kvCache().type(),
                plan.kvBytes(),
                plan.kvTokens());
        EngineLoop loop = EngineLoop.start(engine, "llama-engine-" + nameOf(file));
        PromptReader reader = new PromptReader(tokenizer, config.contextLength(), limits, chat);
        return new TextEngine(parts, tokenizer, kernels, plan, loop, reader, digests, nanoClock);
    }

    /** The system counts a mapped file's pages as free, although every step reads them. */
    private static long availableBytes(EngineSettings settings, LlamaModel model) {
        long available = MachineMemory.availableBytes();
        return switch (settings.compute().weights()) {
            case PACKED -> available;
            case MAPPED -> Math.max(0, available - model.weights().bytes());
        };
    }

    /**
     * Opens a session, which belongs to one thread. Close it before the engine, or its prompts end as FAILED.
     *
     * @param clock that deadlines are on
     */
    public TextSession openSession(InstantSource clock) {
        return new TextSession(loop.port(), reader, new EngineClock(nanoClock, clock));
    }

    /** The model file's name without its ending. */
    public String modelName() {
        return modelName;
    }

    public LlamaConfig config() {
        return model.config();
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * Token ids of a prompt that can be served.
     *
     * @throws IllegalArgumentException if it has no form
     */
    public int[] promptIds(PromptInput input) {
        return reader.ids(input);
    }

    /** Kind and width of the arithmetic, such as {@code vector-512}. */
    public String kernelName() {
        return kernelName;
    }

    /** Number format of keys and values. */
    public KvType kvType() {
        return kvType;
    }

    /** What texts are made of here. */
    public ModelDigests digests() {
        return digests;
    }

    /** Version of this program as its jar file says, for the lineage of completions. */
    public static String version() {
        return Optional.ofNullable(TextEngine.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    /** Bytes of the pool of keys and values. */
    public long kvCacheBytes() {
        return kvBytes;
    }

    /** The engine after its last step. */
    public EngineStatus status() {
        return loop.port().status();
    }

    /**
     * Ends the engine after the step it is in and gives all memory back. Prompts in flight end as FAILED. Closing again does
     * nothing.
     *
     * @throws IllegalStateException if a step does not end within ten minutes; its memory then stays
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        loop.close();
        closed = true;
        forward.close();
        workers.close();
        model.close();
    }

    private static Kernels kernels(KernelChoice choice) {
        if (choice.kind() == KernelChoice.Kind.VECTOR && !KernelProvider.vectorApiPresent()) {
            throw new EngineSettingsException(
                    EngineSetting.KERNELS,
                    "scalar, or a JVM started with --add-modules jdk.incubator.vector",
                    "vector");
        }
        return KernelProvider.choose(choice);
    }

    private static String nameOf(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(MODEL_ENDING) ? name.substring(0, name.length() - MODEL_ENDING.length()) : name;
    }
}
