package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.serving.Digests;
import io.llamastreams.serving.session.TextEngine;
import java.util.Optional;

/**
 * Where a completion comes from, as the field {@code lineage} of its line: {@code {"topic", "partition", "offset", "model",
 * "model_sha256", "tokenizer_sha256", "parameters_sha256", "prompt_sha256", "seed", "engine_version", "kv_type"}}.
 *
 * @param place of the prompt record; empty for one that came from no topic
 * @param model name of the model
 * @param digests of what it was made of
 * @param seed that was used
 * @param engineVersion version of the program
 * @param kvType number format of keys and values
 */
public record LineageFields(
        Optional<Place> place, String model, Digests digests, long seed, String engineVersion, String kvType) {
    static final String FIELD = "lineage";

    /** Where a prompt record lies. */
    public record Place(String topic, int partition, long offset) {}

    /** Of what an engine of this process makes of a request. */
    public static LineageFields of(TextEngine engine, RequestLine.Accepted request) {
        return new LineageFields(
                Optional.empty(),
                engine.modelName(),
                engine.digests().of(request.prompt()),
                request.prompt().seed(),
                TextEngine.version(),
                engine.kvType().toString());
    }

    /** Puts it into a line. */
    public void put(ObjectNode line) {
        ObjectNode object = line.putObject(FIELD);
        place.ifPresent(prompt -> object.put("topic", prompt.topic())
                .put("partition", prompt.partition())
                .put("offset", prompt.offset()));
        object.put("model", model)
                .put("model_sha256", digests.model())
                .put("tokenizer_sha256", digests.tokenizer())
                .put("parameters_sha256", digests.parameters())
                .put("prompt_sha256", digests.prompt())
                .put("seed", seed)
                .put("engine_version", engineVersion)
                .put("kv_type", kvType);
    }

    /** Reads it from a line; empty if it has none that can be read. */
    public static Optional<LineageFields> read(ObjectNode line) {
        try {
            return new Fields(line).object(FIELD).map(LineageFields::read);
        } catch (FieldException e) {
            return Optional.empty();
        }
    }

    private static LineageFields read(Fields fields) {
        Optional<Place> place = fields.string("topic")
                .map(topic -> new Place(
                        topic,
                        fields.requiredInteger("partition"),
                        fields.longInteger("offset").orElse(-1L)));
        return new LineageFields(
                place,
                fields.string("model").orElse(""),
                new Digests(
                        fields.string("model_sha256").orElse(""),
                        fields.string("tokenizer_sha256").orElse(""),
                        fields.string("parameters_sha256").orElse(""),
                        fields.string("prompt_sha256").orElse("")),
                fields.longInteger("seed").orElse(0L),
                fields.string("engine_version").orElse(""),
                fields.string("kv_type").orElse("f32"));
    }
}
