package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts the cores of machines whose description by Linux is written into a folder. */
class PhysicalCoresTest {
    @TempDir
    private Path folder;

    private Path processors;
    private Path status;

    @BeforeEach
    void makeFolder() throws IOException {
        processors = Files.createDirectory(folder.resolve("cpu"));
        status = folder.resolve("status");
        // what lies beside the processors
        Files.createDirectory(processors.resolve("cpufreq"));
        Files.createDirectory(processors.resolve("cpuidle"));
        Files.createFile(processors.resolve("online"));
    }

    @Test
    void oneThreadForEachCoreWhereCoresHaveOneProcessor() throws IOException {
        machine("0", "1", "2", "3");
        bound("0-3");
        assertThat(count(4)).isEqualTo(4);
    }

    @Test
    void oneThreadForEachCoreWhereCoresHaveTwo() throws IOException {
        // the siblings of 0 to 3 are 4 to 7
        machine("0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7");
        bound("0-7");
        assertThat(count(8)).isEqualTo(4);
    }

    @Test
    void coresOfAllPackagesCount() throws IOException {
        // two packages of two cores, siblings side by side
        machine("0-1", "0-1", "2-3", "2-3", "4-5", "4-5", "6-7", "6-7");
        bound("0-7");
        assertThat(count(8)).isEqualTo(4);
    }

    @Test
    void fastCoresOfTwoProcessorsAndSlowOnesOfOneCountAlike() throws IOException {
        machine("0-1", "0-1", "2-3", "2-3", "4", "5");
        bound("0-5");
        assertThat(count(6)).isEqualTo(4);
    }

    @Test
    void onlyCoresThatTheProcessIsBoundToCount() throws IOException {
        machine("0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7");
        bound("1,5");
        assertThat(count(2)).as("both processors of one core").isEqualTo(1);
        bound("0-2");
        assertThat(count(3)).as("one processor of each of three").isEqualTo(3);
        bound("0,2-3,7");
        assertThat(count(4)).isEqualTo(3);
    }

    @Test
    void aContainersQuotaIsNotExceeded() throws IOException {
        machine("0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7");
        bound("0-7");
        assertThat(count(3)).isEqualTo(3);
        assertThat(count(1)).isEqualTo(1);
    }

    @Test
    void processorsThatAreOffDoNotCount() throws IOException {
        machine("0", "1", "2");
        Files.delete(processors.resolve("cpu1/topology/thread_siblings_list"));
        Files.delete(processors.resolve("cpu1/topology"));
        bound("0-2");
        assertThat(count(2)).isEqualTo(2);
    }

    @Test
    void whereLinuxDoesNotTellTheJvmsCountIsTaken() throws IOException {
        assertThat(count(6)).as("no status").isEqualTo(6);
        bound("0-5");
        assertThat(count(6)).as("no processors").isEqualTo(6);
        assertThat(PhysicalCores.count(folder.resolve("missing"), status, 6)).isEqualTo(6);
        machine("0-1", "0-1", "2-3", "2-3");
        for (String line : new String[] {"", "x", "3-1", "-", "1,,2", "99999999999"}) {
            bound(line);
            assertThat(count(4)).as("bound to \"%s\": all count", line).isEqualTo(2);
        }
    }

    @Test
    void thisMachineHasAtLeastOneAndNoMoreThanProcessors() {
        assertThat(PhysicalCores.count()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    private int count(int available) {
        return PhysicalCores.count(processors, status, available);
    }

    /** Writes processors 0, 1, ... with the lists of processors on the same core. */
    private void machine(String... siblings) throws IOException {
        for (int processor = 0; processor < siblings.length; processor++) {
            Path topology = Files.createDirectories(processors.resolve("cpu" + processor + "/topology"));
            Files.writeString(topology.resolve("thread_siblings_list"), siblings[processor] + "\n");
        }
    }

    private void bound(String list) throws IOException {
        Files.writeString(
                status, "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t" + list + "\nMems_allowed:\t1\n");
    }
}
