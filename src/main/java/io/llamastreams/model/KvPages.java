package io.llamastreams.model;

import io.llamastreams.tensor.kernel.KvLayer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The floats behind the KV blocks: one page per block and layer, taken at once and kept until {@link #close}. */
public final class KvPages implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final List<KvLayer> layers = new ArrayList<>();
    private final int blocks;

    /**
     * Takes memory for {@code blocks} blocks.
     *
     * @throws OutOfMemoryError if it is not there
     */
    public KvPages(LlamaConfig config, int blocks) {
        this.blocks = blocks;
        boolean complete = false;
        try {
            for (int i = 0; i < config.layers(); i++) {
                layers.add(new KvLayer(
                        allocate(KvLayer.keyFloats(config.kvHeads(), config.headSize())),
                        allocate(KvLayer.valueFloats(config.kvHeads(), config.headSize())),
                        config.kvHeads(),
                        config.headSize()));
            }
            complete = true;
        } finally {
            if (!complete) {
                arena.close();
            }
        }
    }

    private MemorySegment allocate(long floatsPerBlock) {
        return arena.allocate(Math.multiplyExact(4L * floatsPerBlock, (long) blocks), 64);
    }

    /** Bytes of one block over all layers. */
    public static long blockBytes(LlamaConfig config) {
        long floats = KvLayer.keyFloats(config.kvHeads(), config.headSize())
                + KvLayer.valueFloats(config.kvHeads(), config.headSize());
        return 4L * floats * config.layers();
    }

    public int blocks() {
        return blocks;
    }

    /** Copies keys and values of a whole block, in every layer. */
    void copyBlock(int from, int to) {
        for (KvLayer layer : layers) {
            copyBlock(layer.keys(), from, to);
            copyBlock(layer.values(), from, to);
        }
    }

    private void copyBlock(MemorySegment pages, int from, int to) {
        long bytes = pages.byteSize() / blocks;
        MemorySegment.copy(pages, from * bytes, pages, to * bytes, bytes);
    }

    KvLayer layer(int index) {
        return layers.get(index);
    }

    @Override
    public void close() {
        arena.close();
    }
}
