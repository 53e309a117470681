package io.llamastreams.app.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Listening sockets on 127.0.0.1 that are bound before Kafka starts and handed to it by listener name.
 *
 * <p>A free port must be known before the configuration is written; a port that was tried and let go could be taken by
 * another process in between, one that is held cannot. A taken port also shows here, before anything has started.
 */
final class LoopbackSockets implements ServerSocketFactory, AutoCloseable {

    private static final int BACKLOG = 50;
    static final InetAddress ADDRESS = loopback();

    private final Map<String, ServerSocketChannel> unclaimed = new ConcurrentHashMap<>();

    /**
     * Binds a socket for a listener.
     *
     * @param port 0 for any free one
     * @return the port that was bound
     * @throws EmbeddedBrokerException if the port is taken
     */
    int bind(String listener, int port) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                // A port that a broker left a moment ago may be bound again.
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(new InetSocketAddress(ADDRESS, port), BACKLOG);
                unclaimed.put(listener, channel);
                return ((InetSocketAddress) channel.getLocalAddress()).getPort();
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (BindException e) {
            throw new EmbeddedBrokerException("port " + port + ": expected a free one, found it taken", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ServerSocketChannel openServerSocket(
            String listenerName, InetSocketAddress address, int listenBacklogSize, int recvBufferSize)
            throws IOException {
        if (!unclaimed.containsKey(listenerName)) {
            bind(listenerName, address.getPort()); // a further listener, whose port is in the settings
        }
        ServerSocketChannel channel = unclaimed.remove(listenerName);
        channel.configureBlocking(false);
        return channel;
    }

    /** Closes the sockets that Kafka did not take; it closes those it took. */
    @Override
    public void close() {
        for (ServerSocketChannel channel : unclaimed.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        unclaimed.clear();
    }

    private static InetAddress loopback() {
        try {
            return InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
