package io.llamastreams.serving.options;

import java.util.Optional;

/**
 * What is told besides the text.
 *
 * @param logprobs whether the log-probability of each token is told, and of how many likeliest ones at its place besides; 0
 *     for the token's own alone
 * @param promptLogprobs the same for tokens of the prompt
 */
public record ReportOptions(Optional<Integer> logprobs, Optional<Integer> promptLogprobs) {
    public static final ReportOptions NONE = new ReportOptions(Optional.empty(), Optional.empty());

    public ReportOptions withLogprobs(int likeliest) {
        return new ReportOptions(Optional.of(likeliest), promptLogprobs);
    }

    public ReportOptions withPromptLogprobs(int likeliest) {
        return new ReportOptions(logprobs, Optional.of(likeliest));
    }
}
