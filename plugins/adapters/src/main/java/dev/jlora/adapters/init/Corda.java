package dev.jlora.adapters.init;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.Reduce;
import dev.jlora.spec.CordaSpec;
import dev.jlora.spi.DataPasses;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CorDA (arXiv:2406.05223): with C the covariance of a module's inputs, W C = U S V^T, and A and B
 * are from the largest (instruction-previewed mode) or the smallest (knowledge-preserved mode)
 * singular values and from V^T C^-1.
 *
 * <p>C takes in x in memory for each module, as it does in PEFT.
 */
public final class Corda implements AutoCloseable {
  /** Rows of training data for the covariance, as in the paper. */
  private static final long ROWS = 256;

  private static final double DAMPING = 0.01;
  private static final double TOLERANCE = 0.05;

  private final Scope scope = Scope.detached();
  private final Map<String, Tensor> sums = new LinkedHashMap<>();
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private long rows;

  private Corda() {}

  /** Collects the covariances of the inputs of modules, which the result owns. */
  public static Corda of(DataPasses passes, List<TargetModule> modules) {
    Corda corda = new Corda();
    List<String> paths = modules.stream().map(TargetModule::path).toList();
    try (Observer observer = Observer.ofInputs(paths, corda::input)) {
      passes.forward(observer, () -> corda.rows < ROWS);
    } catch (RuntimeException | Error failure) {
      corda.close();
      throw failure;
    }
    return corda;
  }

  private void input(String path, Tensor x, ForwardContext pass) {
    if (sums.isEmpty() || path.equals(sums.keySet().iterator().next())) {
      rows += x.size(0);
    }
    try (var _ = Scope.open()) {
      Tensor inputs = ObservedInputs.rows(x, pass, null);
      Tensor scaled = Ops.div(inputs, Ops.abs(Reduce.amax(inputs, false)));
      Tensor covariance = Products.mm(Views.t(scaled), scaled);
      Tensor sum = sums.get(path);
      Tensor next = sum == null ? covariance : Ops.add(sum, covariance);
      sums.put(path, scope.adopt(next));
      if (sum != null) {
        sum.close();
      }
      counts.merge(path, 1L, Long::sum);
    }
  }

  /**
   * The factors of a module, in the current scope.
   *
   * @param weight [out, in], FLOAT32
   */
  public Factors factors(
      String path, Tensor weight, int rank, double scaling, CordaSpec.Method method) {
    Tensor covariance = Ops.mul(sums.get(path), 1.0 / counts.get(path));
    double damping = DAMPING;
    while (true) {
      Tensor damped = damped(covariance, damping);
      Tensor inverse = LinearAlgebra.inverse(damped);
      if (distance(Products.mm(damped, inverse)) < TOLERANCE) {
        return factors(weight, damped, inverse, rank, scaling, method);
      }
      damping *= 2;
    }
  }

  private static Factors factors(
      Tensor weight,
      Tensor covariance,
      Tensor inverse,
      int rank,
      double scaling,
      CordaSpec.Method method) {
    var svd = LinearAlgebra.svd(Products.mm(weight, covariance));
    Tensor rows = Products.mm(svd.vh(), inverse); // [k, in]
    long all = svd.s().size(0);
    long from = method == CordaSpec.Method.IPM ? 0 : all - rank;
    Tensor roots = Ops.sqrt(Ops.mul(Views.slice(svd.s(), 0, from, from + rank), 1 / scaling));
    Tensor a = Ops.mul(Views.slice(rows, 0, from, from + rank), Views.unsqueeze(roots, 1));
    Tensor b = Ops.mul(Views.slice(svd.u(), 1, from, from + rank), roots);
    return new Factors(Ops.contiguous(a), Ops.contiguous(b));
  }

  /** The covariance plus {@code damping} times the mean of its diagonal. */
  private static Tensor damped(Tensor covariance, double damping) {
    Tensor identity = identity(covariance);
    double mean = Reduce.mean(diagonal(covariance)).item();
    return Ops.add(covariance, Ops.mul(identity, mean * damping));
  }

  private static Tensor diagonal(Tensor square) {
    return Reduce.sum(Ops.mul(square, identity(square)), false, 1);
  }

  private static Tensor identity(Tensor square) {
    int size = Math.toIntExact(square.size(0));
    float[] values = new float[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = 1;
    }
    return Ops.to(Tensor.of(values, size, size), square.device());
  }

  /** The distance of a product from the identity. */
  private static double distance(Tensor product) {
    Tensor apart = Ops.sub(product, identity(product));
    return Math.sqrt(Reduce.sum(Ops.square(Ops.to(apart, DType.FLOAT64))).item());
  }

  @Override
  public void close() {
    if (!scope.closed()) {
      scope.close();
    }
  }
}
