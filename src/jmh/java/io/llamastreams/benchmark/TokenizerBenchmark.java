package io.llamastreams.benchmark;

import io.llamastreams.app.demo.BuiltInModel;
import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** English prose to token ids and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizerBenchmark {

    /** A file of UTF-8. */
    @Param("LICENSE")
    public String text;

    /** The built-in model's 1,024 pieces, or a model or tokenizer.model. */
    @Param("built-in")
    public String vocabulary;

    private Tokenizer tokenizer;
    private String prose;
    private int[] ids;

    static double bytes(String text) {
        try {
            return Files.size(Path.of(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Setup
    public void setUp() throws IOException {
        prose = Files.readString(Path.of(text));
        if (vocabulary.equals("built-in")) {
            try (BuiltInModel model = BuiltInModel.copy()) {
                tokenizer = new Tokenizer(ModelVocabulary.read(model.path()));
            }
        } else {
            tokenizer = new Tokenizer(ModelVocabulary.read(Path.of(vocabulary)));
        }
        ids = tokenizer.encode(prose);
        if (!tokenizer.decode(ids).equals(prose)) {
            throw new IllegalStateException("the text that comes back is another one");
        }
    }

    @Benchmark
    public int[] encode() {
        return tokenizer.encode(prose);
    }

    @Benchmark
    public String decode() {
        return tokenizer.decode(ids);
    }
}
