package io.llamastreams.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy between a client and a server that answers each frame with the number in it. */
@Timeout(60)
class FaultProxyTest {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int PATIENCE_SECONDS = 30;

    private final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    private ServerSocket server;
    private FaultProxy proxy;
    private Socket client;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 10, LOOPBACK);
        Thread.ofVirtual().start(this::accept);
        proxy = new FaultProxy(server.getLocalPort());
        client = newClient();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        proxy.close();
        server.close();
    }

    private Socket newClient() throws IOException {
        Socket socket = new Socket(LOOPBACK, proxy.port());
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        return socket;
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> answer(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void answer(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (in.readInt() == Short.BYTES + Integer.BYTES) {
                in.readShort();
                int number = in.readInt();
                received.add(number);
                out.writeInt(number);
            }
        } catch (IOException e) {
            return; // cut
        }
    }

    private static void send(Socket socket, ApiKeys kind, int number) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(Short.BYTES + Integer.BYTES);
        out.writeShort(kind.id);
        out.writeInt(number);
    }

    private static int answer(Socket socket, ApiKeys kind, int number) throws IOException {
        send(socket, kind, number);
        return new DataInputStream(socket.getInputStream()).readInt();
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> {
                    // The first write after a reset may still go out.
                    while (socket.getInputStream().read() >= 0) {}
                    throw new SocketException("Connection reset, by an orderly end");
                })
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
    }

    @Test
    void passesRequestsAndAnswers() throws IOException {
        for (int i = 0; i < 100; i++) {
            assertThat(answer(client, ApiKeys.PRODUCE, i)).isEqualTo(i);
        }
        try (Socket other = newClient()) {
            assertThat(answer(other, ApiKeys.FETCH, 7)).isEqualTo(7);
        }
    }

    @Test
    void resetsWhatIsConnectedAndTakesNewConnections() throws IOException {
        assertThat(answer(client, ApiKeys.PRODUCE, 1)).isEqualTo(1);
        assertThat(proxy.cut()).isEqualTo(1);
        assertReset(client);
        try (Socket again = newClient()) {
            assertThat(answer(again, ApiKeys.PRODUCE, 2)).isEqualTo(2);
        }
    }

    @Test
    void deliversATrappedRequestWithoutItsAnswer() throws Exception {
        proxy.trapNext(ApiKeys.END_TXN, () -> FaultProxy.Delivery.DELIVER_AND_CUT);
        assertThat(answer(client, ApiKeys.PRODUCE, 1)).isEqualTo(1);
        send(client, ApiKeys.END_TXN, 2);
        assertReset(client);
        assertThat(received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(2);
    }

    @Test
    void dropsATrappedRequestAndNoOtherOne() throws Exception {
        proxy.trapNext(ApiKeys.END_TXN, () -> FaultProxy.Delivery.DROP_AND_CUT);
        send(client, ApiKeys.END_TXN, 1);
        assertReset(client);
        try (Socket again = newClient()) {
            assertThat(answer(again, ApiKeys.END_TXN, 2)).isEqualTo(2);
        }
        assertThat(received).containsExactly(2);
    }

    @Test
    void passesNothingWhileItIsSilent() throws Exception {
        assertThat(answer(client, ApiKeys.PRODUCE, 1)).isEqualTo(1);
        received.clear();
        proxy.silence();
        send(client, ApiKeys.PRODUCE, 2);
        try (Socket other = newClient()) {
            send(other, ApiKeys.PRODUCE, 3);
            assertThat(received.poll(200, TimeUnit.MILLISECONDS)).isNull();
            proxy.endSilence();
            assertReset(client);
        }
        try (Socket again = newClient()) {
            assertThat(answer(again, ApiKeys.PRODUCE, 4)).isEqualTo(4);
        }
        assertThat(received).containsExactly(4);
    }

    @Test
    void holdsBackWhatIsDelayed() throws IOException {
        proxy.delay(Duration.ofMillis(50));
        long startNanos = System.nanoTime();
        assertThat(answer(client, ApiKeys.PRODUCE, 1)).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }

    /** The port is bound, so that nobody else takes it, but nothing listens there. */
    @Test
    void resetsWhereNoBrokerIs() throws IOException {
        try (Socket holder = new Socket()) {
            holder.bind(new InetSocketAddress(LOOPBACK, 0));
            try (FaultProxy alone = new FaultProxy(holder.getLocalPort());
                    Socket connected = new Socket(LOOPBACK, alone.port())) {
                connected.setSoTimeout(PATIENCE_SECONDS * 1000);
                assertReset(connected);
            }
        }
    }
}
