package io.llamastreams.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.llamastreams.model.load.TinyModel;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.session.TextSession;
import io.llamastreams.topology.record.CompletionRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;

/**
 * The service's image against a broker and a schema registry, all in containers: what comes out is what a local engine
 * makes of the same prompts, each once, also when a worker dies.
 */
class WorkersInContainersIT {

    private static final List<String> BEGINNINGS = List.of(
            "Once upon a time", "Lily and Tom went to the park", "The big dog", "\u00c9milie saw a \uD83D\uDC31", "");

    /** 128 and the number of the signal, as a shell counts: the JVM ended in order, and not by SIGKILL after a while. */
    private static final int TERMINATED = 128 + 15;

    private static Path model;
    private static ContainerCluster cluster;

    @BeforeAll
    static void startCluster() {
        assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "needs a Docker engine");
        model = TinyModel.f32();
        try {
            cluster = new ContainerCluster();
        } catch (ContainerFetchException e) {
            abort("needs an image that is neither here nor can be pulled: " + e.getMessage());
        }
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void twoWorkersAnswerEachPromptOnceWithTheLocalEnginesText() {
        List<Prompt> prompts = prompts(60, i -> options(10 + i % 50, i % 2 == 0 ? 0 : 0.8));
        try (ClusterClient client = new ClusterClient(cluster, "answers")) {
            WorkerContainer first = cluster.startWorker(model, client.workerConfiguration());
            WorkerContainer second = cluster.startWorker(model, client.workerConfiguration());
            assertThat(first.userId()).as("the image's user").isNotEqualTo("0");
            client.awaitMembers(2);

            client.send(prompts);
            client.awaitCompletions(prompts.size());
            assertThat(first.terminate()).as("exit code after SIGTERM").isEqualTo(TERMINATED);
            assertThat(second.terminate()).as("exit code after SIGTERM").isEqualTo(TERMINATED);

            assertEachOnceAsLocally(prompts, client.allCompletions());
        }
    }

    @Test
    void aKilledWorkersPromptsAreAnsweredByTheOtherOne() {
        List<Prompt> prompts = prompts(400, i -> options(200, 0));
        try (ClusterClient client = new ClusterClient(cluster, "failover")) {
            WorkerContainer first = cluster.startWorker(model, client.workerConfiguration());
            WorkerContainer second = cluster.startWorker(model, client.workerConfiguration());
            client.awaitMembers(2);

            client.send(prompts);
            int answeredBefore = client.awaitCompletions(20);
            first.kill();
            assertThat(answeredBefore).as("answers when it died").isLessThan(prompts.size());
            client.awaitCompletions(prompts.size());
            assertThat(second.terminate()).as("exit code after SIGTERM").isEqualTo(TERMINATED);

            assertEachOnceAsLocally(prompts, client.allCompletions());
        }
    }

    private static List<Prompt> prompts(int count, IntFunction<GenerationOptions> options) {
        return IntStream.range(0, count)
                .mapToObj(i -> Prompt.ofText("prompt-" + i, BEGINNINGS.get(i % BEGINNINGS.size()), options.apply(i)))
                .toList();
    }

    private static GenerationOptions options(int maxNewTokens, double temperature) {
        return GenerationOptions.DEFAULT
                .withMaxNewTokens(maxNewTokens)
                .withSampling(new SamplingOptions(temperature, 0, 1, 0, Optional.empty()));
    }

    private static void assertEachOnceAsLocally(List<Prompt> prompts, List<CompletionRecord> completions) {
        assertThat(completions)
                .extracting(CompletionRecord::id)
                .containsExactlyInAnyOrderElementsOf(
                        prompts.stream().map(Prompt::id).toList());
        Map<String, Generation> expected = generateLocally(prompts);
        assertThat(completions).allSatisfy(completion -> {
            Generation local = expected.get(completion.id());
            assertThat(completion.status()).isEqualTo(Generation.Status.SUCCEEDED);
            assertThat(completion.choices()).hasSize(1);
            Choice choice = completion.choices().getFirst();
            assertThat(choice.tokenIds()).isEqualTo(local.tokenIds());
            assertThat(choice.text()).isEqualTo(local.text());
            assertThat(choice.finishReason()).isEqualTo(local.finishReason());
            assertThat(completion.usage().completionTokens())
                    .isEqualTo(choice.tokenIds().size());
        });
    }

    private static Map<String, Generation> generateLocally(List<Prompt> prompts) {
        Map<String, Generation> ended = new HashMap<>();
        GenerationListener listener = generation -> ended.put(generation.id(), generation);
        try (TextEngine engine = TextEngine.open(model, EngineSettings.DEFAULT, System::nanoTime);
                TextSession session = engine.openSession(InstantSource.system())) {
            for (Prompt prompt : prompts) {
                while (!(session.submit(prompt) instanceof Submission.Accepted)) {
                    assertThat(session.await(Duration.ofMinutes(1))).isTrue();
                    session.poll(listener, 1000);
                }
            }
            while (ended.size() < prompts.size()) {
                assertThat(session.await(Duration.ofMinutes(1))).isTrue();
                session.poll(listener, 1000);
            }
        }
        return ended;
    }
}
