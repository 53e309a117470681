package io.llamastreams.app.command;

import io.llamastreams.tensor.kernel.KvType;
import picocli.CommandLine.Option;

/** How keys and values are kept. Mixed into the commands that run a model; unlike the other options it may change a text. */
final class KvTypeOption {
    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description = "Number format of keys and values: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). f16"
                    + " takes half the memory; it rounds, so a text may differ from that with f32, but never from that of"
                    + " another batch or machine with f16.")
    private KvType type = KvType.F32;

    KvType type() {
        return type;
    }
}
