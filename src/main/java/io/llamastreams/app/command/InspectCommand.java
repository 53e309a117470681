package io.llamastreams.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.command.ModelSource.ModelFile;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.model.KvPages;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.load.ModelDescription;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is in a model file, and what memory it will take. */
@Command(
        name = "inspect",
        description = {
            "Show a model's configuration, its tensors and a plan of the memory that serving it takes.",
            "",
            "The file is checked in full, but its weights are not loaded. KV memory is what each sequence in flight takes"
                    + " for the keys and values of its tokens; prompts that start alike share it."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams inspect --model llama-2-7b.Q4_0.gguf",
            "  llama-streams inspect --model llama-2-7b.Q4_0.gguf --kv-cache-bytes 8G --tensors",
            "  llama-streams inspect --model llama-2-7b.Q4_0.gguf --json"
        })
public final class InspectCommand implements Callable<Integer>, QuietCommand {
    @Mixin
    private ModelOption model;

    @Option(
            names = "--kv-cache-bytes",
            paramLabel = "BYTES",
            converter = ByteCountConverter.class,
            description = "KV memory to plan with, such as 512M or 8G (default: half of the memory that the weights"
                    + " leave on this machine).")
    private Long kvCacheBytes;

    @Mixin
    private KvTypeOption kv;

    @Option(names = "--tensors", description = "List every tensor.")
    private boolean tensors;

    @Option(names = "--json", description = "Print everything as one JSON object.")
    private boolean json;

    private final Console console;

    InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ModelDescription description;
        try (ModelFile file = model.file()) {
            description = ModelLoader.look(file.path(), ModelDescription::of);
        }
        long kvBytes = kvCacheBytes == null
                ? Math.max(0, physicalMemoryBytes() - description.weightBytes()) / 2
                : kvCacheBytes;
        MemoryPlan plan = MemoryPlan.of(description.config(), kv.type(), kvBytes);
        if (json) {
            console.jsonLine(Json.write(json(description, plan)));
        } else {
            print(console.out(), description, plan);
        }
        return 0;
    }

    private static long physicalMemoryBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Runtime.getRuntime().maxMemory();
    }

    /** KV memory for whole blocks; one full sequence takes as many as its context needs. */
    private record MemoryPlan(
            KvType kvType, long kvBytesPerToken, long kvBytesPerSequence, long kvCacheBytes, long sequences) {
        static MemoryPlan of(LlamaConfig config, KvType kvType, long kvCacheBytes) {
            long blockBytes = KvPages.blockBytes(config, kvType);
            long blocks = (config.contextLength() + KvLayer.BLOCK_TOKENS - 1L) / KvLayer.BLOCK_TOKENS;
            return new MemoryPlan(
                    kvType,
                    blockBytes / KvLayer.BLOCK_TOKENS,
                    blocks * blockBytes,
                    kvCacheBytes,
                    kvCacheBytes / blockBytes / blocks);
        }
    }

    private void print(PrintStream out, ModelDescription description, MemoryPlan plan) {
        LlamaConfig config = description.config();
        line(out, "file", description.path() + " (" + description.format() + ")");
        description.name().ifPresent(name -> line(out, "name", name));
        line(out, "parameters", String.format(Locale.ROOT, "%,d", description.parameters()));
        line(out, "layers", config.layers());
        line(out, "embedding", config.embeddingLength());
        line(out, "heads", config.heads() + " of " + config.headSize() + ", KV heads " + config.kvHeads());
        line(out, "feed-forward", config.feedForwardLength());
        line(out, "context", config.contextLength() + " tokens");
        line(out, "vocabulary", config.vocabularySize() + (description.tiedOutput() ? ", output tied" : ""));
        line(out, "RoPE", "theta " + config.ropeTheta() + ", scale " + config.ropeScale());
        line(out, "RMSNorm", "epsilon " + config.rmsEpsilon());
        line(
                out,
                "tensors",
                description.types().stream()
                        .map(total -> total.tensors() + " " + total.type() + " (" + bytes(total.bytes()) + ")")
                        .collect(Collectors.joining(", ")));
        line(
                out,
                "weights",
                bytes(description.weightBytes()) + ", read for each token of a batch of one: "
                        + bytes(description.weightBytesPerToken()));
        line(out, "KV per token", bytes(plan.kvBytesPerToken) + " as " + plan.kvType);
        line(out, "KV per full sequence", bytes(plan.kvBytesPerSequence));
        line(out, "full sequences", plan.sequences + " in a KV cache of " + bytes(plan.kvCacheBytes));
        if (tensors) {
            out.println();
            description
                    .tensors()
                    .forEach(tensor -> out.printf(
                            Locale.ROOT,
                            "%-32s %-5s %-16s %,d bytes%n",
                            tensor.name(),
                            tensor.type(),
                            tensor.shape(),
                            tensor.bytes()));
        }
    }

    private static void line(PrintStream out, String name, Object value) {
        out.printf(Locale.ROOT, "%-22s%s%n", name, value);
    }

    /** A number of bytes as people say it. */
    private static String bytes(long count) {
        String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }

    private static ObjectNode json(ModelDescription description, MemoryPlan plan) {
        LlamaConfig config = description.config();
        ObjectNode root = Json.object()
                .put("file", description.path().toString())
                .put("format", description.format())
                .put("name", description.name().orElse(null))
                .put("parameters", description.parameters());
        root.putObject("config")
                .put("vocabulary_size", config.vocabularySize())
                .put("embedding_length", config.embeddingLength())
                .put("layers", config.layers())
                .put("heads", config.heads())
                .put("kv_heads", config.kvHeads())
                .put("head_size", config.headSize())
                .put("feed_forward_length", config.feedForwardLength())
                .put("context_length", config.contextLength())
                .put("rope_theta", config.ropeTheta())
                .put("rope_scale", config.ropeScale())
                .put("rms_epsilon", config.rmsEpsilon())
                .put("tied_output", description.tiedOutput());
        root.putObject("memory")
                .put("weight_bytes", description.weightBytes())
                .put("weight_bytes_per_token", description.weightBytesPerToken())
                .put("kv_type", plan.kvType.toString())
                .put("kv_bytes_per_token", plan.kvBytesPerToken)
                .put("kv_bytes_per_sequence", plan.kvBytesPerSequence)
                .put("kv_cache_bytes", plan.kvCacheBytes)
                .put("sequences_that_fit", plan.sequences);
        ArrayNode tensors = root.putArray("tensors");
        description.tensors().forEach(tensor -> {
            ObjectNode node = tensors.addObject()
                    .put("name", tensor.name())
                    .put("type", tensor.type().name());
            tensor.shape().forEach(node.putArray("shape")::add);
            node.put("bytes", tensor.bytes());
        });
        return root;
    }
}
