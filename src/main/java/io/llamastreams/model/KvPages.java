package io.llamastreams.model;

import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The numbers behind the KV blocks: one page per block and layer, taken at once and kept until {@link #close}. */
public final class KvPages implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final List<KvLayer> layers = new ArrayList<>();
    private final int blocks;

    /**
     * Takes memory for {@code blocks} blocks.
     *
     * @throws OutOfMemoryError if it is not there
     */
    public KvPages(LlamaConfig config, int blocks, KvType type) {
        this.blocks = blocks;
        boolean complete = false;
        try {
            for (int i = 0; i < config.layers(); i++) {
                layers.add(new KvLayer(
                        type,
                        allocate(KvLayer.keyBytes(type, config.kvHeads(), config.headSize())),
                        allocate(KvLayer.valueBytes(type, config.kvHeads(), config.headSize())),
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

    private MemorySegment allocate(long bytesPerBlock) {
        return arena.allocate(Math.multiplyExact(bytesPerBlock, (long) blocks), 64);
    }

    /** Bytes of one block over all layers. */
    public static long blockBytes(LlamaConfig config, KvType type) {
        long layerBytes = KvLayer.keyBytes(type, config.kvHeads(), config.headSize())
                + KvLayer.valueBytes(type, config.kvHeads(), config.headSize());
        return layerBytes * config.layers();
    }

    public int blocks() {
        return blocks;
    }

    /** Copies keys and values of a whole block, in every layer. */
    void copyBlock(int from, int to) {
        layers.forEach(layer -> layer.copyBlock(from, to));
    }

    KvLayer layer(int index) {
        return layers.get(index);
    }

    @Override
    public void close() {
        arena.close();
    }
}
