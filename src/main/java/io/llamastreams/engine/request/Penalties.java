package io.llamastreams.engine.request;

/**
 * Makes tokens less likely that occurred before.
 *
 * @param repetition logits of tokens of prompt and text are divided by this where positive and multiplied by it where
 *     negative; 1 for none. Source: Keskar et al. 2019, "CTRL", section 4.1
 * @param presence taken from the logits of tokens of the text; 0 for none
 * @param frequency taken from the logits of tokens of the text as often as they occurred; 0 for none
 */
public record Penalties(float repetition, float presence, float frequency) {

    public static final Penalties NONE = new Penalties(1f, 0f, 0f);

    public Penalties {
        if (!(repetition > 0) || !Float.isFinite(repetition)) {
            throw new IllegalArgumentException("repetition_penalty: expected a number above 0, found " + repetition);
        }
        if (!Float.isFinite(presence)) {
            throw new IllegalArgumentException("presence_penalty: expected a number, found " + presence);
        }
        if (!Float.isFinite(frequency)) {
            throw new IllegalArgumentException("frequency_penalty: expected a number, found " + frequency);
        }
    }

    public boolean isNone() {
        return repetition == 1 && presence == 0 && frequency == 0;
    }
}
