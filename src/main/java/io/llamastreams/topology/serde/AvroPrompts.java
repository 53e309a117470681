package io.llamastreams.topology.serde;

import io.llamastreams.schema.ChatMessage;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.schema.RepetitionDetection;
import io.llamastreams.schema.TokenBias;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import io.llamastreams.topology.record.IncomingPrompt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Prompts as users send them. Any thread. */
final class AvroPrompts {

    private AvroPrompts() {}

    // --- to a record

    static PromptRequest request(Prompt prompt) {
        GenerationOptions options = prompt.options();
        PromptRequest.Builder builder = PromptRequest.newBuilder()
                .setId(prompt.id())
                .setN(options.samples().n())
                .setBestOf(options.samples().bestOf().orElse(null))
                .setPriority(prompt.priority())
                .setDeadline(prompt.deadlineMillis().map(Instant::ofEpochMilli).orElse(null))
                .setTenant(prompt.tenant())
                .setBatchId(prompt.batchId())
                .setAttributes(prompt.attributes());
        put(prompt.input(), builder);
        put(options.task(), builder);
        put(options.sampling(), builder);
        put(options.ending(), builder);
        put(options.report(), builder);
        options.structure().ifPresent(structure -> put(structure, builder));
        return builder.build();
    }

    private static void put(PromptInput input, PromptRequest.Builder builder) {
        switch (input) {
            case PromptInput.Text text -> builder.setPrompt(text.text());
            case PromptInput.Messages messages ->
                builder.setMessages(messages.messages().stream()
                        .map(m -> new ChatMessage(m.role(), m.content()))
                        .toList());
            case PromptInput.Tokens tokens -> builder.setPromptIds(tokens.ids());
        }
    }

    private static void put(Task task, PromptRequest.Builder builder) {
        switch (task) {
            case Task.Generate generate -> {}
            case Task.Label label -> builder.setLabel(label.answers());
            case Task.Continuations continuations -> builder.setContinuations(continuations.texts());
            case Task.Embed embed -> builder.setEmbed(true);
        }
    }

    private static void put(SamplingOptions sampling, PromptRequest.Builder builder) {
        TokenOptions tokens = sampling.tokens();
        builder.setTemperature(sampling.temperature())
                .setTopK(sampling.topK())
                .setTopP(sampling.topP())
                .setMinP(sampling.minP())
                .setTypicalP(sampling.typicalP())
                .setRepetitionPenalty(sampling.penalties().repetition())
                .setPresencePenalty(sampling.penalties().presence())
                .setFrequencyPenalty(sampling.penalties().frequency())
                .setLogitBias(tokens.logitBias().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new TokenBias(entry.getKey(), entry.getValue()))
                        .toList())
                .setBadWords(tokens.badWords())
                .setAllowedTokenIds(tokens.allowedTokenIds())
                .setSeed(sampling.seed().orElse(null));
    }

    private static void put(EndingOptions ending, PromptRequest.Builder builder) {
        builder.setMaxNewTokens(ending.maxNewTokens())
                .setMinTokens(ending.minTokens())
                .setStop(ending.stop())
                .setStopTokenIds(ending.stopTokenIds())
                .setIgnoreEos(ending.ignoreEos())
                .setRepetitionDetection(ending.repetition()
                        .map(limit -> new RepetitionDetection(limit.maxPatternTokens(), limit.repetitions()))
                        .orElse(null));
    }

    private static void put(ReportOptions report, PromptRequest.Builder builder) {
        builder.setLogprobs(report.logprobs().isPresent())
                .setTopLogprobs(report.logprobs().orElse(0))
                .setPromptLogprobs(report.promptLogprobs().orElse(null));
    }

    private static void put(Structure structure, PromptRequest.Builder builder) {
        switch (structure) {
            case Structure.JsonSchema json -> builder.setJsonSchema(json.schema());
            case Structure.JsonObject object -> builder.setJsonObject(true);
            case Structure.Regex regex -> builder.setRegex(regex.expression());
            case Structure.Choice choice -> builder.setChoice(choice.texts());
            case Structure.Grammar grammar -> builder.setGrammar(grammar.gbnf());
        }
    }

    // --- from a record

    static IncomingPrompt incoming(PromptRequest request) {
        Given<PromptInput> inputs = inputs(request);
        Given<Task> tasks = tasks(request);
        Given<Structure> structures = structures(request);
        Map<Integer, Double> bias = new HashMap<>();
        boolean biasedTwice = false;
        for (TokenBias token : request.getLogitBias()) {
            biasedTwice |= bias.put(token.getToken(), token.getBias()) != null;
        }
        GenerationOptions options = new GenerationOptions(
                tasks.first().orElse(new Task.Generate()),
                new SampleOptions(request.getN(), Optional.ofNullable(request.getBestOf())),
                sampling(request, bias),
                ending(request),
                report(request),
                structures.first());
        Prompt prompt = new Prompt(
                request.getId(),
                inputs.first().orElse(new PromptInput.Text("")),
                options,
                request.getPriority(),
                Optional.ofNullable(request.getDeadline()).map(Instant::toEpochMilli),
                request.getTenant(),
                request.getBatchId(),
                request.getAttributes());
        Optional<String> fault = request.getId().isEmpty()
                ? Optional.of("id: expected text, found none")
                : inputs.fault("exactly one of prompt, messages and promptIds", 1)
                        .or(() -> tasks.fault("at most one of label, continuations and embed", 0))
                        .or(() -> structures.fault(
                                "at most one of jsonSchema, jsonObject, regex, choice and grammar", 0));
        return new IncomingPrompt(
                prompt, fault.orElse(biasedTwice ? "logitBias: expected each token once, found one twice" : ""));
    }

    /** The alternatives of which a record has some; the schema cannot say how many. */
    private static final class Given<T> {
        private final List<String> names = new ArrayList<>();
        private Optional<T> first = Optional.empty();

        void add(String name, T value) {
            names.add(name);
            if (first.isEmpty()) {
                first = Optional.of(value);
            }
        }

        Optional<T> first() {
            return first;
        }

        Optional<String> fault(String expected, int least) {
            return names.size() >= least && names.size() <= 1
                    ? Optional.empty()
                    : Optional.of("expected " + expected + ", found "
                            + (names.isEmpty() ? "none" : String.join(" and ", names)));
        }
    }

    private static Given<PromptInput> inputs(PromptRequest request) {
        Given<PromptInput> given = new Given<>();
        if (request.getPrompt() != null) {
            given.add("prompt", new PromptInput.Text(request.getPrompt()));
        }
        if (request.getMessages() != null) {
            given.add(
                    "messages",
                    new PromptInput.Messages(request.getMessages().stream()
                            .map(m -> new PromptInput.Message(m.getRole(), m.getContent()))
                            .toList()));
        }
        if (request.getPromptIds() != null) {
            given.add("promptIds", new PromptInput.Tokens(request.getPromptIds()));
        }
        return given;
    }

    private static Given<Task> tasks(PromptRequest request) {
        Given<Task> given = new Given<>();
        if (request.getLabel() != null) {
            given.add("label", new Task.Label(request.getLabel()));
        }
        if (request.getContinuations() != null) {
            given.add("continuations", new Task.Continuations(request.getContinuations()));
        }
        if (request.getEmbed()) {
            given.add("embed", new Task.Embed());
        }
        return given;
    }

    private static Given<Structure> structures(PromptRequest request) {
        Given<Structure> given = new Given<>();
        if (request.getJsonSchema() != null) {
            given.add("jsonSchema", new Structure.JsonSchema(request.getJsonSchema()));
        }
        if (request.getJsonObject()) {
            given.add("jsonObject", new Structure.JsonObject());
        }
        if (request.getRegex() != null) {
            given.add("regex", new Structure.Regex(request.getRegex()));
        }
        if (request.getChoice() != null) {
            given.add("choice", new Structure.Choice(request.getChoice()));
        }
        if (request.getGrammar() != null) {
            given.add("grammar", new Structure.Grammar(request.getGrammar()));
        }
        return given;
    }

    private static SamplingOptions sampling(PromptRequest request, Map<Integer, Double> bias) {
        return new SamplingOptions(
                request.getTemperature(),
                request.getTopK(),
                request.getTopP(),
                request.getMinP(),
                request.getTypicalP(),
                new PenaltyOptions(
                        request.getRepetitionPenalty(), request.getPresencePenalty(), request.getFrequencyPenalty()),
                new TokenOptions(bias, request.getBadWords(), request.getAllowedTokenIds()),
                Optional.ofNullable(request.getSeed()));
    }

    private static EndingOptions ending(PromptRequest request) {
        return new EndingOptions(
                request.getMaxNewTokens(),
                request.getMinTokens(),
                request.getStop(),
                request.getStopTokenIds(),
                request.getIgnoreEos(),
                Optional.ofNullable(request.getRepetitionDetection())
                        .map(limit ->
                                new EndingOptions.Repetition(limit.getMaxPatternTokens(), limit.getRepetitions())));
    }

    /** Asking for likeliest tokens asks for log-probabilities. */
    private static ReportOptions report(PromptRequest request) {
        boolean wanted = request.getLogprobs() || request.getTopLogprobs() != 0;
        return new ReportOptions(
                wanted ? Optional.of(request.getTopLogprobs()) : Optional.empty(),
                Optional.ofNullable(request.getPromptLogprobs()));
    }
}
