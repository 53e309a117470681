package io.llamastreams.topology.service;

import io.llamastreams.stats.Counter;
import io.llamastreams.topology.prompt.Peers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeStreamsGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.StreamsGroupMemberDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs of the service as the group's coordinator knows them, by the client id. Where several instances have the same client id
 * by configuration, all other runs of it count as gone. Any thread.
 */
final class GroupPeers implements Peers {
    private static final Logger log = LoggerFactory.getLogger(GroupPeers.class);

    /** Far below a transaction's. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(3);

    private static final Duration ANSWER_AGE = Duration.ofSeconds(2);

    private static final Pattern RUN = Pattern.compile("(.*)\\|(\\d+)\\|(\\d+)");

    private final Map<String, Object> adminConfig;
    private final String group;
    private final String clientId;
    private final long startMillis;
    private final Counter threadFailures;
    private final LongSupplier nanoClock;
    private volatile Optional<Membership> lastAnswer = Optional.empty();

    /**
     * What the brokers said.
     *
     * @param members client ids; empty if they did not answer
     */
    private record Membership(Optional<List<String>> members, long nanos) {}

    /**
     * For an instance that starts now.
     *
     * @param group the application's id
     * @param clientId of the instance, without what Kafka adds for each thread
     * @param threadFailures counts its stream threads that fail
     * @param nanoClock for how long an answer is taken for true
     */
    GroupPeers(
            Map<String, Object> adminConfig,
            String group,
            String clientId,
            long startMillis,
            Counter threadFailures,
            LongSupplier nanoClock) {
        this.adminConfig = Map.copyOf(adminConfig);
        this.group = group;
        this.clientId = clientId;
        this.startMillis = startMillis;
        this.threadFailures = threadFailures;
        this.nanoClock = nanoClock;
    }

    @Override
    public String name() {
        return clientId;
    }

    @Override
    public String run() {
        return clientId + "|" + startMillis + "|" + threadFailures.value();
    }

    @Override
    public boolean isGone(String run) {
        Matcher parts = RUN.matcher(run);
        if (!parts.matches()) {
            return false;
        }
        if (parts.group(1).equals(clientId)) {
            return !run.equals(run());
        }
        return members().stream()
                .anyMatch(members ->
                        members.stream().noneMatch(member -> member.startsWith(parts.group(1) + "-StreamThread-")));
    }

    /** Asked for once where many tasks start together. */
    private Optional<List<String>> members() {
        Optional<Membership> last = lastAnswer;
        if (last.isPresent() && nanoClock.getAsLong() - last.get().nanos() < ANSWER_AGE.toNanos()) {
            return last.get().members();
        }
        Optional<List<String>> members;
        try (Admin admin = Admin.create(adminConfig)) {
            members = Optional.of(members(admin));
        } catch (KafkaException e) {
            log.warn(
                    "group {} does not say who belongs to it, so nothing is held against prompts of other runs",
                    group,
                    e);
            members = Optional.empty();
        }
        lastAnswer = Optional.of(new Membership(members, nanoClock.getAsLong()));
        return members;
    }

    /** Client ids of the members, whichever protocol they speak. */
    private List<String> members(Admin admin) {
        int millis = Math.toIntExact(ANSWER_TIMEOUT.toMillis());
        try {
            return await(admin.describeStreamsGroups(
                                    List.of(group), new DescribeStreamsGroupsOptions().timeoutMs(millis))
                            .describedGroups()
                            .get(group))
                    .members()
                    .stream()
                    .map(StreamsGroupMemberDescription::clientId)
                    .toList();
        } catch (KafkaException e) {
            log.debug("group {} does not speak the streams protocol", group, e);
        }
        return await(admin.describeConsumerGroups(List.of(group), new DescribeConsumerGroupsOptions().timeoutMs(millis))
                        .describedGroups()
                        .get(group))
                .members()
                .stream()
                .map(MemberDescription::clientId)
                .toList();
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (Exception e) {
            throw new KafkaException(e.getCause());
        }
    }
}
