package io.llamastreams.faults;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.session.ComputeSettings;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.KvCacheSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.session.TextSession;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The prompts of a run, and what an engine makes of each when nothing disturbs it.
 *
 * @param prompts in the order in which they are sent; ids are unique
 * @param reference by id
 */
record Workload(List<Prompt> prompts, Map<String, Generation> reference) {

    private static final EngineSettings QUIET = new EngineSettings(
            new ComputeSettings(1, KernelChoice.AUTO, WeightStorage.PACKED),
            new KvCacheSettings(8_000_000, KvType.F32, false),
            new EngineLimits(1, 512, 16, 1L << 20));

    private static final List<String> BEGINNINGS = List.of(
            "Once upon a time",
            "The little dog",
            "Lily and Tom went to the park",
            "One day, a big bear",
            "There was a boy named Tim. He",
            "");

    private static final String SHARED =
            "One day, Lily and her mom went to the market to buy some apples. The man at the"
                    + " market was nice. He gave Lily a red ball, too. Lily was very happy. She said: ";

    /** Makes the prompts, and answers each of them alone on one thread. */
    static Workload of(Path model, int count, long seed) {
        Random random = new Random(seed);
        List<Prompt> prompts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            prompts.add(prompt("f" + seed + "-" + i, random));
        }
        return new Workload(List.copyOf(prompts), Map.copyOf(answers(model, prompts)));
    }

    /**
     * Most are short; some are long, share a beginning, stop at a string, ask for several texts, for the likeliest of some
     * answers or for an embedding, or can never be served.
     */
    private static Prompt prompt(String id, Random random) {
        int kind = random.nextInt(100);
        String beginning = BEGINNINGS.get(random.nextInt(BEGINNINGS.size()));
        double temperature = random.nextBoolean() ? 0 : 0.5 + random.nextDouble();
        Optional<Long> seed = random.nextInt(3) == 0 ? Optional.of(random.nextLong(1L << 50)) : Optional.empty();
        int shortLength = 1 + random.nextInt(40);
        int longLength = 100 + random.nextInt(250);
        String tenant = "tenant-" + random.nextInt(3);
        GenerationOptions brief = GenerationOptions.DEFAULT
                .withMaxNewTokens(shortLength)
                .withSampling(new SamplingOptions(temperature, 0, 0.95, 0, seed))
                .withLogprobs(0);
        GenerationOptions extensive = brief.withMaxNewTokens(longLength);
        if (kind < 45) {
            return prompt(id, beginning, brief, tenant);
        } else if (kind < 60) {
            return prompt(id, beginning, extensive, tenant);
        } else if (kind < 75) {
            return prompt(id, SHARED + beginning, brief, tenant);
        } else if (kind < 85) {
            return prompt(id, beginning, extensive.withStop(List.of(".", " the")), tenant);
        } else if (kind < 90) {
            return prompt(id, beginning, brief.withSamples(new SampleOptions(3, Optional.empty())), tenant);
        } else if (kind < 93) {
            return prompt(id, SHARED, brief.withTask(new Task.Label(List.of("yes", "no", "thank you"))), tenant);
        } else if (kind < 95) {
            return prompt(id, SHARED, brief.withTask(new Task.Embed()), tenant);
        } else if (kind < 98) {
            return prompt(id, beginning, brief.withMaxNewTokens(0), tenant); // one token at least
        }
        return prompt(id, "Once upon a time. ".repeat(200), brief, tenant); // longer than the context
    }

    private static Prompt prompt(String id, String text, GenerationOptions options, String tenant) {
        PromptInput input = new PromptInput.Text(text);
        return new Prompt(id, input, options, 0, Optional.empty(), tenant, Ledger.BATCH_ID, Map.of("of", id));
    }

    private static Map<String, Generation> answers(Path model, List<Prompt> prompts) {
        Map<String, Generation> answers = new HashMap<>();
        try (TextEngine engine = TextEngine.open(model, QUIET, System::nanoTime);
                TextSession session = engine.openSession(InstantSource.system())) {
            for (Prompt prompt : prompts) {
                switch (session.submit(prompt)) {
                    case Submission.Accepted accepted -> {
                        while (session.inFlight() > 0) {
                            session.await(Duration.ofSeconds(1));
                            session.poll(end -> answers.put(end.id(), end), 1000);
                        }
                    }
                    case Submission.Refused refused -> answers.put(prompt.id(), refused.generation());
                    case Submission.Busy busy -> throw new IllegalStateException(busy.reason());
                }
            }
        }
        return answers;
    }
}
