package io.llamastreams.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.app.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BuiltInModelTest {
    @Test
    void aCopyIsThereUntilItIsClosed() throws IOException {
        Path path;
        try (BuiltInModel model = BuiltInModel.copy("stories.jsonl");
                InputStream original = BuiltInModel.class.getResourceAsStream("stories.jsonl")) {
            path = model.path();
            assertThat(path).hasFileName("support-tickets.gguf").hasBinaryContent(original.readAllBytes());
        }
        assertThat(path).doesNotExist();
        assertThat(path.getParent()).doesNotExist();
        assertThat(Files.exists(path.getParent().getParent())).isTrue();
    }

    @Test
    void aBuildWithoutItSaysSo() {
        assertThatThrownBy(() -> BuiltInModel.copy("none.gguf"))
                .isInstanceOf(CommandFailure.class)
                .hasMessage(
                        "built-in model: expected the resource none.gguf in this build, found none: give --model FILE");
    }
}
