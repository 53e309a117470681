package io.llamastreams.serving.chat;

import io.llamastreams.serving.PromptInput;
import java.util.List;

/** Sets a dialogue as the token ids of a prompt. What people say in it is data and never becomes a control token. Any thread. */
public interface ChatFormat {

    /** What setting a dialogue came to. */
    sealed interface Setting {

        @SuppressWarnings("ArrayRecordComponent") // owned by whoever asked
        record Ready(int[] ids) implements Setting {}

        /** @param reason names the field, what was expected and what was found */
        record Refused(String reason) implements Setting {}
    }

    Setting set(List<PromptInput.Message> messages);
}
