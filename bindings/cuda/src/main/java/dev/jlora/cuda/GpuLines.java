package dev.jlora.cuda;

import dev.jlora.backend.DeviceSupport.Obstacle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Text lines about the GPUs of this machine, or one line with the reason why none can be used. */
final class GpuLines {
  private static final double GIBI = 1L << 30;

  private GpuLines() {}

  static List<String> of(Gpus gpus) {
    List<String> lines = new ArrayList<>();
    for (Gpu gpu : gpus.gpus()) {
      lines.add(gpu(gpu, gpus));
    }
    gpus.obstacle().ifPresent(obstacle -> lines.add(none(obstacle, lines.isEmpty())));
    gpus.driver().ifPresent(driver -> lines.add(versions(driver, gpus)));
    return lines;
  }

  private static String gpu(Gpu gpu, Gpus gpus) {
    String free = "";
    if (gpus.obstacle().isEmpty()) {
      var bytes = gpus.free(gpu);
      free = bytes.isPresent() ? gibi(bytes.getAsLong()) + " free of " : "in use elsewhere, ";
    }
    return "cuda:%d %s, compute capability %d.%d, %s%s"
        .formatted(
            gpu.index(), gpu.name(), gpu.major(), gpu.minor(), free, gibi(gpu.memoryBytes()));
  }

  private static String none(Obstacle obstacle, boolean alone) {
    String problem = obstacle.problem();
    return alone ? "none: " + problem : "none of these can be used: " + problem;
  }

  private static String versions(String driver, Gpus gpus) {
    String toolkit = gpus.toolkit().map(it -> "libtorch is built for CUDA " + it).orElse("");
    return "the driver supports CUDA %s%s"
        .formatted(driver, toolkit.isEmpty() ? "" : ", " + toolkit);
  }

  private static String gibi(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / GIBI);
  }
}
