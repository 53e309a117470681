package io.llamastreams.serving.result;

import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.options.SampleOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The texts of a prompt: one engine request, with a sample for each. */
public final class TextResultBuilder extends ResultBuilder {
    private final int[] promptIds;
    private final SampleOptions samples;
    private final boolean promptLikeliest;
    private final CompletionText[] texts;
    private final List<Choice> choices = new ArrayList<>();
    private Optional<PromptScores> promptScores = Optional.empty();

    /**
     * Nothing has come yet.
     *
     * @param promptLikeliest whether likeliest tokens of the prompt were asked for
     * @param texts by sample; this object's own from now on
     */
    public TextResultBuilder(
            String id,
            long seed,
            int[] promptIds,
            SampleOptions samples,
            boolean promptLikeliest,
            CompletionText[] texts) {
        super(id, seed, promptIds.length, 1);
        this.promptIds = promptIds;
        this.samples = samples;
        this.promptLikeliest = promptLikeliest;
        this.texts = texts;
    }

    /** Deltas are told of an only text; of several nobody could tell whose they are. */
    @Override
    public String take(TokenEvent.Token event) {
        String delta = texts[event.sample()].append(event);
        return texts.length == 1 ? delta : "";
    }

    @Override
    public void take(int request, TokenEvent.PromptScored event) {
        promptScores = Optional.of(new PromptScores(
                Arrays.stream(promptIds).boxed().toList(),
                LikelyTokens.floats(event.logprobs()),
                promptLikeliest
                        ? event.likeliest().stream().map(LikelyTokens::of).toList()
                        : List.of()));
    }

    @Override
    public String rest(TokenEvent.Finished end) {
        String rest = "";
        for (int sample = 0; sample < texts.length; sample++) {
            rest = texts[sample].end();
            choices.add(texts[sample].choice(sample, end.reasons().get(sample)));
        }
        return texts.length == 1 ? rest : "";
    }

    @Override
    Answer answer(boolean complete) {
        List<Choice> returned = choices;
        if (samples.bestOf().isPresent()) {
            returned = choices.stream()
                    .sorted(Comparator.comparingDouble(Choice::meanLogprob).reversed())
                    .toList();
        }
        List<Choice> numbered = new ArrayList<>();
        for (int index = 0; index < samples.n(); index++) {
            numbered.add(returned.get(index).withIndex(index));
        }
        return new Answer.Texts(numbered, promptScores);
    }

    /** Of several texts none: they begin together, at the end of the prompt. */
    @Override
    public List<Integer> resumable() {
        return texts.length == 1 ? Collections.unmodifiableList(texts[0].tokens()) : List.of();
    }

    @Override
    int madeTokens() {
        return Arrays.stream(texts).mapToInt(CompletionText::tokenCount).sum();
    }
}
