package dev.jlora.backend;

import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Placeholder for a library that is not on the class path; errors name the library.
 *
 * @param kind of device that the library is for
 * @param say receives a line for the user
 */
record MissingSupport(Device.Kind kind, Consumer<String> say) implements DeviceSupport {
  static final Consumer<String> ERR = line -> System.err.println("jlora: " + line);

  /** The artifact: {@code jlora-cuda}. */
  private String library() {
    return "jlora-" + kind.name().toLowerCase(Locale.ROOT);
  }

  private String problem() {
    return "the library %s is not on the class path".formatted(library());
  }

  private String remedy() {
    return "add dev.jlora:%s to the class path, in the version of jlora-bindings"
        .formatted(library());
  }

  @Override
  public Backend backend(Device device, Backend composed) {
    say.accept(
        "%s runs on libtorch's operators instead of jlora's kernels: %s"
            .formatted(device, problem()));
    return composed;
  }

  @Override
  public CaptureStream captureStream(Device device) {
    throw new DeviceException("%s cannot capture work: %s.".formatted(device, problem()), remedy());
  }

  @Override
  public List<String> report() {
    return List.of("unknown: " + problem());
  }

  @Override
  public Optional<Obstacle> obstacle() {
    return Optional.of(new Obstacle("The reason is unknown: %s.".formatted(problem()), remedy()));
  }
}
