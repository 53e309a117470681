package io.llamastreams.model;

import java.lang.foreign.Arena;
import java.util.function.Function;

/**
 * A model in memory: its shape and its weights, which lie off the heap or in a mapped file until {@link #close}. Immutable;
 * any thread, and several forward passes may share one.
 */
public final class LlamaModel implements AutoCloseable {

    /** Reads a model from wherever it comes. */
    @FunctionalInterface
    public interface Source {
        /**
         * Reads everything.
         *
         * @param file for mappings of the file; closed as soon as this returns
         * @param memory for the weights, which its first writer places, or mappings of a file that they stay in; lives as long
         *     as the model
         */
        Contents read(Arena file, Arena memory);
    }

    /** What a {@link Source} reads. */
    public record Contents(LlamaConfig config, LlamaWeights weights) {}

    private final Contents contents;
    private final Arena arena;

    private LlamaModel(Contents contents, Arena arena) {
        this.contents = contents;
        this.arena = arena;
    }

    /** Reads a model; whatever the source throws comes out, with all memory given back. */
    public static LlamaModel read(Source source) {
        Arena memory = Arena.ofShared();
        boolean complete = false;
        try (Arena file = Arena.ofShared()) {
            LlamaModel model = new LlamaModel(source.read(file, memory), memory);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                memory.close();
            }
        }
    }

    /**
     * Lets somebody look into a model's file without loading it.
     *
     * @param reader what it returns must not hold on to the mapping, which is closed as soon as it returns
     */
    public static <T> T look(Function<Arena, T> reader) {
        try (Arena file = Arena.ofShared()) {
            return reader.apply(file);
        }
    }

    public LlamaConfig config() {
        return contents.config();
    }

    public LlamaWeights weights() {
        return contents.weights();
    }

    /** Gives the weights' memory back; every forward pass over them must have ended. */
    @Override
    public void close() {
        arena.close();
    }
}
