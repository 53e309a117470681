package io.llamastreams.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpeedTest {

    @Test
    void medianIsTheMiddleOrBetweenTheTwoInTheMiddle() {
        Speed odd = new Speed(new double[] {5, 1, 3});
        assertThat(odd.median()).isEqualTo(3);
        assertThat(odd.least()).isEqualTo(1);
        assertThat(odd.most()).isEqualTo(5);
        assertThat(new Speed(new double[] {4, 1, 3, 100}).median()).isEqualTo(3.5);
        assertThat(new Speed(new double[] {7}).median()).isEqualTo(7);
    }
}
