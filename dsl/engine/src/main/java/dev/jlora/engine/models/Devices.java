package dev.jlora.engine.models;

import dev.jlora.backend.DeviceSupport;
import dev.jlora.backend.DeviceSupport.Obstacle;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.MetaOperators;
import dev.jlora.tensor.Torch;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Resolves a job's device ({@code auto}, {@code cpu}, {@code cuda}, {@code cuda:1}). */
public final class Devices {
  /** The first GPU if libtorch sees one, else the CPU. */
  public static final String AUTO = "auto";

  /**
   * The meta device, on which a step runs without computing, see {@link Device#META}. For tests of
   * steps on a GPU; not available in jobs.
   */
  public static final String DRY = "meta";

  private static final Obstacle UNKNOWN =
      new Obstacle(
          "The driver does, and does not say why.",
          "see whether nvidia-smi works, and whether PyTorch sees a GPU with the same libtorch");

  private Devices() {}

  /**
   * Properties of libtorch and this machine.
   *
   * @param cudaBuild whether libtorch was built for CUDA
   * @param gpus number of GPUs that it sees
   * @param libtorch its location, for messages
   * @param obstacle the driver's reason why libtorch sees none; empty if the driver reports no
   *     problem
   */
  record Facts(
      boolean cudaBuild, int gpus, String libtorch, Supplier<Optional<Obstacle>> obstacle) {
    static Facts now() {
      boolean cudaBuild = Torch.cudaBuild();
      return new Facts(
          cudaBuild,
          Torch.cudaDevices(),
          Torch.folder().toString(),
          () -> DeviceSupport.of(Device.Kind.CUDA).obstacle());
    }
  }

  /**
   * The device for a text on this machine.
   *
   * @throws IllegalArgumentException if it is not the name of a device
   * @throws DeviceException if there is no such device, with the remedy
   */
  public static Device of(String text) {
    return text.equals("cpu") ? Device.CPU : of(text, Facts.now());
  }

  static Device of(String text, Facts facts) {
    if (text.equals(AUTO)) {
      return facts.gpus() > 0 ? Device.cuda(0) : Device.CPU;
    }
    if (text.equals(DRY)) {
      MetaOperators.install();
      return Device.META;
    }
    Device device = Device.parse(text);
    if (device.host() || device.index() < facts.gpus()) {
      return device;
    }
    if (!facts.cudaBuild()) {
      throw new DeviceException(
          "Device: got %s, but the libtorch in %s was built without CUDA."
              .formatted(text, facts.libtorch()),
          "name the torch/lib folder of a PyTorch 2.10 or newer that was built for CUDA with"
              + " JLORA_LIBTORCH or -Djlora.libtorch, or choose cpu");
    }
    if (facts.gpus() == 0) {
      Obstacle obstacle = facts.obstacle().get().orElse(UNKNOWN);
      throw new DeviceException(
          "Device: got %s, but libtorch sees no GPU. %s".formatted(text, obstacle.problem()),
          obstacle.remedy().replaceAll("\\.$", "") + "; or choose cpu");
    }
    throw new DeviceException(
        "Device: got %s, but there %s only %s."
            .formatted(text, facts.gpus() == 1 ? "is" : "are", names(facts.gpus())),
        "choose one of them; CUDA_VISIBLE_DEVICES decides which a process sees");
  }

  private static String names(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> Device.cuda(index).toString())
        .collect(Collectors.joining(", "));
  }
}
