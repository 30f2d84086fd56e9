package dev.jlora.backend;

import dev.jlora.cuda.CudaException;
import dev.jlora.cuda.blas.CardPlans;
import dev.jlora.cuda.blas.PlanRunner;
import dev.jlora.natives.NativeLoadException;
import dev.jlora.tensor.Device;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses for a CUDA device: jlora's kernels where they can be compiled for its card, plans of
 * cuBLAS where libtorch lends its handle, libtorch's operators for the rest. What is not used is
 * said once, in a line, with the reason.
 */
final class CudaBackend {
  /** {@code on}, {@code off}, or the families that are to have kernels. */
  static final String PROPERTY = "jlora.cuda.kernels";

  private static final int REASON_LINES = 2;

  private final Backend composed;
  private final Consumer<String> say;

  /**
   * @param composed what is used where kernels are not
   * @param say takes a line for the user
   */
  CudaBackend(Backend composed, Consumer<String> say) {
    this.composed = composed;
    this.say = say;
  }

  static Backend of(Device device) {
    return new CudaBackend(Backend.COMPOSED, line -> System.err.println("jlora: " + line))
        .choose(
            device,
            Family.read(System.getProperty(PROPERTY, "on")),
            () -> CardQueue.of(device),
            () -> CardPlans.of(device));
  }

  /**
   * The choice.
   *
   * @param wanted the families that may have kernels
   * @param queues finds card and compiler, or throws why there is none
   * @param products finds cuBLAS, or throws why there is none
   */
  Backend choose(
      Device device,
      Set<Family> wanted,
      Supplier<CardQueue> queues,
      Supplier<PlanRunner> products) {
    if (!wanted.equals(EnumSet.allOf(Family.class))) {
      String what =
          wanted.isEmpty() ? "alone" : "and jlora's kernels for %s".formatted(Family.words(wanted));
      say.accept(
          "%s runs on libtorch's operators %s, as -D%s asks".formatted(device, what, PROPERTY));
    }
    boolean kernels = wanted.stream().anyMatch(family -> family != Family.LORA);
    CardQueue queue = kernels ? usable(device, queues) : null;
    PlanRunner runner = wanted.contains(Family.LORA) ? found(device, products) : null;
    Set<Family> ours = queue == null ? EnumSet.noneOf(Family.class) : wanted;
    Masking masking = ours.contains(Family.DROPOUT) ? new CudaMasking(queue) : composed.masking();
    return new Backend(
        masking,
        ours.contains(Family.NORM)
            ? new CudaLayerNorms(queue, composed.layerNorms())
            : composed.layerNorms(),
        ours.contains(Family.GELU) ? new CudaGelu(queue, composed.gelu()) : composed.gelu(),
        ours.contains(Family.LOSS)
            ? new CudaCrossEntropy(queue, composed.crossEntropy())
            : composed.crossEntropy(),
        ours.contains(Family.EMBEDDING)
            ? new CudaEmbeddingGradient(queue, composed.embedding())
            : composed.embedding(),
        runner == null ? composed.lora() : new CudaLoraLinears(runner, masking, composed.lora()),
        ours.contains(Family.ADAM) ? new CudaAdamUpdates(queue, composed.adam()) : composed.adam());
  }

  /** The card, after one kernel was compiled for it and loaded; null where that fails. */
  private @Nullable CardQueue usable(Device device, Supplier<CardQueue> queues) {
    try {
      CardQueue queue = queues.get();
      queue.prepare();
      return queue;
    } catch (NativeLoadException | CudaException | LinkageError e) {
      say.accept(
          "%s runs on libtorch's operators instead of jlora's kernels: %s"
              .formatted(device, reason(e)));
      return null;
    }
  }

  private @Nullable PlanRunner found(Device device, Supplier<PlanRunner> products) {
    try {
      return products.get();
    } catch (NativeLoadException | CudaException | LinkageError e) {
      say.accept(
          "%s multiplies adapters by libtorch's operators instead of cuBLAS: %s"
              .formatted(device, reason(e)));
      return null;
    }
  }

  /** What failed, and the line of the source if it was one; without the remedy. */
  private static String reason(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .map(String::strip)
        .takeWhile(line -> !line.startsWith("What to do") && !line.startsWith("|"))
        .limit(REASON_LINES)
        .collect(Collectors.joining("; "));
  }
}
