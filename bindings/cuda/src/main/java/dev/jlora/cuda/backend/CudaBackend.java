package dev.jlora.cuda.backend;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Masking;
import dev.jlora.cuda.CudaException;
import dev.jlora.cuda.blas.GpuPlans;
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
 * Selects the backend of a CUDA device: jlora's kernels if they compile for the GPU, cuBLAS plans
 * if libtorch exposes its handle, libtorch's operators for the rest. A fallback is reported once,
 * in one line, with the reason.
 */
final class CudaBackend {
  /** {@code on}, {@code off}, or the families that use kernels. */
  static final String PROPERTY = "jlora.cuda.kernels";

  private static final int REASON_LINES = 2;

  private final Backend composed;
  private final Consumer<String> say;

  /**
   * @param composed the fallback
   * @param say receives a line for the user
   */
  CudaBackend(Backend composed, Consumer<String> say) {
    this.composed = composed;
    this.say = say;
  }

  static Backend of(Device device, Backend composed) {
    return new CudaBackend(composed, line -> System.err.println("jlora: " + line))
        .choose(
            device,
            Family.read(System.getProperty(PROPERTY, "on")),
            () -> GpuQueue.of(device),
            () -> GpuPlans.of(device));
  }

  /**
   * Selects the implementations.
   *
   * @param wanted the families that may use kernels
   * @param queues finds GPU and compiler, or throws the reason
   * @param products finds cuBLAS, or throws the reason
   */
  Backend choose(
      Device device, Set<Family> wanted, Supplier<GpuQueue> queues, Supplier<PlanRunner> products) {
    if (!wanted.equals(EnumSet.allOf(Family.class))) {
      String what =
          wanted.isEmpty() ? "alone" : "and jlora's kernels for %s".formatted(Family.words(wanted));
      say.accept(
          "%s runs on libtorch's operators %s, as -D%s asks".formatted(device, what, PROPERTY));
    }
    boolean kernels = wanted.stream().anyMatch(family -> family != Family.LORA);
    GpuQueue queue = kernels ? usable(device, queues) : null;
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

  /** The GPU's queue, after one kernel was compiled and loaded; null if that fails. */
  private @Nullable GpuQueue usable(Device device, Supplier<GpuQueue> queues) {
    try {
      GpuQueue queue = queues.get();
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

  /** The cause, with the source line if there is one; without the remedy. */
  private static String reason(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .map(String::strip)
        .takeWhile(line -> !line.startsWith("What to do") && !line.startsWith("|"))
        .limit(REASON_LINES)
        .collect(Collectors.joining("; "));
  }
}
