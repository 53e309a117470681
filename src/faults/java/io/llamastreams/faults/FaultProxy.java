package io.llamastreams.faults;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Stands between a worker and the broker, and can make the worst of it.
 *
 * <pre>
 *   worker --- requests, one frame at a time ---> [delay] [silence] [trap] ---> broker
 *          <-------------------- bytes ---------- [silence] [delay] ------------
 * </pre>
 *
 * It knows of Kafka's protocol only that a request begins with its length and its kind, which a trap waits for. Of the
 * proxies on Maven Central none that runs in the same JVM was kept up lately. Any thread.
 */
final class FaultProxy implements AutoCloseable {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int BACKLOG = 50;
    private static final int MAX_REQUEST_BYTES = 64 << 20;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

    /** What becomes of a request that went into a trap. */
    enum Delivery {
        DELIVER,
        /** The broker gets it, but its answer goes nowhere. */
        DELIVER_AND_CUT,
        DROP_AND_CUT
    }

    /** @param action called once, with the request still on this side */
    private record Trap(short kind, Supplier<Delivery> action) {}

    private final ServerSocket server;
    private final int brokerPort;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Trap> trap = new AtomicReference<>();
    private final Object voice = new Object();
    private volatile long delayMillis;
    private boolean silent;

    /** @param brokerPort on this machine; need not be open yet */
    FaultProxy(int brokerPort) {
        this.brokerPort = brokerPort;
        try {
            server = new ServerSocket(0, BACKLOG, LOOPBACK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("fault-proxy-accept").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Waits for the next request of a kind; replaces a trap that is still open. */
    void trapNext(ApiKeys kind, Supplier<Delivery> action) {
        trap.set(new Trap(kind.id, action));
    }

    /** Takes a trap away that nothing went into. */
    void untrap() {
        trap.set(null);
    }

    /** Resets all connections; new ones are taken. */
    int cut() {
        int count = connections.size();
        connections.forEach(Connection::reset);
        return count;
    }

    /** How long each request, and each piece of an answer, is held back. */
    void delay(Duration each) {
        delayMillis = each.toMillis();
    }

    /** From now on connections stay open, and are accepted, but nothing passes. */
    void silence() {
        synchronized (voice) {
            silent = true;
        }
    }

    /** Connections that were silent are reset; new ones work. */
    void endSilence() {
        cut();
        synchronized (voice) {
            silent = false;
            voice.notifyAll();
        }
    }

    private void hold() throws InterruptedException {
        long millis = delayMillis;
        if (millis > 0) {
            TimeUnit.MILLISECONDS.sleep(millis);
        }
        synchronized (voice) {
            while (silent) {
                voice.wait();
            }
        }
    }

    private void accept() {
        while (true) {
            try {
                Connection connection = new Connection(server.accept());
                connections.add(connection);
                Thread.ofVirtual().name("fault-proxy-up").start(connection::serve);
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        untrap();
        endSilence();
    }

    /** One connection of the worker, with the one to the broker that it has for itself. */
    private final class Connection {
        private final Socket worker;
        private final Socket broker = new Socket();
        private final CountDownLatch answeredAfterCut = new CountDownLatch(1);
        private volatile boolean cutOff;

        Connection(Socket worker) {
            this.worker = worker;
        }

        void serve() {
            try {
                hold();
                worker.setTcpNoDelay(true);
                broker.setTcpNoDelay(true);
                broker.connect(new InetSocketAddress(LOOPBACK, brokerPort));
                Thread.ofVirtual().name("fault-proxy-down").start(this::passAnswers);
                passRequests();
            } catch (IOException | InterruptedException e) {
                reset(); // either side is gone, which the other shall see
            } finally {
                connections.remove(this);
                close(worker);
                close(broker);
            }
        }

        private void passRequests() throws IOException, InterruptedException {
            DataInputStream in = new DataInputStream(new BufferedInputStream(worker.getInputStream(), BUFFER_BYTES));
            while (true) {
                int length;
                try {
                    length = in.readInt();
                } catch (EOFException e) {
                    return;
                }
                if (length < Short.BYTES || length > MAX_REQUEST_BYTES) {
                    throw new IOException("request of " + length + " bytes");
                }
                byte[] request = in.readNBytes(length);
                if (request.length < length) {
                    return;
                }
                hold();
                if (!deliver(request)) {
                    return;
                }
            }
        }

        /** False if the connection is at its end. */
        private boolean deliver(byte[] request) throws IOException, InterruptedException {
            return switch (deliveryOf(ByteBuffer.wrap(request).getShort())) {
                case DELIVER -> {
                    write(request);
                    yield true;
                }
                case DELIVER_AND_CUT -> {
                    cutOff = true;
                    reset(worker);
                    write(request);
                    // A connection that closes at once might take the request with it.
                    answeredAfterCut.await(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
                    yield false;
                }
                case DROP_AND_CUT -> {
                    reset(worker);
                    yield false;
                }
            };
        }

        private Delivery deliveryOf(short kind) {
            Trap open = trap.get();
            return open != null && open.kind() == kind && trap.compareAndSet(open, null)
                    ? open.action().get()
                    : Delivery.DELIVER;
        }

        private void write(byte[] request) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + request.length);
            frame.putInt(request.length).put(request);
            broker.getOutputStream().write(frame.array());
        }

        private void passAnswers() {
            byte[] bytes = new byte[BUFFER_BYTES];
            try {
                InputStream in = broker.getInputStream();
                OutputStream out = worker.getOutputStream();
                for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                    hold();
                    if (cutOff) {
                        answeredAfterCut.countDown();
                    } else {
                        out.write(bytes, 0, length);
                    }
                }
                close(worker);
            } catch (IOException | InterruptedException e) {
                reset();
            }
        }

        void reset() {
            reset(worker);
            reset(broker);
        }

        private static void reset(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                return; // closed before
            }
            close(socket);
        }

        private static void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
