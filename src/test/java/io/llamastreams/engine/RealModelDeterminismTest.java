package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.model.ForwardLimits;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.LlamaForward;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tensor.vector.KernelProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise itself, with real forward passes: what a request gets depends on the model, its tokens and its parameters
 * alone. The same requests alone and among others, in other orders, in chunks, after preemption, with shared prefixes, on
 * other threads and other kernels: equal ids and equal bits of log-probability.
 */
class RealModelDeterminismTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int REQUESTS = 32;
    private static final int ONE_SEQUENCE_BLOCKS = 8;

    @TempDir
    Path folder;

    /** One way of running the requests. */
    private record Way(
            KernelChoice kernels, int threads, int maxBatch, int maxStepTokens, int blocks, boolean prefixCache) {}

    /** What one request got. */
    private record Text(List<Integer> ids, List<Integer> logprobBits) {}

    @Test
    void trainedModelGivesEqualBitsInEveryWay() {
        for (String format : List.of("f32", "q8_0", "q4_0")) {
            checkEveryWay(TinyModel.file(format), KvType.F32);
        }
        checkEveryWay(TinyModel.f32(), KvType.F16);
    }

    @Test
    void randomModelsGiveEqualBitsInEveryWay() {
        LlamaConfig shape = RandomModel.shape(500, 128, 2, 8, 2, 352, 128);
        for (TensorType type : List.of(TensorType.Q8_0, TensorType.Q4_0, TensorType.BF16)) {
            Path file = RandomModel.of(shape).seed(5).type(type).write(folder.resolve(type + ".gguf"));
            for (KvType kvType : KvType.values()) {
                checkEveryWay(file, kvType);
            }
        }
    }

    private void checkEveryWay(Path file, KvType kvType) {
        List<GenerationRequest> requests = requests();
        Map<String, Text> alone = new HashMap<>();
        Way one = new Way(KernelChoice.SCALAR, 1, 1, 64, ONE_SEQUENCE_BLOCKS, false);
        run(file, kvType, one, requests, alone);
        assertThat(alone.values().stream().map(Text::ids).distinct().count())
                .as("texts that differ, or the test would see nothing")
                .isGreaterThan(REQUESTS / 2);
        Random random = new Random(12);
        for (Way way : ways()) {
            List<GenerationRequest> shuffled = new ArrayList<>(requests);
            Collections.shuffle(shuffled, random);
            Map<String, Text> together = new HashMap<>();
            run(file, kvType, way, shuffled, together);
            assertThat(together).as("%s %s %s", file.getFileName(), kvType, way).isEqualTo(alone);
        }
    }

    private static List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        for (KernelChoice kernels : List.of(
                KernelChoice.SCALAR, KernelChoice.vector(128), KernelChoice.vector(256), KernelChoice.vector(512))) {
            ways.add(new Way(kernels, 1, 32, 256, 300, true));
            ways.add(new Way(kernels, 2, 32, 256, 300, false));
        }
        KernelChoice widest = KernelChoice.AUTO;
        ways.add(new Way(widest, 2, 3, 7, 300, true));
        ways.add(new Way(widest, 1, 8, 33, 30, true));
        ways.add(new Way(widest, 2, 32, 64, ONE_SEQUENCE_BLOCKS, true));
        ways.add(new Way(widest, 2, 1, 1, ONE_SEQUENCE_BLOCKS, false));
        return ways;
    }

    /** Prompts of 1 to 60 tokens, half of them with a common beginning; greedy and sampled ones. */
    private static List<GenerationRequest> requests() {
        Random random = new Random(11);
        int[] common = random.ints(24, 3, 500).toArray();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            int[] own = random.ints(1 + random.nextInt(36), 3, 500).toArray();
            int[] prompt = i % 2 == 0 ? own : concatenate(common, own);
            SamplingParams sampling = switch (i % 4) {
                case 0, 1 -> SamplingParams.GREEDY;
                case 2 -> new SamplingParams(1f, 0, 0.9f, 0f, i);
                default -> new SamplingParams(0.7f, 40, 1f, 0.02f, i);
            };
            int newTokens = 1 + random.nextInt(40);
            requests.add(new GenerationRequest(
                    "r" + i, prompt, sampling, newTokens, new int[0], true, i % 3, TokenWatcher.NONE));
        }
        return requests;
    }

    private static int[] concatenate(int[] a, int[] b) {
        int[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static void run(
            Path file, KvType kvType, Way way, List<GenerationRequest> requests, Map<String, Text> texts) {
        Kernels kernels = KernelProvider.choose(way.kernels());
        EngineLimits limits = new EngineLimits(way.maxBatch(), way.maxStepTokens(), 1000, 1_000_000);
        try (WorkerPool pool = new WorkerPool(way.threads());
                LlamaModel model =
                        ModelLoader.load(file, pool, ModelLoader.Progress.NONE).model();
                LlamaForward forward = new LlamaForward(
                        model,
                        kernels,
                        pool,
                        new ForwardLimits(way.maxStepTokens(), way.maxBatch(), way.blocks(), kvType));
                EngineLoop loop = EngineLoop.start(
                        new Engine(forward, kernels, limits, way.prefixCache(), System::nanoTime), "test-engine");
                Outbox outbox = loop.port().openOutbox()) {
            for (GenerationRequest request : requests) {
                assertThat(loop.port().submit(request, outbox)).isInstanceOf(Admission.Accepted.class);
                texts.put(request.id(), new Text(new ArrayList<>(), new ArrayList<>()));
            }
            while (outbox.inFlight() > 0) {
                assertThat(outbox.await(PATIENCE)).as("events in time").isTrue();
                outbox.drain(event -> note(event, texts), 1000);
            }
        }
    }

    private static void note(TokenEvent event, Map<String, Text> texts) {
        switch (event) {
            case TokenEvent.Token token -> {
                texts.get(token.requestId()).ids().add(token.token());
                texts.get(token.requestId()).logprobBits().add(Float.floatToRawIntBits(token.logprob()));
            }
            case TokenEvent.PromptScored scored -> throw new AssertionError("not asked for: " + scored);
            case TokenEvent.Embedded embedded -> throw new AssertionError("not asked for: " + embedded);
            case TokenEvent.Finished finished -> {
                // the tokens are there
            }
            case TokenEvent.Failed failed -> throw new AssertionError(failed.message());
        }
    }
}
