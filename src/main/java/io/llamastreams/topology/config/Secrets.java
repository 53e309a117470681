package io.llamastreams.topology.config;

import java.util.Locale;
import java.util.regex.Pattern;

/** Hides what must not be printed of a configuration. Any thread. */
final class Secrets {
    static final String HIDDEN = "[hidden]";

    private static final Pattern SECRET_KEY = Pattern.compile(
            "password|passphrase|secret|token|credential|jaas|user\\.info|keystore\\.key|private\\.key|assertion");

    private static final Pattern USER_INFO = Pattern.compile("://[^/@,\\s]*@");

    private Secrets() {}

    /** The value, or a placeholder where the key names a secret; user and password of URLs are left out. */
    static String display(String key, String value) {
        boolean own = key.startsWith(TopologyConfig.PREFIX); // llama.max.queued.tokens is no secret
        boolean secret =
                !own && SECRET_KEY.matcher(key.toLowerCase(Locale.ROOT)).find() && !key.endsWith("credentials.source");
        return secret ? HIDDEN : USER_INFO.matcher(value).replaceAll("://");
    }
}
