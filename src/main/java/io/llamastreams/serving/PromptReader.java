package io.llamastreams.serving;

import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.tokenizer.TextDecoder;
import io.llamastreams.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Checks a prompt and makes an engine request of it. A refusal names the field as callers write it, what was expected and
 * what was found. Immutable, any thread.
 */
final class PromptReader {
    static final int MAX_STOP_STRINGS = 64;
    static final int MAX_STOP_CHARACTERS = 1024;
    static final int MAX_STOP_TOKEN_IDS = 256;

    /** Colder than this is greedy: dividing by less would leave the range of numbers. */
    private static final double COLDEST = 1e-5;

    private static final double HOTTEST = 1e5;

    /** A text is endless if it has this many times the tokens of the longest prompt. */
    private static final long ENDLESS = 8;

    private final Tokenizer tokenizer;
    private final int maxPromptTokens;

    /** What reading a prompt came to. */
    sealed interface Reading {
        record Refused(String reason) implements Reading {}

        record Ready(GenerationRequest request, CompletionText text) implements Reading {}
    }

    /** @param maxPromptTokens most tokens of a prompt that leave room for one more */
    PromptReader(Tokenizer tokenizer, int maxPromptTokens) {
        this.tokenizer = tokenizer;
        this.maxPromptTokens = maxPromptTokens;
    }

    Reading read(Prompt prompt) {
        Optional<String> problem = problem(prompt);
        if (problem.isPresent()) {
            return new Reading.Refused(problem.get());
        }
        int[] ids = switch (prompt.input()) {
            case PromptInput.Text text -> tokenizer.encodePrompt(text.text());
            case PromptInput.Messages chat -> ChatForm.tokens(tokenizer, chat.messages());
            case PromptInput.Tokens tokens ->
                tokens.ids().stream().mapToInt(Integer::intValue).toArray();
        };
        return ids.length > maxPromptTokens
                ? new Reading.Refused(tooLong(Integer.toString(ids.length)))
                : ready(prompt, ids);
    }

    /** The seed of a request that names none: a function of its id alone, small enough for any JSON reader. */
    static long seedOf(String id) {
        long hash = 0xCBF29CE484222325L; // FNV-1a, 64 bits
        for (byte value : id.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ Byte.toUnsignedLong(value)) * 0x100000001B3L;
        }
        // Its low bits know little of the last characters: mixed as in MurmurHash3.
        hash = (hash ^ hash >>> 33) * 0xFF51AFD7ED558CCDL;
        hash = (hash ^ hash >>> 33) * 0xC4CEB9FE1A85EC53L;
        return (hash ^ hash >>> 33) >>> 11;
    }

    private Reading ready(Prompt prompt, int[] ids) {
        GenerationOptions options = prompt.options();
        long seed = prompt.seed();
        StopStrings stops = options.stop().isEmpty() ? StopStrings.NONE : new StopStrings(options.stop());
        // An answer in a dialogue is a text of its own; everything else goes on where the prompt ends.
        Supplier<TextDecoder> decoders = prompt.input() instanceof PromptInput.Messages
                ? () -> tokenizer.newDecoder(true)
                : () -> tokenizer.newDecoderAfter(ids);
        TokenWatcher watcher =
                options.stop().isEmpty() ? TokenWatcher.NONE : new StopStringWatcher(decoders.get(), stops);
        int[] stopTokenIds = stopTokenIds(options);
        GenerationRequest request = new GenerationRequest(
                prompt.id(),
                ids,
                sampling(options, seed),
                options.maxNewTokens(),
                stopTokenIds,
                options.logprobs(),
                prompt.priority(),
                watcher);
        CompletionText text = new CompletionText(
                prompt.id(), ids.length, seed, options.logprobs(), stopTokenIds, decoders.get(), stops);
        return new Reading.Ready(request, text);
    }

    private static SamplingParams sampling(GenerationOptions options, long seed) {
        float temperature = options.temperature() < COLDEST ? 0f : (float) options.temperature();
        float topP = Math.max((float) options.topP(), Float.MIN_NORMAL);
        return new SamplingParams(temperature, options.topK(), topP, (float) options.minP(), seed);
    }

    private int[] stopTokenIds(GenerationOptions options) {
        Set<Integer> ids = new LinkedHashSet<>(options.stopTokenIds());
        if (!options.ignoreEos()) {
            ids.add(tokenizer.eosId());
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private Optional<String> problem(Prompt prompt) {
        if (prompt.id().isEmpty()) {
            return Optional.of("id: expected text, found none");
        }
        return optionsProblem(prompt.options()).or(() -> switch (prompt.input()) {
            case PromptInput.Text text -> lengthProblem(tokenizer.fewestTokens(text.text()));
            case PromptInput.Messages chat -> ChatForm.problem(chat.messages()).or(() -> chatLengthProblem(chat));
            case PromptInput.Tokens tokens -> tokensProblem(tokens.ids());
        });
    }

    private Optional<String> optionsProblem(GenerationOptions options) {
        return integerProblem("max_new_tokens", options.maxNewTokens(), 1)
                .or(() -> numberProblem("temperature", options.temperature(), 0, HOTTEST))
                .or(() -> integerProblem("top_k", options.topK(), 0))
                .or(() -> numberProblem("top_p", options.topP(), 0, 1))
                .or(() -> options.topP() > 0
                        ? Optional.empty()
                        : Optional.of("top_p: expected a number above 0, found " + options.topP()))
                .or(() -> numberProblem("min_p", options.minP(), 0, 1))
                .or(() -> stopProblem(options.stop()))
                .or(() -> countProblem("stop_token_ids", options.stopTokenIds().size(), MAX_STOP_TOKEN_IDS))
                .or(() -> idProblem("stop_token_ids", options.stopTokenIds()));
    }

    private static Optional<String> stopProblem(List<String> stops) {
        for (int i = 0; i < stops.size(); i++) {
            String stop = stops.get(i);
            if (stop.isEmpty()) {
                return Optional.of("stop[" + i + "]: expected text, found none");
            }
            if (stop.codePoints().anyMatch(c -> c <= 0xFFFF && Character.isSurrogate((char) c))) {
                return Optional.of("stop[" + i + "]: expected whole characters, found half a surrogate pair");
            }
            if (stop.length() > MAX_STOP_CHARACTERS) {
                return Optional.of("stop[" + i + "]: expected at most " + MAX_STOP_CHARACTERS + " characters, found "
                        + stop.length());
            }
        }
        return countProblem("stop", stops.size(), MAX_STOP_STRINGS);
    }

    private Optional<String> tokensProblem(List<Integer> ids) {
        if (ids.isEmpty()) {
            return Optional.of("prompt_ids: expected at least one token, found none");
        }
        return ids.size() > maxPromptTokens
                ? Optional.of(tooLong(Integer.toString(ids.size())))
                : idProblem("prompt_ids", ids);
    }

    private Optional<String> chatLengthProblem(PromptInput.Messages chat) {
        long tokens = 0;
        for (PromptInput.Message message : chat.messages()) {
            tokens += tokenizer.fewestTokens(message.content().strip());
        }
        return lengthProblem(tokens);
    }

    /** Refuses endless texts before they are encoded; others are encoded, to say how many tokens they have. */
    private Optional<String> lengthProblem(long fewestTokens) {
        return fewestTokens > ENDLESS * maxPromptTokens
                ? Optional.of(tooLong("at least " + fewestTokens))
                : Optional.empty();
    }

    private String tooLong(String found) {
        return "prompt: expected at most " + maxPromptTokens + " tokens, found " + found;
    }

    private Optional<String> idProblem(String field, List<Integer> ids) {
        for (int i = 0; i < ids.size(); i++) {
            int id = ids.get(i);
            if (id < 0 || id >= tokenizer.vocabularySize()) {
                return Optional.of(field + "[" + i + "]: expected a token id from 0 to "
                        + (tokenizer.vocabularySize() - 1) + ", found " + id);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> integerProblem(String field, int value, int least) {
        return value >= least
                ? Optional.empty()
                : Optional.of(field + ": expected at least " + least + ", found " + value);
    }

    private static Optional<String> countProblem(String field, int count, int most) {
        return count <= most
                ? Optional.empty()
                : Optional.of(field + ": expected at most " + most + ", found " + count);
    }

    /** NaN is in no range. */
    private static Optional<String> numberProblem(String field, double value, double least, double most) {
        return value >= least && value <= most
                ? Optional.empty()
                : Optional.of(
                        field + ": expected a number from " + plain(least) + " to " + plain(most) + ", found " + value);
    }

    private static String plain(double whole) {
        return Long.toString((long) whole);
    }
}
