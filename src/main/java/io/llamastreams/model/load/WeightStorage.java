package io.llamastreams.model.load;

/** Where the weights of a loaded model lie. Products give the same bits either way. */
public enum WeightStorage {
    /** In memory of the process, laid out anew for fast products. */
    PACKED,

    /**
     * In the file itself, mapped: nothing is copied, and all processes that map the file share one copy. Each product lays
     * out again what it reads.
     */
    MAPPED
}
