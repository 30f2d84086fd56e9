package dev.jlora.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The number of compute threads: one for each core available to this process. Two hardware threads
 * of a core share its multipliers. libtorch counts from the processor's own tables and takes the
 * two cores of some virtual machines for one; the kernel counts correctly.
 */
final class ProcessorCores {
  private static final Path LINUX = Path.of("/proc/cpuinfo");

  private ProcessorCores() {}

  /** The number of cores, at least 1. */
  static int count() {
    int processors = Runtime.getRuntime().availableProcessors();
    try {
      return count(Files.readAllLines(LINUX), processors);
    } catch (IOException notLinux) {
      return processors;
    }
  }

  /**
   * @param lines of /proc/cpuinfo
   * @param processors available to the process, by its affinity and control group
   */
  static int count(List<String> lines, int processors) {
    Set<String> cores = new HashSet<>();
    String socket = "";
    for (String line : lines) {
      String value = line.substring(line.indexOf(':') + 1).strip();
      if (line.startsWith("physical id")) {
        socket = value;
      } else if (line.startsWith("core id")) {
        cores.add(socket + "/" + value);
      }
    }
    return cores.isEmpty() ? processors : Math.min(cores.size(), processors);
  }
}
