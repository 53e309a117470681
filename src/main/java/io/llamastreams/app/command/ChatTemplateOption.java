package io.llamastreams.app.command;

import io.llamastreams.serving.chat.ChatTemplateSource;
import picocli.CommandLine.Option;

/** How dialogues are set. */
final class ChatTemplateOption {
    @Option(
            names = "--chat-template",
            paramLabel = "llama2|model|FILE",
            description =
                    "How dialogues are set: in Llama 2's own form (default), by the template that the model's file"
                            + " brings along, or by a Jinja template in a file.")
    private String source = ChatTemplateSource.LLAMA2;

    ChatTemplateSource source() {
        return ChatTemplateSource.parse(source);
    }
}
