package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorCoresTest {
  /** Lines of /proc/cpuinfo for processors given as socket and core. */
  private static List<String> processors(int[]... places) {
    List<String> lines = new ArrayList<>();
    for (int[] place : places) {
      lines.add("processor\t: " + lines.size());
      lines.add("physical id\t: " + place[0]);
      lines.add("core id\t\t: " + place[1]);
      lines.add("");
    }
    return lines;
  }

  @Test
  void two_hardware_threads_of_a_core_count_once() {
    var lines = processors(new int[] {0, 0}, new int[] {0, 1}, new int[] {0, 0}, new int[] {0, 1});

    assertThat(ProcessorCores.count(lines, 4)).isEqualTo(2);
  }

  @Test
  void cores_of_two_sockets_count_apart_though_they_have_the_same_numbers() {
    var lines = processors(new int[] {0, 0}, new int[] {0, 1}, new int[] {1, 0}, new int[] {1, 1});

    assertThat(ProcessorCores.count(lines, 4)).isEqualTo(4);
  }

  @Test
  void a_process_that_may_use_fewer_processors_gets_as_many_threads() {
    var lines = processors(new int[] {0, 0}, new int[] {0, 1}, new int[] {0, 2}, new int[] {0, 3});

    assertThat(ProcessorCores.count(lines, 2)).isEqualTo(2);
  }

  @Test
  void a_kernel_that_names_no_cores_leaves_the_processors() {
    assertThat(ProcessorCores.count(List.of("processor\t: 0", "processor\t: 1"), 2)).isEqualTo(2);
  }

  @Test
  void this_machine_has_at_least_one() {
    assertThat(ProcessorCores.count()).isBetween(1, Runtime.getRuntime().availableProcessors());
  }
}
