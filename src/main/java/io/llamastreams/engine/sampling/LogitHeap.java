package io.llamastreams.engine.sampling;

/**
 * Finds the k-th likeliest token without sorting the vocabulary: a heap of the k likeliest so far with the last of them on
 * top, so that most logits cost one comparison. Likelier is the higher logit, of equals the lower id. Engine thread only.
 */
final class LogitHeap {
    private final int[] heap;
    private float[] logits;
    private int offset;
    private int size;

    LogitHeap(int maxK) {
        heap = new int[maxK];
    }

    /** Id of the k-th likeliest of {@code length} tokens, k from 1 to length. */
    int kthId(float[] rowLogits, int rowOffset, int length, int k) {
        logits = rowLogits;
        offset = rowOffset;
        size = k;
        for (int id = 0; id < k; id++) {
            heap[id] = id;
        }
        for (int place = k / 2 - 1; place >= 0; place--) {
            sink(place);
        }
        float last = logits[offset + heap[0]];
        for (int id = k; id < length; id++) {
            // an equal logit has a higher id than all before it, so it does not get in
            if (logits[offset + id] > last) {
                heap[0] = id;
                sink(0);
                last = logits[offset + heap[0]];
            }
        }
        logits = null;
        return heap[0];
    }

    private void sink(int place) {
        int id = heap[place];
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && isLessLikely(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isLessLikely(heap[child], id)) {
                break;
            }
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = id;
    }

    private boolean isLessLikely(int a, int b) {
        float logitA = logits[offset + a];
        float logitB = logits[offset + b];
        return logitA < logitB || logitA == logitB && a > b;
    }
}
