package dev.jlora.engine.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.jlora.autograd.Functions;
import dev.jlora.backend.AdamUpdates;
import dev.jlora.backend.Backend;
import dev.jlora.backend.Clipping;
import dev.jlora.backend.CrossEntropy;
import dev.jlora.backend.LayerNorms;
import dev.jlora.backend.StepNumbers;
import dev.jlora.engine.models.Devices;
import dev.jlora.kernels.DropMask;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.tensor.BatchUploader;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Measures the memory throughput of a device's kernels: the minimum number of bytes that each must
 * move, divided by its time, compared with a plain copy on the same device. On a GPU these are
 * jlora's own kernels, unless they are disabled.
 */
public final class KernelBenchmark {
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 5;
  private static final double P = 0.1;
  private static final double EPSILON = 1e-5;

  private final Device device;
  private final Sizes sizes;
  private final Backend backend;
  private final List<Figure> figures = new ArrayList<>();
  private double copyRate;

  /**
   * Sizes beyond the caches of a GPU, or small ones for a CPU, where the figures are of no
   * interest.
   */
  private record Sizes(long rows, long columns, long logitRows, long vocabulary, int runs) {
    static Sizes of(Device device) {
      return device.host()
          ? new Sizes(1024, 256, 64, 2048, 2)
          : new Sizes(65_536, 1024, 4096, 50_257, 20);
    }
  }

  private KernelBenchmark(Device device) {
    this.device = device;
    this.sizes = Sizes.of(device);
    this.backend = Backend.of(device);
  }

  /**
   * Result for one kernel.
   *
   * @param seconds of a call, the median of some rounds
   * @param bytes minimum number of bytes read and written
   * @param share of the rate of a copy
   */
  public record Figure(
      @JsonProperty("kernel") String kernel,
      @JsonProperty("s") double seconds,
      @JsonProperty("bytes") long bytes,
      @JsonProperty("bytes_per_s") double rate,
      @JsonProperty("share") double share) {}

  /**
   * Results for all kernels.
   *
   * @param copyRate bytes read and written per second by a copy on the device
   */
  public record Report(
      @JsonProperty("device") String device,
      @JsonProperty("copy_bytes_per_s") double copyRate,
      @JsonProperty("kernels") List<Figure> kernels) {

    /** The results as text lines. */
    public String text() {
      StringBuilder text =
          new StringBuilder(
              String.format(
                  Locale.ROOT, "%s copies %,.0f GB/s, read and written%n", device, copyRate / 1e9));
      for (Figure it : kernels) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-34s %10.1f us %,8.0f GB/s %5.0f %%%n",
                it.kernel(),
                it.seconds() * 1e6,
                it.rate() / 1e9,
                it.share() * 100));
      }
      return text.toString();
    }
  }

  /**
   * Runs the benchmark on a device, as for {@link Devices}, with activations in bf16.
   *
   * @throws RuntimeException if there is no such device
   */
  public static Report run(String device) {
    KernelBenchmark benchmark = new KernelBenchmark(Devices.of(device));
    try (var _ = Scope.open()) {
      benchmark.all();
    }
    return new Report(benchmark.device.toString(), benchmark.copyRate, benchmark.figures);
  }

  private void all() {
    Tensor x = filled(DType.BFLOAT16, sizes.rows(), sizes.columns());
    Tensor y = filled(DType.BFLOAT16, sizes.rows(), sizes.columns());
    long bytes = bytes(x);
    copyRate = 2.0 * bytes / seconds(() -> y.copyFrom(x));
    DropMask mask = DropMask.of(1, 0, P);
    add("dropout", 2 * bytes, () -> backend.masking().times(mask, x, 1));
    add("sum of a dropout", 3 * bytes, () -> backend.masking().timesPlus(mask, x, 1, y));
    add("gelu", 2 * bytes, () -> backend.gelu().forward(x, "none"));
    add("gelu backward", 3 * bytes, () -> backend.gelu().backward(y, x, "none"));
    norms(x, y, mask, bytes);
    embedding(x, bytes);
    loss();
    optimizer();
  }

  private void norms(Tensor x, Tensor residual, DropMask mask, long bytes) {
    Tensor weight = filled(DType.FLOAT32, sizes.columns());
    LayerNorms norms = backend.layerNorms();
    add(
        "dropout, sum, layer norm",
        4 * bytes,
        () -> norms.forward(x, residual, weight, weight, EPSILON, mask));
    LayerNorms.Normalized saved = norms.forward(x, residual, weight, weight, EPSILON, mask);
    var inputs = new LayerNorms.Wanted(true, true, false, false);
    add("  backward", 4 * bytes, () -> norms.backward(x, saved, mask, inputs));
    var all = new LayerNorms.Wanted(true, true, true, true);
    add("  backward with parameters", 4 * bytes, () -> norms.backward(x, saved, mask, all));
  }

  /** The ids differ, so that each row is read and written once. */
  private void embedding(Tensor g, long bytes) {
    long[] ids = new long[Math.toIntExact(sizes.rows())];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i * 7919L % ids.length;
    }
    Tensor there = Tensor.of(ids, ids.length).to(device);
    add(
        "embedding backward",
        3 * bytes, // rows are zeroed first
        () -> backend.embedding().backward(g, there, ids.length, -1));
  }

  private void loss() {
    Tensor logits = filled(DType.BFLOAT16, sizes.logitRows(), sizes.vocabulary());
    Tensor labels = Tensor.zeros(DType.INT64, device, sizes.logitRows());
    var rule = new CrossEntropy.Rule(Functions.IGNORE_INDEX, 0);
    CrossEntropy loss = backend.crossEntropy();
    add("cross-entropy", bytes(logits), () -> loss.forward(logits, labels, rule));
    CrossEntropy.Result saved = loss.forward(logits, labels, rule);
    Tensor g = Tensor.full(1, DType.FLOAT32, device);
    add("  backward", 2 * bytes(logits), () -> loss.backward(g, saved, rule));
  }

  private void optimizer() {
    List<AdamUpdates.Slot> slots =
        IntStream.range(0, 64)
            .mapToObj(
                _ ->
                    new AdamUpdates.Slot(parameter(), parameter(), parameter(), parameter(), one()))
            .toList();
    List<Tensor> gradients = slots.stream().map(AdamUpdates.Slot::gradient).toList();
    long bytes = gradients.stream().mapToLong(KernelBenchmark::bytes).sum();
    AdamUpdates adam = backend.adam();
    add("norm of gradients", bytes, () -> adam.clip(gradients, 1, null));
    Clipping clipping = adam.clip(gradients, 1, null);
    Tensor rate = Tensor.full(1e-6, DType.FLOAT32, device, 1);
    var numbers = new StepNumbers(1e-6, rate, clipping);
    var step = new AdamStep(true, 1e-6, 0.9, 0.999, 0.01, 1e-8);
    add("adam", 7 * bytes, () -> adam.step(step, slots, numbers));
  }

  private Tensor parameter() {
    return filled(DType.FLOAT32, sizes.rows() / 64, sizes.columns());
  }

  private Tensor one() {
    return Tensor.full(1, DType.FLOAT32, device, 1);
  }

  private Tensor filled(DType dtype, long... shape) {
    return Tensor.full(0.01, dtype, device, shape);
  }

  private static long bytes(Tensor tensor) {
    return tensor.elements() * tensor.dtype().bytes();
  }

  private void add(String kernel, long bytes, Runnable call) {
    double seconds = seconds(call);
    figures.add(new Figure(kernel, seconds, bytes, bytes / seconds, bytes / seconds / copyRate));
  }

  /** Time of one call: several are queued at once to hide launch overhead. */
  private double seconds(Runnable call) {
    runs(call, WARM_UP);
    double[] rounds = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      BatchUploader.synchronize(device);
      long start = System.nanoTime();
      runs(call, sizes.runs());
      BatchUploader.synchronize(device);
      rounds[i] = (System.nanoTime() - start) / 1e9 / sizes.runs();
    }
    return StepReport.median(rounds);
  }

  private static void runs(Runnable call, int count) {
    for (int i = 0; i < count; i++) {
      try (var _ = Scope.open()) {
        call.run();
      }
    }
  }
}
