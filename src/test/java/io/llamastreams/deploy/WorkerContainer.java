package io.llamastreams.deploy;

import com.github.dockerjava.api.command.InspectContainerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;

/** One running container of the service's image. */
record WorkerContainer(GenericContainer<?> container) {

    private static final int GRACE_SECONDS = 60;

    /** Ends it as an orchestrator does: SIGTERM first, SIGKILL after a while. Answers its exit code. */
    int terminate() {
        container
                .getDockerClient()
                .stopContainerCmd(container.getContainerId())
                .withTimeout(GRACE_SECONDS)
                .exec();
        InspectContainerResponse.ContainerState state =
                container.getCurrentContainerInfo().getState();
        return Math.toIntExact(Objects.requireNonNull(state.getExitCodeLong()));
    }

    /** Ends it without warning. */
    void kill() {
        container
                .getDockerClient()
                .killContainerCmd(container.getContainerId())
                .withSignal("KILL")
                .exec();
    }

    String userId() {
        try {
            return container.execInContainer("id", "-u").getStdout().strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
