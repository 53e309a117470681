package io.llamastreams.serving;

import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * SHA-256 of a request in one canonical form. Stateless.
 *
 * <p>The form is UTF-8, one line {@code name=value} for each parameter, always all of them and in one order, so a default that
 * is written out is the same as one that is not. A number is written as Java writes it, a text as its length in bytes, a colon
 * and itself, a list in brackets with commas between, what is not there as a minus. What does not change a text has no line:
 * id, priority, deadline, tenant, batch, attributes. The seed is the one that is used; the chat form counts for dialogues only.
 */
final class RequestDigest {
    private final StringBuilder form = new StringBuilder();

    private RequestDigest() {}

    /**
     * How a text is asked for.
     *
     * @param chat digest of the form in which dialogues are set
     */
    static String parameters(Prompt prompt, String chat) {
        RequestDigest digest = new RequestDigest();
        GenerationOptions options = prompt.options();
        digest.task(options.task());
        digest.line("n", options.samples().n());
        digest.line("best_of", optional(options.samples().bestOf(), String::valueOf));
        digest.sampling(options.sampling());
        digest.line("seed", prompt.seed());
        digest.ending(options.ending());
        digest.report(options.report());
        digest.line("structure", optional(options.structure(), RequestDigest::structure));
        digest.line("chat", prompt.input() instanceof PromptInput.Messages ? chat : "-");
        return sha256(digest.form.toString());
    }

    /** What is to be continued. */
    static String input(PromptInput input) {
        return sha256(
                switch (input) {
                    case PromptInput.Text given -> "text=" + text(given.text());
                    case PromptInput.Messages given ->
                        "messages=" + list(given.messages(), message -> text(message.role()) + text(message.content()));
                    case PromptInput.Tokens given -> "tokens=" + list(given.ids(), String::valueOf);
                });
    }

    /** Of any text, such as a chat template. */
    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private void task(Task task) {
        line(
                "task",
                switch (task) {
                    case Task.Generate generate -> "generate";
                    case Task.Label label -> "label" + list(label.answers(), RequestDigest::text);
                    case Task.Continuations continuations ->
                        "continuations" + list(continuations.texts(), RequestDigest::text);
                    case Task.Embed embed -> "embed";
                });
    }

    private void sampling(SamplingOptions sampling) {
        line("temperature", sampling.temperature());
        line("top_k", sampling.topK());
        line("top_p", sampling.topP());
        line("min_p", sampling.minP());
        line("typical_p", sampling.typicalP());
        line("repetition_penalty", sampling.penalties().repetition());
        line("presence_penalty", sampling.penalties().presence());
        line("frequency_penalty", sampling.penalties().frequency());
        line(
                "logit_bias",
                list(
                        sampling.tokens().logitBias().entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .toList(),
                        entry -> entry.getKey() + ":" + entry.getValue()));
        line("bad_words", list(sampling.tokens().badWords(), RequestDigest::text));
        line("allowed_token_ids", list(sampling.tokens().allowedTokenIds(), String::valueOf));
    }

    private void ending(EndingOptions ending) {
        line("max_new_tokens", ending.maxNewTokens());
        line("min_tokens", ending.minTokens());
        line("stop", list(ending.stop(), RequestDigest::text));
        line("stop_token_ids", list(ending.stopTokenIds(), String::valueOf));
        line("ignore_eos", ending.ignoreEos());
        line(
                "repetition_detection",
                optional(ending.repetition(), limit -> limit.maxPatternTokens() + ":" + limit.repetitions()));
    }

    private void report(ReportOptions report) {
        line("logprobs", optional(report.logprobs(), String::valueOf));
        line("prompt_logprobs", optional(report.promptLogprobs(), String::valueOf));
    }

    private static String structure(Structure structure) {
        return switch (structure) {
            case Structure.JsonSchema json -> "json_schema" + text(json.schema());
            case Structure.JsonObject object -> "json_object";
            case Structure.Regex regex -> "regex" + text(regex.expression());
            case Structure.Choice choice -> "choice" + list(choice.texts(), RequestDigest::text);
            case Structure.Grammar grammar -> "grammar" + text(grammar.gbnf());
        };
    }

    private void line(String name, Object value) {
        form.append(name).append('=').append(value).append('\n');
    }

    private static String text(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length + ":" + value;
    }

    private static <T> String list(List<T> values, Function<T, String> form) {
        return "[" + String.join(",", values.stream().map(form).toList()) + "]";
    }

    private static <T> String optional(Optional<T> value, Function<T, String> form) {
        return value.map(form).orElse("-");
    }
}
