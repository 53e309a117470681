package io.llamastreams.app.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.topology.record.PromptCounts;
import java.util.Optional;

/** Whether the worker lives, and whether it takes prompts. Any thread. */
final class HealthPages {
    private static final String STARTING = "STARTING";

    private HealthPages() {}

    /** 503 once the worker has stopped by itself, so that whoever watches starts another. */
    static HttpAnswer live(Optional<WorkerView> worker) {
        Optional<String> failure = worker.flatMap(WorkerView::failure);
        ObjectNode body = Json.object().put("live", failure.isEmpty()).put("state", state(worker));
        failure.ifPresent(reason -> body.put("error", reason));
        return HttpAnswer.json(failure.isEmpty() ? HttpAnswer.OK : HttpAnswer.UNAVAILABLE, body);
    }

    /** 503 while it starts, while partitions are handed out and while it ends; what it has to do is told in any case. */
    static HttpAnswer ready(Optional<WorkerView> worker) {
        boolean ready = worker.map(WorkerView::isReady).orElse(false);
        ObjectNode body = Json.object().put("ready", ready).put("state", state(worker));
        worker.ifPresent(view -> {
            PromptCounts counts = view.counts();
            body.put("pending_prompts", counts.pending())
                    .put("pending_tokens", counts.pendingTokens())
                    .put("running_requests", view.engine().running());
        });
        return HttpAnswer.json(ready ? HttpAnswer.OK : HttpAnswer.UNAVAILABLE, body);
    }

    private static String state(Optional<WorkerView> worker) {
        return worker.map(WorkerView::state).orElse(STARTING);
    }
}
