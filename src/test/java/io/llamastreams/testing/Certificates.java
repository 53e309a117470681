package io.llamastreams.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates for 127.0.0.1 by an authority of their own, made by the JDK's keytool: one that is good, one that has expired. */
public final class Certificates {
    public static final String PASSWORD = "geheim-keystore";

    private final Path folder;

    private Certificates(Path folder) {
        this.folder = folder;
    }

    /** Makes them in a folder, which takes some seconds. */
    public static Certificates create(Path folder) throws IOException, InterruptedException {
        Certificates certificates = new Certificates(folder);
        certificates.makeAuthority();
        certificates.makeServer("good", List.of("-validity", "30"));
        certificates.makeServer("expired", List.of("-startdate", "-10d", "-validity", "5"));
        return certificates;
    }

    /** The authority's certificate, as PKCS 12 with {@link #PASSWORD}. */
    public Path trust() {
        return folder.resolve("trust.p12");
    }

    /** Key and certificate of a server, as PKCS 12 with {@link #PASSWORD}. */
    public Path good() {
        return folder.resolve("good.p12");
    }

    /** The same, whose time is over. */
    public Path expired() {
        return folder.resolve("expired.p12");
    }

    private void makeAuthority() throws IOException, InterruptedException {
        keytool(
                "-genkeypair",
                "-keystore",
                "authority.p12",
                "-alias",
                "authority",
                "-dname",
                "CN=authority",
                "-ext",
                "bc:c",
                "-keyalg",
                "EC",
                "-startdate",
                "-30d",
                "-validity",
                "90");
        keytool("-exportcert", "-rfc", "-keystore", "authority.p12", "-alias", "authority", "-file", "authority.pem");
        keytool("-importcert", "-noprompt", "-keystore", "trust.p12", "-alias", "authority", "-file", "authority.pem");
    }

    private void makeServer(String name, List<String> validity) throws IOException, InterruptedException {
        String store = name + ".p12";
        keytool("-genkeypair", "-keystore", store, "-alias", "server", "-dname", "CN=" + name, "-keyalg", "EC");
        keytool("-certreq", "-keystore", store, "-alias", "server", "-file", name + ".csr");
        List<String> sign = new ArrayList<>(List.of(
                "-gencert",
                "-rfc",
                "-keystore",
                "authority.p12",
                "-alias",
                "authority",
                "-infile",
                name + ".csr",
                "-outfile",
                name + ".pem",
                "-ext",
                "SAN=ip:127.0.0.1,dns:localhost"));
        sign.addAll(validity);
        keytool(sign.toArray(String[]::new));
        keytool("-importcert", "-noprompt", "-keystore", store, "-alias", "authority", "-file", "authority.pem");
        keytool("-importcert", "-noprompt", "-keystore", store, "-alias", "server", "-file", name + ".pem");
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        Path log = folder.resolve("keytool.log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command + ": " + Files.readString(log, StandardCharsets.UTF_8));
        }
    }
}
