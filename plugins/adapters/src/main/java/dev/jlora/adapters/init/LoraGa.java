package dev.jlora.adapters.init;

import dev.jlora.model.Parameter;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.spec.LoraGaSpec;
import dev.jlora.spi.DataPasses;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * LoRA-GA (arXiv:2407.05000): A and B from the singular vectors of the weight's gradient, so that
 * the first steps follow those of full fine-tuning.
 *
 * <p>The gradients take as much memory as the weights of all targets, until the last module is
 * initialized.
 */
public final class LoraGa implements AutoCloseable {
  /** Rows of training data for the gradient. */
  private static final long ROWS = 64;

  private static final int ITERATIONS = 4;

  private final Scope scope = Scope.detached();
  private final Map<String, Tensor> gradients = new LinkedHashMap<>();

  private LoraGa() {}

  /** Estimates the gradients of weights, which the result owns. */
  public static LoraGa of(DataPasses passes, Collection<Parameter> weights) {
    LoraGa estimate = new LoraGa();
    try (Observer observer = Observer.ofGradients(weights)) {
      passes.gradients(observer, ROWS, estimate::add);
    } catch (RuntimeException | Error failure) {
      estimate.close();
      throw failure;
    }
    return estimate;
  }

  private void add(Parameter weight, Tensor gradient) {
    try (var _ = Scope.open()) {
      Tensor sum = gradients.get(weight.name());
      Tensor next = sum == null ? Ops.clone(gradient) : Ops.add(sum, gradient);
      gradients.put(weight.name(), scope.adopt(next));
      if (sum != null) {
        sum.close();
      }
    }
  }

  /**
   * The factors of a module, in the current scope.
   *
   * @param name of its weight
   * @param transposed whether the weight is stored [in, out]
   * @param weight [out, in], FLOAT32
   */
  public Factors factors(
      String name,
      boolean transposed,
      Tensor weight,
      int rank,
      double scaling,
      LoraGaSpec settings,
      SplittableRandom random) {
    Tensor stored = gradients.get(name);
    Tensor gradient = transposed ? Views.t(stored) : stored;
    int least = Math.toIntExact(Math.min(gradient.size(0), gradient.size(1)));
    Tensor sketch = normal(random, gradient.size(1), Math.min(4 * rank, least));
    var svd = RandomizedSvd.of(gradient, sketch, ITERATIONS);
    Tensor forA = chosen(settings.direction(), rank, /* ofA= */ true, random.split());
    Tensor forB = chosen(settings.direction(), rank, /* ofA= */ false, random.split());
    Tensor a = Indexing.indexSelect(svd.vh(), 0, forA);
    Tensor sizes = Indexing.indexSelect(svd.s(), 0, forB);
    Tensor b = Ops.mul(Indexing.indexSelect(svd.u(), 1, forB), sizes);
    return switch (settings.scale()) {
      case UNIT -> new Factors(a, b);
      case STABLE ->
          new Factors(
              a, Ops.mul(b, Math.pow(weight.size(0), 0.25) / Math.sqrt(settings.stableGamma())));
      case GD_SCALE -> new Factors(Ops.mul(a, 1 / scaling), Ops.mul(b, 1 / scaling));
      case WEIGHT_SVD -> new Factors(a, Ops.mul(b, ofWeight(weight, rank, sizes, random)));
    };
  }

  private static double ofWeight(Tensor weight, int rank, Tensor sizes, SplittableRandom random) {
    Tensor sketch = normal(random, weight.size(1), rank);
    double largest = RandomizedSvd.of(weight, sketch, ITERATIONS).s().toFloats()[0];
    double own = sizes.toFloats()[0];
    return own > 0 ? largest / own : 1;
  }

  private static Tensor chosen(
      LoraGaSpec.Direction direction, int rank, boolean ofA, SplittableRandom random) {
    IntStream indices =
        switch (direction) {
          case ARBR -> IntStream.range(0, rank).map(i -> ofA ? 2 * i + 1 : 2 * i);
          case A2RBR -> IntStream.range(0, rank).map(i -> ofA ? rank + i : i);
          case ARB2R -> IntStream.range(0, rank).map(i -> ofA ? i : rank + i);
          case RANDOM -> shuffled(2 * rank, random).limit(rank);
        };
    long[] ids = indices.asLongStream().toArray();
    return Tensor.of(ids, ids.length);
  }

  private static IntStream shuffled(int count, SplittableRandom random) {
    int[] order = IntStream.range(0, count).toArray();
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return IntStream.of(order);
  }

  private static Tensor normal(SplittableRandom random, long rows, int columns) {
    float[] values = new float[Math.toIntExact(rows * columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, rows, columns);
  }

  @Override
  public void close() {
    if (!scope.closed()) {
      scope.close();
    }
  }
}
