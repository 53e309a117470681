package io.llamastreams.app.command;

import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.PhysicalCores;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What computes: threads and kind of kernels. Mixed into the commands that run a model; none of it changes a result. */
public final class KernelOptions {

    /** Kinds of kernels as users name them. */
    public enum Kind {
        SCALAR,
        VECTOR;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute (default: the physical cores that this process may use).")
    private int threads = PhysicalCores.count();

    @Option(
            names = "--kernels",
            paramLabel = "KIND",
            description = "${COMPLETION-CANDIDATES} (default: vector where the JVM has the Vector API). Same results.")
    private Kind kernels;

    @Option(
            names = "--vector-bits",
            paramLabel = "BITS",
            description = "128, 256 or 512 (default: the processor's widest). Same results.")
    private int vectorBits;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /**
     * The threads.
     *
     * @throws ParameterException if fewer than one
     */
    public int threads() {
        if (threads < 1) {
            throw new ParameterException(command.commandLine(), "--threads: expected at least 1, found " + threads);
        }
        return threads;
    }

    /**
     * The kernels.
     *
     * @throws ParameterException if there are none of this width
     */
    public KernelChoice kernelChoice() {
        try {
            return kernels == null
                    ? new KernelChoice(KernelChoice.Kind.AUTO, vectorBits)
                    : switch (kernels) {
                        case SCALAR -> KernelChoice.SCALAR;
                        case VECTOR -> KernelChoice.vector(vectorBits);
                    };
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--vector-bits: " + e.getMessage(), e);
        }
    }
}
