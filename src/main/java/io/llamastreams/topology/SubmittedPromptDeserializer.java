package io.llamastreams.topology;

import io.llamastreams.serving.Prompt;
import java.util.Optional;

/** What lies on the prompts topic, for those who look at it; a service reads it with more care. */
public final class SubmittedPromptDeserializer extends MappedDeserializer<Prompt> {

    /** To be configured, with the keys of {@link MappedDeserializer#configure}. */
    public SubmittedPromptDeserializer() {
        super(AvroMapper.PROMPT, Optional.empty());
    }
}
