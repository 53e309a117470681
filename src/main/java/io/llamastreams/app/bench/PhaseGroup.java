package io.llamastreams.app.bench;

import io.llamastreams.stats.StepPhase;

/** Phases of a step that are told together. */
enum PhaseGroup {
    MATRICES("matrices"),
    ATTENTION("attention"),
    ELEMENT_WISE("norms, RoPE, other element-wise"),
    KV_STORE("KV store"),
    SAMPLING("sampling"),
    SCHEDULING("scheduling, bookkeeping");

    private final String title;

    PhaseGroup(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    static PhaseGroup of(StepPhase phase) {
        return switch (phase) {
            case QUERY_KEY_VALUE, ATTENTION_OUTPUT, GATE_AND_UP, DOWN, VOCABULARY -> MATRICES;
            case ATTENTION -> ATTENTION;
            case EMBEDDING, INPUTS, ROPE, SWIGLU -> ELEMENT_WISE;
            case KV_STORE -> KV_STORE;
            case SAMPLING -> SAMPLING;
            case SCHEDULING -> SCHEDULING;
        };
    }

    static String title(StepPhase phase) {
        return switch (phase) {
            case QUERY_KEY_VALUE -> "query, key, value";
            case ATTENTION_OUTPUT -> "attention output";
            case GATE_AND_UP -> "gate, up";
            case DOWN -> "down";
            case VOCABULARY -> "vocabulary";
            case ATTENTION -> "attention";
            case EMBEDDING -> "embedding rows";
            case INPUTS -> "norms, residuals, inputs packed";
            case ROPE -> "RoPE";
            case SWIGLU -> "SwiGLU, input packed";
            case KV_STORE -> "KV store";
            case SAMPLING -> "sampling";
            case SCHEDULING -> "scheduling";
        };
    }
}
