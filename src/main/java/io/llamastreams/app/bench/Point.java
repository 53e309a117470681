package io.llamastreams.app.bench;

/** What one figure is about. */
public sealed interface Point {

    /** For people. */
    String title();

    /** One sequence, all {@code tokens} of its prompt, logits of the last. */
    record Prefill(int tokens) implements Point {
        @Override
        public String title() {
            return "prefill " + tokens;
        }
    }

    /** {@code batch} sequences with {@code context} tokens each, one new token of each per pass. */
    record Decode(int batch, int context) implements Point {
        @Override
        public String title() {
            return "decode batch " + batch + ", context " + context;
        }
    }
}
