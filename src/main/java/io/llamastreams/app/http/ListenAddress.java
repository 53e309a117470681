package io.llamastreams.app.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Utils;

/** Addresses of the endpoint in words. Stateless. */
public final class ListenAddress {
    private static final int MAX_PORT = 65_535;

    private ListenAddress() {}

    /**
     * What a configured address means.
     *
     * @param text host:port, or a port alone, which is one of this machine's loopback; port 0 for any free one
     * @throws ConfigException if it is no such address
     */
    public static InetSocketAddress parse(String key, String text) {
        String expected = key + ": expected host:port or a port, found " + text;
        String host = Utils.getHost(text);
        String port = host == null ? text : text.substring(text.lastIndexOf(':') + 1);
        int number;
        try {
            number = Integer.parseInt(port.strip());
        } catch (NumberFormatException e) {
            throw new ConfigException(expected);
        }
        if (number < 0 || number > MAX_PORT || host != null && host.isEmpty()) {
            throw new ConfigException(expected);
        }
        if (host == null) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), number);
        }
        InetSocketAddress address = new InetSocketAddress(host, number);
        if (address.isUnresolved()) {
            throw new ConfigException(key + ": unknown host " + host);
        }
        return address;
    }

    /** How other instances reach an endpoint that is bound to this address: one that is bound to all has the machine's own. */
    public static String advertised(InetSocketAddress bound) {
        InetAddress address = bound.getAddress();
        if (address.isAnyLocalAddress()) {
            try {
                address = InetAddress.getLocalHost();
            } catch (UnknownHostException e) {
                throw new ConfigException(
                        "application.server: expected host:port of this machine, found nothing, and " + e.getMessage());
            }
        }
        String host = address.getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort();
    }
}
