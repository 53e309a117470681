package io.llamastreams.serving.request;

import io.llamastreams.engine.request.DecodingControl;
import io.llamastreams.engine.request.Ending;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.RepetitionLimit;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.grammar.Grammar;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.TokenOptions;
import io.llamastreams.serving.result.CompletionText;
import io.llamastreams.serving.result.CompletionText.Shown;
import io.llamastreams.serving.result.CompletionText.TextEnd;
import io.llamastreams.serving.result.StopStringWatcher;
import io.llamastreams.serving.result.StopStrings;
import io.llamastreams.serving.result.TextResultBuilder;
import io.llamastreams.tokenizer.TextDecoder;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes the engine request of a prompt whose text is to be made, of options that were checked. Any thread. */
final class TextRequests {
    /** Colder than this is greedy: dividing by less would leave the range of numbers. */
    private static final double COLDEST = 1e-5;

    private final Tokenizer tokenizer;
    private final int contextLength;
    private final Grammars grammars;

    TextRequests(Tokenizer tokenizer, int contextLength) {
        this.tokenizer = tokenizer;
        this.contextLength = contextLength;
        grammars = new Grammars(tokenizer);
    }

    /** @param ids of the prompt */
    PromptReader.Reading of(Prompt prompt, int[] ids) {
        Optional<Structure> structure = prompt.options().structure();
        if (structure.isEmpty()) {
            return of(prompt, ids, Optional::empty);
        }
        return switch (grammars.compiled(structure.get())) {
            case Grammars.Compiled.Ready ready -> structured(prompt, ids, ready.grammar());
            case Grammars.Compiled.Refused refused -> new PromptReader.Reading.Refused(refused.reason());
        };
    }

    private PromptReader.Reading structured(Prompt prompt, int[] ids, Grammar grammar) {
        int mostTokens = Math.min(prompt.options().maxNewTokens(), contextLength - ids.length);
        if (mostTokens < grammar.fewestTokens()) {
            return new PromptReader.Reading.Refused("max_new_tokens: expected at least the " + grammar.fewestTokens()
                    + " tokens that the shortest text of the wanted structure may need, found room for " + mostTokens);
        }
        TextDecoder decoder = decoder(prompt.input(), ids);
        if (decoder.isInsideCharacter()) {
            return new PromptReader.Reading.Refused(
                    "prompt_ids: expected whole characters before a text of a wanted structure, found part of one");
        }
        boolean dropsSpace = decoder.dropsNextSpace();
        try {
            grammar.start(dropsSpace);
        } catch (GrammarException e) {
            return new PromptReader.Reading.Refused(e.getMessage());
        }
        return of(prompt, ids, () -> Optional.of(new GrammarConstraint(grammar.start(dropsSpace))));
    }

    /** @param constraints gives one for each sample */
    private PromptReader.Reading of(Prompt prompt, int[] ids, Supplier<Optional<TokenConstraint>> constraints) {
        GenerationOptions options = prompt.options();
        int samples = options.samples().made();
        EndingOptions ending = options.ending();
        TextEnd end = new TextEnd(
                ending.stop().isEmpty() ? StopStrings.NONE : new StopStrings(ending.stop()),
                stopTokenIds(ending, options.structure().isPresent()),
                ending.minTokens());
        List<DecodingControl> controls = new ArrayList<>();
        for (int sample = 0; sample < samples; sample++) {
            controls.add(new DecodingControl(watcher(prompt.input(), ids, end), constraints.get()));
        }
        GenerationRequest request = new GenerationRequest(
                prompt.id(),
                ids,
                samples,
                sampling(options.sampling(), ending, prompt.seed()),
                new Ending(ending.maxNewTokens(), end.stopTokenIds(), repetition(ending)),
                report(options),
                new SchedulingParams(prompt.priority(), prompt.tenant(), SchedulingParams.NO_DEADLINE),
                controls::get);
        Shown shown = shown(options);
        CompletionText[] texts = IntStream.range(0, samples)
                .mapToObj(sample -> new CompletionText(end, shown, decoder(prompt.input(), ids)))
                .toArray(CompletionText[]::new);
        boolean promptLikeliest = options.report().promptLogprobs().orElse(0) > 0;
        return new PromptReader.Reading.Ready(
                List.of(request),
                new TextResultBuilder(prompt.id(), prompt.seed(), ids, options.samples(), promptLikeliest, texts));
    }

    private TokenWatcher watcher(PromptInput input, int[] ids, TextEnd end) {
        return end.stops() == StopStrings.NONE
                ? TokenWatcher.NONE
                : new StopStringWatcher(decoder(input, ids), end.stops(), end.minTokens());
    }

    /** An answer in a dialogue is a text of its own; everything else goes on where the prompt ends. */
    private TextDecoder decoder(PromptInput input, int[] ids) {
        return input instanceof PromptInput.Messages ? tokenizer.newDecoder(true) : tokenizer.newDecoderAfter(ids);
    }

    /** EOS is how a text of a wanted structure ends, also where it is to be ignored. */
    private int[] stopTokenIds(EndingOptions ending, boolean structured) {
        Set<Integer> ids = new LinkedHashSet<>(ending.stopTokenIds());
        if (!ending.ignoreEos() || structured) {
            ids.add(tokenizer.eosId());
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private SamplingParams sampling(SamplingOptions options, EndingOptions ending, long seed) {
        return new SamplingParams(
                options.temperature() < COLDEST ? 0f : (float) options.temperature(),
                options.topK(),
                fraction(options.topP()),
                (float) options.minP(),
                fraction(options.typicalP()),
                penalties(options.penalties()),
                rules(options.tokens(), ending.minTokens()),
                seed);
    }

    /** Above 0, also where a double so near to it is no float. */
    private static float fraction(double value) {
        return Math.max((float) value, Float.MIN_NORMAL);
    }

    private static Penalties penalties(PenaltyOptions options) {
        return new Penalties((float) options.repetition(), (float) options.presence(), (float) options.frequency());
    }

    private TokenRules rules(TokenOptions options, int minTokens) {
        Map<Integer, Float> bias = options.logitBias().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().floatValue()));
        List<List<Integer>> badWords = options.badWords().stream()
                .flatMap(word -> BadWordTokens.spellings(tokenizer, word).stream())
                .distinct()
                .toList();
        List<Integer> allowed = options.allowedTokenIds().stream().distinct().toList();
        return new TokenRules(bias, badWords, allowed, minTokens);
    }

    private static RepetitionLimit repetition(EndingOptions ending) {
        return ending.repetition()
                .map(limit -> new RepetitionLimit(limit.maxPatternTokens(), limit.repetitions()))
                .orElse(RepetitionLimit.NONE);
    }

    private static Report report(GenerationOptions options) {
        ReportOptions report = options.report();
        int needed = options.samples().bestOf().isPresent() ? 0 : Report.NONE;
        return new Report(
                report.logprobs().orElse(needed), report.promptLogprobs().orElse(Report.NONE), 1, false);
    }

    private static Shown shown(GenerationOptions options) {
        Optional<Integer> logprobs = options.report().logprobs();
        if (logprobs.isPresent()) {
            return logprobs.get() > 0 ? Shown.CHOSEN_AND_LIKELIEST : Shown.CHOSEN;
        }
        return options.samples().bestOf().isPresent() ? Shown.SUM : Shown.NONE;
    }
}
