package io.llamastreams.topology.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.RegistryRefusedException;
import io.llamastreams.registry.RegistryUnavailableException;
import io.llamastreams.registry.UnknownSchemaException;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class BadRecordHandlerTest {

    @Test
    void troubleWithTheRegistrySaysNothingOfTheRecord() {
        assertThat(BadRecordHandler.saysNothingOfTheRecord(new RegistryUnavailableException("down", null)))
                .isTrue();
        assertThat(BadRecordHandler.saysNothingOfTheRecord(new RegistryRefusedException("wrong password", null)))
                .isTrue();
    }

    @Test
    void norDoesTroubleWithTheNetworkInAnotherDeserializer() {
        assertThat(BadRecordHandler.saysNothingOfTheRecord(
                        new SerializationException("no schema", new ConnectException("refused"))))
                .isTrue();
        assertThat(BadRecordHandler.saysNothingOfTheRecord(
                        new SerializationException("no schema", new SocketTimeoutException("slow"))))
                .isTrue();
    }

    @Test
    void badBytesAndUnknownSchemasDo() {
        assertThat(BadRecordHandler.saysNothingOfTheRecord(new RecordFormatException("magic byte")))
                .isFalse();
        assertThat(BadRecordHandler.saysNothingOfTheRecord(new UnknownSchemaException("never heard of", null)))
                .isFalse();
        assertThat(BadRecordHandler.saysNothingOfTheRecord(
                        new SerializationException("truncated", new EOFException("end"))))
                .isFalse();
    }
}
