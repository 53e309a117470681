package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.engine.request.TokenRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the next token of one text depends on besides its logits: parameters, tokens so far, and a constraint. Lives as long as
 * the text, also while its memory is taken away and computed again. One thread at a time.
 *
 * <p>Needs room for the rules, for the distinct tokens so far where penalties are asked for, and for as many last tokens as the
 * longest bad word has.
 */
public final class SampleState {
    private final SamplingParams params;
    private final int sample;
    private final int[] stopTokenIds;
    private final Optional<TokenConstraint> constraint;
    private final int maxNewTokens;

    // the rules in the form in which a row needs them; ids ascending
    private final int[] allowedIds;
    private final int[] biasedIds;
    private final float[] biases;
    private final BannedSequences badWords;
    private final TokenCounts counts = new TokenCounts();
    private final boolean penalised;
    private final boolean alwaysRuled;

    private int newTokens;
    private boolean ended;

    /**
     * The state at the end of a prompt.
     *
     * @param sample which of several texts for one prompt, for its random numbers
     * @param prompt not copied, must not change
     * @param stopTokenIds tokens that cannot come before {@link TokenRules#minTokens}; not copied, must not change
     * @param maxNewTokens most tokens that the text may get
     */
    public SampleState(
            SamplingParams params,
            int sample,
            int[] prompt,
            int[] stopTokenIds,
            Optional<TokenConstraint> constraint,
            int maxNewTokens) {
        this.params = params;
        this.sample = sample;
        this.stopTokenIds = stopTokenIds;
        this.constraint = constraint;
        this.maxNewTokens = maxNewTokens;
        TokenRules rules = params.rules();
        allowedIds = rules.allowedTokenIds().stream()
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
        List<Map.Entry<Integer, Float>> sorted = rules.logitBias().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .toList();
        biasedIds = sorted.stream().mapToInt(Map.Entry::getKey).toArray();
        biases = new float[biasedIds.length];
        for (int i = 0; i < biases.length; i++) {
            biases[i] = sorted.get(i).getValue();
        }
        badWords = new BannedSequences(rules.badWords());
        penalised = !params.penalties().isNone();
        if (params.penalties().repetition() != 1) {
            for (int token : prompt) {
                counts.addSeen(token);
            }
        }
        alwaysRuled = constraint.isPresent()
                || penalised
                || allowedIds.length > 0
                || biasedIds.length > 0
                || !badWords.isEmpty();
    }

    public SamplingParams params() {
        return params;
    }

    /** Takes the next token of the text. */
    public void accept(int token) {
        newTokens++;
        badWords.accept(token);
        if (penalised) {
            counts.add(token);
        }
        if (constraint.isPresent()) {
            constraint.get().accept(token);
            ended = constraint.get().isEnded();
        }
    }

    /** Whether the constraint allows nothing more than an end, after at least one token. */
    public boolean isEnded() {
        return ended;
    }

    int sample() {
        return sample;
    }

    int tokensLeft() {
        return maxNewTokens - newTokens;
    }

    boolean isStopToken(int token) {
        for (int stop : stopTokenIds) {
            if (stop == token) {
                return true;
            }
        }
        return false;
    }

    /** Whether the next token's logits are not to be taken as they are. */
    boolean isRuled() {
        return alwaysRuled || isTooShort();
    }

    /**
     * Writes the logits that rules and penalties make of a row: negative infinity for tokens that must not come next, biases
     * added to the rest, then penalties taken away.
     *
     * @param row the logits, as many as the vocabulary has tokens
     * @param bits scratch, a bit for each of them
     */
    void rule(float[] logits, int offset, float[] row, long[] bits) {
        copyAllowed(logits, offset, row, bits);
        badWords.ban(row);
        if (isTooShort()) {
            for (int stop : stopTokenIds) {
                if (stop >= 0 && stop < row.length) {
                    row[stop] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        for (int i = 0; i < biasedIds.length; i++) {
            row[requireToken("logit_bias", biasedIds[i], row.length)] += biases[i];
        }
        if (penalised) {
            counts.penalise(row, params.penalties());
        }
    }

    /** What forbids tokens now, for people. */
    String bans() {
        List<String> names = new ArrayList<>();
        if (constraint.isPresent()) {
            names.add("the constraint");
        }
        if (allowedIds.length > 0) {
            names.add("allowed_token_ids");
        }
        if (!badWords.isEmpty()) {
            names.add("bad_words");
        }
        if (isTooShort()) {
            names.add("min_tokens");
        }
        if (biasedIds.length > 0) {
            names.add("logit_bias");
        }
        if (penalised) {
            names.add("penalties");
        }
        return String.join(", ", names);
    }

    static int requireToken(String name, int token, int vocabularySize) {
        if (token < 0 || token >= vocabularySize) {
            throw new IllegalArgumentException(
                    name + ": token id: expected 0 to " + (vocabularySize - 1) + ", found " + token);
        }
        return token;
    }

    private boolean isTooShort() {
        return newTokens < params.rules().minTokens();
    }

    private void copyAllowed(float[] logits, int offset, float[] row, long[] bits) {
        if (constraint.isEmpty() && allowedIds.length == 0) {
            System.arraycopy(logits, offset, row, 0, row.length);
            return;
        }
        Arrays.fill(bits, -1L);
        bits[bits.length - 1] = -1L >>> -row.length;
        if (constraint.isPresent()) {
            constraint.get().mask(bits, tokensLeft());
        }
        if (allowedIds.length == 0) {
            TokenBits.copyAllowed(logits, offset, bits, row);
            return;
        }
        Arrays.fill(row, Float.NEGATIVE_INFINITY);
        for (int id : allowedIds) {
            requireToken("allowed_token_ids", id, row.length);
            if (TokenBits.isAllowed(bits, id)) {
                row[id] = logits[offset + id];
            }
        }
    }
}
