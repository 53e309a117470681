package io.llamastreams.topology.serde;

import io.llamastreams.schema.ChatMessage;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.topology.record.IncomingPrompt;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** Prompts as users send them. Any thread. */
final class AvroPrompts {

    private AvroPrompts() {}

    // --- to a record

    static PromptRequest request(Prompt prompt) {
        PromptRequest.Builder builder = PromptRequest.newBuilder()
                .setId(prompt.id())
                .setPriority(prompt.priority())
                .setDeadline(prompt.deadlineMillis().map(Instant::ofEpochMilli).orElse(null))
                .setTenant(prompt.tenant())
                .setBatchId(prompt.batchId())
                .setAttributes(prompt.attributes());
        put(prompt.input(), builder);
        PromptRequest request = builder.build();
        new AvroOptions(request).write(prompt.options());
        return request;
    }

    private static void put(PromptInput input, PromptRequest.Builder builder) {
        switch (input) {
            case PromptInput.Text text -> builder.setPrompt(text.text());
            case PromptInput.Messages messages ->
                builder.setMessages(messages.messages().stream()
                        .map(m -> new ChatMessage(m.role(), m.content()))
                        .toList());
            case PromptInput.Tokens tokens -> builder.setPromptIds(tokens.ids());
        }
    }

    // --- from a record

    static IncomingPrompt incoming(PromptRequest request) {
        SequencedMap<String, PromptInput> inputs = inputs(request);
        AvroOptions options = new AvroOptions(request);
        Prompt prompt = new Prompt(
                request.getId(),
                inputs.isEmpty()
                        ? new PromptInput.Text("")
                        : inputs.firstEntry().getValue(),
                options.read(),
                request.getPriority(),
                Optional.ofNullable(request.getDeadline()).map(Instant::toEpochMilli),
                request.getTenant(),
                request.getBatchId(),
                request.getAttributes());
        return new IncomingPrompt(
                prompt,
                fault(request, inputs.sequencedKeySet()).or(options::fault).orElse(""));
    }

    private static Optional<String> fault(PromptRequest request, Set<String> inputNames) {
        if (request.getId().isEmpty()) {
            return Optional.of("id: expected text, found none");
        }
        return inputNames.size() == 1
                ? Optional.empty()
                : Optional.of("expected exactly one of prompt, messages and promptIds, found "
                        + (inputNames.isEmpty() ? "none" : String.join(" and ", inputNames)));
    }

    /** Those that the record has, by their fields; the schema cannot say how many. */
    private static SequencedMap<String, PromptInput> inputs(PromptRequest request) {
        SequencedMap<String, PromptInput> inputs = new LinkedHashMap<>();
        if (request.getPrompt() != null) {
            inputs.put("prompt", new PromptInput.Text(request.getPrompt()));
        }
        if (request.getMessages() != null) {
            inputs.put(
                    "messages",
                    new PromptInput.Messages(request.getMessages().stream()
                            .map(m -> new PromptInput.Message(m.getRole(), m.getContent()))
                            .toList()));
        }
        if (request.getPromptIds() != null) {
            inputs.put("promptIds", new PromptInput.Tokens(request.getPromptIds()));
        }
        return inputs;
    }
}
