package io.llamastreams.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestDigestTest {
    private static final GenerationOptions DEFAULT = GenerationOptions.DEFAULT;

    private static String parameters(GenerationOptions options) {
        return RequestDigest.parameters(Prompt.ofText("a", "x", options), "chat");
    }

    @Test
    void knownTextHasTheDigestThatOtherProgramsGive() {
        // printf abc | sha256sum
        assertThat(RequestDigest.sha256("abc"))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void whatChangesATextChangesTheDigest() {
        List<GenerationOptions> different = List.of(
                DEFAULT,
                DEFAULT.withMaxNewTokens(257),
                DEFAULT.withSeed(1),
                DEFAULT.withStop(List.of("a", "b")),
                DEFAULT.withStop(List.of("a,1:b")),
                DEFAULT.withLogprobs(0),
                DEFAULT.withLogprobs(1),
                DEFAULT.withSamples(new SampleOptions(2, Optional.empty())),
                DEFAULT.withSamples(new SampleOptions(1, Optional.of(2))),
                DEFAULT.withTask(new Task.Embed()),
                DEFAULT.withTask(new Task.Label(List.of("a", "b"))),
                DEFAULT.withTask(new Task.Continuations(List.of("a", "b"))),
                DEFAULT.withStructure(new Structure.Regex("a")),
                DEFAULT.withStructure(new Structure.Grammar("a")),
                DEFAULT.withSampling(new SamplingOptions(0.5, 0, 1, 0, Optional.empty())));
        assertThat(different.stream().map(RequestDigestTest::parameters)).doesNotHaveDuplicates();
    }

    @Test
    void whatDoesNotChangeATextDoesNotChangeTheDigest() {
        Prompt plain = Prompt.ofText("a", "x", DEFAULT);
        Prompt other = new Prompt(
                "another",
                plain.input(),
                DEFAULT.withSeed(plain.seed()),
                9,
                Optional.of(5L),
                "t",
                "b",
                Map.of("k", "v"));
        assertThat(RequestDigest.parameters(other, "otherChat")).isEqualTo(RequestDigest.parameters(plain, "chat"));
    }

    @Test
    void chatFormCountsForDialogues() {
        PromptInput dialogue = new PromptInput.Messages(List.of(new PromptInput.Message("user", "x")));
        Prompt prompt = new Prompt("a", dialogue, DEFAULT, 0, Optional.empty(), "", "", Map.of());
        assertThat(RequestDigest.parameters(prompt, "one")).isNotEqualTo(RequestDigest.parameters(prompt, "two"));
    }

    @Test
    void inputsThatReadAlikeHaveDigestsOfTheirOwn() {
        List<String> digests = new ArrayList<>();
        digests.add(RequestDigest.input(new PromptInput.Text("[1,2]")));
        digests.add(RequestDigest.input(new PromptInput.Tokens(List.of(1, 2))));
        digests.add(RequestDigest.input(new PromptInput.Tokens(List.of(12))));
        digests.add(RequestDigest.input(new PromptInput.Messages(List.of(new PromptInput.Message("user", "x")))));
        digests.add(RequestDigest.input(new PromptInput.Messages(List.of(new PromptInput.Message("userx", "")))));
        assertThat(digests).doesNotHaveDuplicates();
    }
}
