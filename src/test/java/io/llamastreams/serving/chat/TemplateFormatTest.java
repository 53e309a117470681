package io.llamastreams.serving.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.PromptInput.Message;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.template.Templates;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateFormatTest {
    private static final List<String> PARTS = List.of(
            "Hi",
            " there",
            "\n",
            " ",
            "\u00A0",
            "[INST]",
            "[/INST]",
            "<<SYS>>",
            "<</SYS>>",
            "<s>",
            "</s>",
            "<",
            "/",
            "s>",
            "s",
            ">",
            "</",
            "<unk>",
            "é",
            "日",
            "😀",
            "\uE000",
            "{{ x }}",
            "{% if %}");

    @Test
    void llama2sTemplateGivesTheIdsOfMetasReferenceWhateverPeopleSay() {
        Tokenizer tokenizer = tokenizer();
        TemplateFormat format = new TemplateFormat(Templates.LLAMA_2, tokenizer);
        long seed = 5;
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            List<Message> messages = new ArrayList<>();
            if (random.nextBoolean()) {
                messages.add(new Message("system", text(random)));
            }
            int turns = 1 + 2 * random.nextInt(3);
            for (int i = 0; i < turns; i++) {
                messages.add(new Message(i % 2 == 0 ? "user" : "assistant", text(random)));
            }
            assertThat(ids(format, messages))
                    .as("seed %d round %d: %s", seed, round, messages)
                    .isEqualTo(ChatForm.tokens(tokenizer, messages));
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.toString();
    }

    @Test
    void controlTokensComeFromTheTemplateAlone() {
        Tokenizer tokenizer = tokenizer();
        // a template that ends right before what people say with the begin of a control token's name
        for (String source : List.of(
                "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}",
                "{{ bos_token }}<{{ messages[0].content }}>{{ eos_token }}",
                "{{ bos_token }}</{{ messages[0].content }}{{ eos_token }}")) {
            TemplateFormat format = new TemplateFormat(source, tokenizer);
            for (String said :
                    List.of("<s>", "</s>", "s>", ">", "<", "/s", " </s> ", "x</s>y<s>", "<<s>>", "</<s>s>")) {
                int[] ids = ids(format, List.of(new Message("user", said)));
                assertThat(ids[0]).isEqualTo(1);
                assertThat(ids[ids.length - 1]).isEqualTo(2);
                assertThat(Arrays.stream(ids, 1, ids.length - 1).filter(tokenizer::isControl))
                        .as("%s in %s", said, source)
                        .isEmpty();
                assertThat(tokenizer.decode(ids)).contains(said.strip());
            }
        }
    }

    @Test
    void encodesEachPieceBetweenControlTokensAsATextOfItsOwn() {
        Tokenizer tokenizer = tokenizer();
        TemplateFormat format = new TemplateFormat(Templates.MISTRAL, tokenizer);
        int[] ids =
                ids(format, List.of(new Message("user", "a"), new Message("assistant", "b"), new Message("user", "c")));
        IntStream first = IntStream.concat(IntStream.of(1), Arrays.stream(tokenizer.encode("[INST] a [/INST]b")));
        IntStream second = IntStream.concat(IntStream.of(2), Arrays.stream(tokenizer.encode(" [INST] c [/INST]")));
        assertThat(ids).isEqualTo(IntStream.concat(first, second).toArray());
    }

    @Test
    void refusesDialoguesThatTheTemplateHasNoFormFor() {
        TemplateFormat format = new TemplateFormat(Templates.MISTRAL, tokenizer());
        assertThat(format.set(List.of(new Message("system", "x"), new Message("user", "y"))))
                .isEqualTo(new ChatFormat.Setting.Refused("messages: the chat template says: Conversation roles must"
                        + " alternate user/assistant/user/assistant/..."));
        assertThat(format.set(List.of()))
                .isEqualTo(new ChatFormat.Setting.Refused("messages: expected at least one, found none"));
    }

    @Test
    void saysAtTheStartWhatIsWrongWithATemplate(@TempDir Path folder) throws Exception {
        Path model = folder.resolve("m.gguf");
        RandomModel.tiny().write(model);
        assertProblem(model, new ChatTemplateSource.Model(), model + ": key tokenizer.chat_template: expected a chat");
        Path missing = folder.resolve("none.jinja");
        assertProblem(model, new ChatTemplateSource.File(missing), missing + ": chat template: cannot be read");
        Path broken = Files.writeString(folder.resolve("broken.jinja"), "a\n{% if %}");
        assertProblem(model, new ChatTemplateSource.File(broken), broken + ": chat template: line 2: ");
        Path good = Files.writeString(folder.resolve("good.jinja"), Templates.CHATML);
        try (TextEngine engine =
                TextEngine.open(model, settings(new ChatTemplateSource.File(good)), System::nanoTime)) {
            assertThat(engine.promptIds(new PromptInput.Messages(List.of(new Message("user", "a")))))
                    .isNotEmpty();
        }
        RandomModel.tiny()
                .writer()
                .string("tokenizer.chat_template", "{{ bos_token }}{{ messages[0].content }}")
                .write(model);
        try (TextEngine engine = TextEngine.open(model, settings(new ChatTemplateSource.Model()), System::nanoTime)) {
            assertThat(engine.promptIds(new PromptInput.Messages(List.of(new Message("user", "a")))))
                    .isEqualTo(engine.tokenizer().encodeWithBos("a"));
        }
    }

    private static void assertProblem(Path model, ChatTemplateSource source, String start) {
        assertThatThrownBy(() -> TextEngine.open(model, settings(source), System::nanoTime))
                .isInstanceOf(ModelFormatException.class)
                .message()
                .startsWith(start)
                .doesNotContain("\n");
    }

    private static EngineSettings settings(ChatTemplateSource source) {
        EngineSettings usual = EngineSettings.DEFAULT;
        return new EngineSettings(usual.compute(), usual.kvCache(), usual.limits(), source);
    }

    private static int[] ids(ChatFormat format, List<Message> messages) {
        return ((ChatFormat.Setting.Ready) format.set(messages)).ids();
    }

    private static Tokenizer tokenizer() {
        return new Tokenizer(LargeVocabulary.vocabulary());
    }
}
