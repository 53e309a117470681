package io.llamastreams.app.command;

import io.llamastreams.app.command.ModelSource.ModelFile;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.TextReader;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Texts to token ids. */
@Command(
        name = "tokenize",
        description = {
            "Turn text into the model's token ids.",
            "",
            "Text is data: nothing in it becomes a control token. The model's weights are not loaded."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams tokenize --model llama-2-7b.Q8_0.gguf --text 'Once upon a time'",
            "  llama-streams tokenize --model tokenizer.model --text 'Once upon a time' --bos --pieces",
            "  llama-streams tokenize --model tokenizer.model --file texts.jsonl --json > ids.jsonl"
        })
public final class TokenizeCommand implements Callable<Integer>, QuietCommand {
    @Option(
            names = "--model",
            required = true,
            paramLabel = ModelSource.LABEL,
            converter = ModelSource.Converter.class,
            description = "A GGUF file, a bare tokenizer.model, or a folder with one of them; \""
                    + ModelSource.BUILT_IN_NAME + "\" is the model that comes with the program.")
    private ModelSource model;

    @ArgGroup(multiplicity = "1")
    private Input input;

    /** One of them. */
    static final class Input {
        @Option(names = "--text", required = true, paramLabel = "TEXT", description = "The text.")
        private String text;

        @Option(
                names = "--file",
                required = true,
                paramLabel = "F.jsonl",
                description = "Lines of {\"text\": ...}; \"-\" for standard input. One line out for each.")
        private Path file;
    }

    @Option(names = "--bos", description = "Put BOS before each text.")
    private boolean bos;

    @Option(names = "--pieces", description = "Print the tokens' pieces instead of their ids.")
    private boolean pieces;

    @Option(names = "--json", description = "Print a line {\"ids\":[...]} for each text.")
    private boolean json;

    private final Console console;

    TokenizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer;
        try (ModelFile modelFile = model.file()) {
            tokenizer = new Tokenizer(ModelVocabulary.read(modelFile.path()));
        }
        if (input.file == null) {
            print(tokenizer, input.text);
            return 0;
        }
        boolean standardInput = input.file.toString().equals("-");
        try (InputStream stream = standardInput ? System.in : Files.newInputStream(input.file);
                TextReader texts = new TextReader(stream, standardInput ? "standard input" : input.file.toString())) {
            printAll(tokenizer, texts);
        }
        return 0;
    }

    private void printAll(Tokenizer tokenizer, TextReader texts) throws IOException {
        for (Optional<String> text = texts.next(); text.isPresent(); text = texts.next()) {
            print(tokenizer, text.get());
            if (texts.mayBlock()) {
                // Whoever writes the next line may be waiting for this one.
                console.flush();
            }
        }
    }

    private void print(Tokenizer tokenizer, String text) {
        int[] ids = bos ? tokenizer.encodeWithBos(text) : tokenizer.encode(text);
        if (json) {
            console.jsonLine(Json.write(Json.object().set("ids", Json.array(ids))));
        } else {
            console.out()
                    .println(Arrays.stream(ids)
                            .mapToObj(id -> pieces ? tokenizer.piece(id) : Integer.toString(id))
                            .collect(Collectors.joining(" ")));
        }
    }
}
