package io.llamastreams.app.service;

import io.llamastreams.app.http.WorkerView;
import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows a worker in JMX as {@code io.llamastreams:type=Worker}, beside Kafka's own beans. Any thread reads. */
final class WorkerMetrics implements WorkerMetricsMXBean, AutoCloseable {
    static final String NAME = "io.llamastreams:type=Worker";

    private static final Logger log = LoggerFactory.getLogger(WorkerMetrics.class);

    private final WorkerView view;
    private boolean registered;

    private WorkerMetrics(WorkerView view) {
        this.view = view;
    }

    /** A second worker in one process is not shown. */
    static WorkerMetrics register(WorkerView view) {
        WorkerMetrics metrics = new WorkerMetrics(view);
        try {
            ManagementFactory.getPlatformMBeanServer().registerMBean(metrics, new ObjectName(NAME));
            metrics.registered = true;
        } catch (InstanceAlreadyExistsException e) {
            log.debug("another worker of this process is shown in JMX already");
        } catch (JMException e) {
            log.warn("worker is not shown in JMX: reason={}", e.toString());
        }
        return metrics;
    }

    @Override
    public boolean isReady() {
        return view.isReady();
    }

    @Override
    public long getPendingPrompts() {
        return view.counts().pending();
    }

    @Override
    public long getPendingTokens() {
        return view.counts().pendingTokens();
    }

    @Override
    public int getRunningRequests() {
        return view.engine().running();
    }

    @Override
    public long getPromptsReceived() {
        return view.counts().received();
    }

    @Override
    public long getPromptsEnded() {
        return view.counts().ended();
    }

    @Override
    public long getPromptTokens() {
        return view.engine().promptTokens();
    }

    @Override
    public long getCompletionTokens() {
        return view.engine().completionTokens();
    }

    @Override
    public int getKvBlocksUsed() {
        return view.engine().kvBlocksUsed();
    }

    @Override
    public int getKvBlocksTotal() {
        return view.engine().kvBlocksTotal();
    }

    @Override
    public void close() {
        if (registered) {
            registered = false;
            try {
                ManagementFactory.getPlatformMBeanServer().unregisterMBean(new ObjectName(NAME));
            } catch (JMException e) {
                log.warn("worker stays in JMX: reason={}", e.toString());
            }
        }
    }
}
