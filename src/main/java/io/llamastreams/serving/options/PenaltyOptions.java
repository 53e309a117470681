package io.llamastreams.serving.options;

/**
 * Makes tokens less likely that occurred before.
 *
 * @param repetition logits of tokens of prompt and text are divided by this where positive, multiplied where negative; 1 for
 *     none
 * @param presence taken from the logits of tokens of the text; 0 for none
 * @param frequency taken from the logits of tokens of the text as often as they occurred; 0 for none
 */
public record PenaltyOptions(double repetition, double presence, double frequency) {
    public static final PenaltyOptions NONE = new PenaltyOptions(1, 0, 0);

    public PenaltyOptions withRepetition(double newRepetition) {
        return new PenaltyOptions(newRepetition, presence, frequency);
    }

    public PenaltyOptions withPresence(double newPresence) {
        return new PenaltyOptions(repetition, newPresence, frequency);
    }

    public PenaltyOptions withFrequency(double newFrequency) {
        return new PenaltyOptions(repetition, presence, newFrequency);
    }
}
