package io.llamastreams.serving.options;

import io.llamastreams.serving.options.RequestOption.DigestLine;
import io.llamastreams.serving.options.RequestOption.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * All options of a request. A new one gets a row here, a component in its part of {@link GenerationOptions}, and a field in the
 * schema of requests; lines, flags, records, checks, digests and the documentation's table follow.
 *
 * <p>The lists' order is that of the flags, the checks and the documentation. Rows keep their place: in each list they are read
 * and digested in this order too. A new row counts in digests {@link DigestLine#UNLESS_DEFAULT}, so that those of requests
 * without it stay as they have been recorded.
 */
public final class RequestOptions {
    public static final int MAX_STOP_STRINGS = 64;
    public static final int MAX_STOP_TOKEN_IDS = 256;
    public static final int MAX_BAD_WORDS = 256;
    public static final int MAX_SAMPLES = 128;
    public static final int MAX_LIKELIEST = 100;
    public static final int MAX_CONTINUATIONS = 256;

    private static final Part<EndingOptions> ENDING_PART =
            new Part<>(GenerationOptions::ending, GenerationOptions::withEnding);
    private static final Part<SamplingOptions> SAMPLING_PART =
            new Part<>(GenerationOptions::sampling, GenerationOptions::withSampling);
    private static final Part<PenaltyOptions> PENALTY_PART =
            SAMPLING_PART.part(SamplingOptions::penalties, SamplingOptions::withPenalties);
    private static final Part<TokenOptions> TOKEN_PART =
            SAMPLING_PART.part(SamplingOptions::tokens, SamplingOptions::withTokens);
    private static final Part<SampleOptions> SAMPLE_PART =
            new Part<>(GenerationOptions::samples, GenerationOptions::withSamples);
    private static final Part<ReportOptions> REPORT_PART =
            new Part<>(GenerationOptions::report, GenerationOptions::withReport);

    /** When a text ends. */
    public static final List<RequestOption<?>> ENDING = List.of(
            RequestOption.of(
                            "max_new_tokens",
                            OptionType.integer(0),
                            ENDING_PART.value(EndingOptions::maxNewTokens, EndingOptions::withMaxNewTokens),
                            "N",
                            "Most tokens to make (default: ${DEFAULT-VALUE}); the context may end the text sooner.",
                            "Most tokens to make, at least 1 (0 where only prompt_logprobs are wanted); the context may end"
                                    + " the text sooner.")
                    .within(OptionRules::newTokens),
            RequestOption.of(
                            "min_tokens",
                            OptionType.integer(0),
                            ENDING_PART.value(EndingOptions::minTokens, EndingOptions::withMinTokens),
                            "N",
                            "Tokens before which nothing ends the text.",
                            "Tokens before which neither EOS nor a stop token or stop string ends the text.")
                    .obeying(OptionRules::leastBelowMost),
            RequestOption.of(
                    "stop",
                    OptionType.textOrTexts(MAX_STOP_STRINGS),
                    ENDING_PART.value(EndingOptions::stop, EndingOptions::withStop),
                    "TEXT",
                    "End before this text; may be given several times.",
                    "Strings that end the text; it is cut before them."),
            RequestOption.of(
                    "stop_token_ids",
                    OptionType.tokenIds(MAX_STOP_TOKEN_IDS),
                    ENDING_PART.value(EndingOptions::stopTokenIds, EndingOptions::withStopTokenIds),
                    "ID",
                    "End with one of these tokens.",
                    "Tokens that end the text besides EOS."),
            RequestOption.of(
                    "ignore_eos",
                    OptionType.bool(),
                    ENDING_PART.value(EndingOptions::ignoreEos, EndingOptions::withIgnoreEos),
                    "",
                    "Go on after the model has ended the text.",
                    "Whether the text goes on after EOS."),
            RequestOption.of(
                    "repetition_detection",
                    OptionType.repetition(256, 1024),
                    ENDING_PART.optional(EndingOptions::repetition, EndingOptions::withRepetition),
                    "TOKENS,TIMES",
                    "End a text that repeats a pattern of at most so many tokens so many times, such as 16,8.",
                    "Ends a text that says the same for ever."));

    /** How tokens are drawn. */
    public static final List<RequestOption<?>> SAMPLING = List.of(
            RequestOption.of(
                    "temperature",
                    OptionType.number(0, 1e5),
                    SAMPLING_PART.value(SamplingOptions::temperature, SamplingOptions::withTemperature),
                    "T",
                    "0 takes the likeliest token each time (default: ${DEFAULT-VALUE}).",
                    "0 takes the most likely token each time; otherwise logits are divided by it."),
            RequestOption.of(
                    "top_k",
                    OptionType.integer(0),
                    SAMPLING_PART.value(SamplingOptions::topK, SamplingOptions::withTopK),
                    "K",
                    "Draw from the K likeliest tokens only; 0 for all.",
                    "Only the k most likely tokens may be drawn; 0 for all."),
            RequestOption.of(
                    "top_p",
                    OptionType.fraction(),
                    SAMPLING_PART.value(SamplingOptions::topP, SamplingOptions::withTopP),
                    "P",
                    "Draw from the smallest set of tokens whose probabilities add up to P; 1 for all.",
                    "Only the smallest set of tokens whose probabilities add up to at least this may be drawn; 1 for all."),
            RequestOption.of(
                    "min_p",
                    OptionType.number(0, 1),
                    SAMPLING_PART.value(SamplingOptions::minP, SamplingOptions::withMinP),
                    "P",
                    "Draw from tokens at least P times as likely as the likeliest; 0 for all.",
                    "Only tokens at least this times as likely as the most likely one may be drawn; 0 for all."),
            RequestOption.of(
                    "typical_p",
                    OptionType.fraction(),
                    SAMPLING_PART.value(SamplingOptions::typicalP, SamplingOptions::withTypicalP),
                    "P",
                    "Draw from the tokens that surprise as much as is expected, up to P in probability; 1 for all.",
                    "Only the smallest set of tokens whose surprise is nearest to the expected one and whose probabilities"
                            + " add up to at least this may be drawn; 1 for all."),
            RequestOption.of(
                    "repetition_penalty",
                    // beyond these, dividing or multiplying by it would leave the range of numbers
                    OptionType.number(0.01, 100),
                    PENALTY_PART.value(PenaltyOptions::repetition, PenaltyOptions::withRepetition),
                    "R",
                    "Make tokens of prompt and text less likely: logits are divided by R, or multiplied below 0.",
                    "Logits of tokens of prompt and text are divided by this where positive, multiplied where negative;"
                            + " 1 for none."),
            RequestOption.of(
                    "presence_penalty",
                    OptionType.number(-2, 2),
                    PENALTY_PART.value(PenaltyOptions::presence, PenaltyOptions::withPresence),
                    "X",
                    "Take X from the logits of tokens of the text.",
                    "Taken from the logits of tokens of the text."),
            RequestOption.of(
                    "frequency_penalty",
                    OptionType.number(-2, 2),
                    PENALTY_PART.value(PenaltyOptions::frequency, PenaltyOptions::withFrequency),
                    "X",
                    "Take X from the logits of tokens of the text for each time they occurred.",
                    "Taken from the logits of tokens of the text as often as they occurred."),
            RequestOption.of(
                    "logit_bias",
                    OptionType.biases(-100, 100),
                    TOKEN_PART.value(TokenOptions::logitBias, TokenOptions::withLogitBias),
                    "ID=X",
                    "Add X to the logit of a token, such as 13=-5,29871=2.",
                    "Tokens that are favoured or not; each once."),
            RequestOption.of(
                            "bad_words",
                            OptionType.textOrTexts(MAX_BAD_WORDS),
                            TOKEN_PART.value(TokenOptions::badWords, TokenOptions::withBadWords),
                            "WORD",
                            "Never make this word; may be given several times.",
                            "Words that must not occur in the text.")
                    .obeying(OptionRules::wordsNotBlank),
            RequestOption.of(
                    "allowed_token_ids",
                    OptionType.someTokenIds(),
                    TOKEN_PART.value(TokenOptions::allowedTokenIds, TokenOptions::withAllowedTokenIds),
                    "ID",
                    "Draw from these tokens only.",
                    "Only these tokens may be drawn; empty for all."),
            RequestOption.of(
                    "seed",
                    OptionType.longInteger(),
                    SAMPLING_PART.optional(SamplingOptions::seed, SamplingOptions::withSeed),
                    "S",
                    "Of the random numbers. Equal seeds give equal texts.",
                    "Seed of the random numbers; derived from the id where there is none."));

    /** How many texts. */
    public static final List<RequestOption<?>> SAMPLES = List.of(
            RequestOption.of(
                    "n",
                    OptionType.integer(1, MAX_SAMPLES),
                    SAMPLE_PART.value(SampleOptions::n, SampleOptions::withN),
                    "N",
                    "How many texts to make (default: ${DEFAULT-VALUE}).",
                    "How many texts are returned."),
            RequestOption.of(
                            "best_of",
                            OptionType.integer(1, MAX_SAMPLES),
                            SAMPLE_PART.optional(SampleOptions::bestOf, SampleOptions::withBestOf),
                            "M",
                            "Make M texts and print the N with the highest mean log-probability of a token, best first.",
                            "How many texts are made; those with the highest mean log-probability of a token are returned,"
                                    + " best first. Null for n.")
                    .within(OptionRules::madeAtLeastReturned)
                    .obeying(OptionRules::oneWithoutTokens));

    /** What is told besides. */
    public static final List<RequestOption<?>> REPORT = List.of(
            RequestOption.of(
                    "logprobs",
                    OptionType.likeliestSwitch(MAX_LIKELIEST),
                    REPORT_PART.optional(ReportOptions::logprobs, ReportOptions::withLogprobs),
                    "",
                    "Report the log-probability of each token.",
                    "Whether the log-probability of each token is wanted; top_logprobs asks for more."),
            RequestOption.of(
                            "top_logprobs",
                            OptionType.likeliestBeside("logprobs", MAX_LIKELIEST),
                            REPORT_PART.optional(ReportOptions::logprobs, ReportOptions::withLogprobs),
                            "K",
                            "Report the log-probabilities of the K likeliest tokens at each place besides.",
                            "Of how many likeliest tokens the log-probability is wanted beside that of each token.")
                    .digested(DigestLine.NEVER),
            RequestOption.of(
                    "prompt_logprobs",
                    OptionType.likeliest(MAX_LIKELIEST),
                    REPORT_PART.optional(ReportOptions::promptLogprobs, ReportOptions::withPromptLogprobs),
                    "K",
                    "Report the log-probability of each token of the prompt, and of the K likeliest at its place.",
                    "The same for tokens of the prompt; 0 for their own log-probabilities alone, null for none."));

    /** The form that a text must have. Whether it can be is found out where it is compiled. */
    public static final Alternatives STRUCTURE = new Alternatives(
            "structure",
            List.of(
                    RequestOption.of(
                            "json_schema",
                            OptionType.jsonSource(),
                            structure(
                                    Structure.JsonSchema.class,
                                    Structure.JsonSchema::schema,
                                    Structure.JsonSchema::new),
                            "SCHEMA",
                            "Make JSON that is valid under this JSON Schema.",
                            "The text is JSON that is valid under this schema."),
                    RequestOption.of(
                            "json_object",
                            OptionType.mark(),
                            structure(Structure.JsonObject.class, there -> true, wanted -> new Structure.JsonObject()),
                            "",
                            "Make a JSON object.",
                            "The text is a JSON object."),
                    RequestOption.of(
                            "regex",
                            OptionType.source(),
                            structure(Structure.Regex.class, Structure.Regex::expression, Structure.Regex::new),
                            "REGEX",
                            "Make a text that this regular expression matches as a whole.",
                            "The text as a whole matches this regular expression."),
                    RequestOption.of(
                            "choice",
                            OptionType.sources(),
                            structure(Structure.Choice.class, Structure.Choice::texts, Structure.Choice::new),
                            "TEXT",
                            "Make one of these texts; given several times.",
                            "The text is one of these."),
                    RequestOption.of(
                            "grammar",
                            OptionType.source(),
                            structure(Structure.Grammar.class, Structure.Grammar::gbnf, Structure.Grammar::new),
                            "GBNF",
                            "Make a text of this grammar, as llama.cpp writes them.",
                            "The text is one of this grammar, in llama.cpp's GBNF.")));

    /** What else is done than to make a text. */
    public static final Alternatives TASK = new Alternatives(
            "task",
            List.of(
                    RequestOption.of(
                                    "label",
                                    OptionType.texts(MAX_CONTINUATIONS),
                                    task(Task.Label.class, Task.Label::answers, Task.Label::new),
                                    "TEXT",
                                    "Instead of making a text, compare these answers: given several times.",
                                    "Answers to compare: no text is made, the completion has their log-likelihoods and"
                                            + " probabilities.")
                            .obeying(OptionRules::labels),
                    RequestOption.of(
                                    "continuations",
                                    OptionType.texts(MAX_CONTINUATIONS),
                                    task(Task.Continuations.class, Task.Continuations::texts, Task.Continuations::new),
                                    "TEXT",
                                    "Instead of making a text, tell how likely this one is; may be given several times.",
                                    "Texts whose log-likelihoods as continuations are wanted; no text is made.")
                            .withFlagName("--continuation")
                            .obeying(OptionRules::continuations),
                    RequestOption.of(
                                    "embed",
                                    OptionType.mark(),
                                    task(Task.Embed.class, there -> true, wanted -> new Task.Embed()),
                                    "",
                                    "Instead of making a text, print the prompt's embedding.",
                                    "Whether the prompt's embedding is wanted; no text is made.")
                            .obeying(OptionRules::embedding)));

    /** All, in the documented order. */
    public static final List<RequestOption<?>> ALL =
            concatenated(ENDING, SAMPLING, SAMPLES, REPORT, STRUCTURE.options(), TASK.options());

    /** Those that stand each for itself, in the order in which they are read, written and digested. */
    public static final List<RequestOption<?>> SINGLE = concatenated(SAMPLES, SAMPLING, ENDING, REPORT);

    private RequestOptions() {}

    /** What a source asks for; the rest is as in {@link GenerationOptions#DEFAULT}. */
    public static GenerationOptions read(OptionSource source) {
        GenerationOptions options = TASK.read(source, GenerationOptions.DEFAULT);
        for (RequestOption<?> option : SINGLE) {
            options = option.read(source, options);
        }
        return STRUCTURE.read(source, options);
    }

    /** Writes all that is wanted, defaults included. */
    public static void write(GenerationOptions options, OptionSink sink) {
        ALL.forEach(option -> option.write(options, sink));
    }

    /**
     * What is wrong with options, the first of it; see {@link RequestOption#problem}.
     *
     * @param vocabularySize token ids are below
     */
    public static Optional<String> problem(GenerationOptions options, int vocabularySize) {
        return ALL.stream()
                .flatMap(option -> option.problem(options, vocabularySize).stream())
                .findFirst();
    }

    @SafeVarargs
    private static List<RequestOption<?>> concatenated(List<RequestOption<?>>... lists) {
        List<RequestOption<?>> all = new ArrayList<>();
        for (List<RequestOption<?>> list : lists) {
            all.addAll(list);
        }
        return List.copyOf(all);
    }

    /** A part of all options, and how another takes its place. */
    private record Part<P>(
            Function<GenerationOptions, P> get, BiFunction<GenerationOptions, P, GenerationOptions> with) {

        <Q> Part<Q> part(Function<P, Q> getInner, BiFunction<P, Q, P> withInner) {
            return new Part<>(
                    options -> getInner.apply(get.apply(options)),
                    (options, value) -> with.apply(options, withInner.apply(get.apply(options), value)));
        }

        <T> Place<T> value(Function<P, T> getValue, BiFunction<P, T, P> withValue) {
            return optional(part -> Optional.of(getValue.apply(part)), withValue);
        }

        <T> Place<T> optional(Function<P, Optional<T>> getValue, BiFunction<P, T, P> withValue) {
            return new Place<>(
                    options -> getValue.apply(get.apply(options)),
                    (options, value) -> with.apply(options, withValue.apply(get.apply(options), value)));
        }
    }

    private static <S extends Structure, T> Place<T> structure(
            Class<S> kind, Function<S, T> value, Function<T, S> structure) {
        return new Place<>(
                options -> options.structure()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .map(value),
                (options, newValue) -> options.withStructure(structure.apply(newValue)));
    }

    private static <S extends Task, T> Place<T> task(Class<S> kind, Function<S, T> value, Function<T, S> task) {
        return new Place<>(
                options -> Optional.of(options.task())
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .map(value),
                (options, newValue) -> options.withTask(task.apply(newValue)));
    }
}
