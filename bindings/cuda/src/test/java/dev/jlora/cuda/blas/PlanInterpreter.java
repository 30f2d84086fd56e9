package dev.jlora.cuda.blas;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Does with arrays what cuBLAS's documentation says of the calls: matrices lie column by column,
 * element (i, j) at i + j * ld. It knows nothing of rows, layers or adapters.
 */
final class PlanInterpreter {
  private final Map<String, double[]> buffers;

  PlanInterpreter(Map<String, double[]> buffers) {
    this.buffers = buffers;
  }

  void run(List<Step> plan) {
    plan.forEach(step -> step.products().forEach(this::run));
  }

  private void run(Gemm it) {
    requireFits(it);
    for (int batch = 0; batch < it.batch(); batch++) {
      for (int j = 0; j < it.n(); j++) {
        for (int i = 0; i < it.m(); i++) {
          run(it, batch, i, j);
        }
      }
    }
  }

  private void run(Gemm it, int batch, int i, int j) {
    double sum = 0;
    for (int p = 0; p < it.k(); p++) {
      double a = it.transA() ? read(it.a(), batch, p, i) : read(it.a(), batch, i, p);
      double b = it.transB() ? read(it.b(), batch, j, p) : read(it.b(), batch, p, j);
      sum += a * b;
    }
    double[] to = buffers.get(it.c().buffer());
    int at = index(it.c(), batch, i, j);
    // with beta 0 cuBLAS does not read C, which may hold anything
    double value = it.alpha() * sum + (it.beta() == 0 ? 0 : it.beta() * to[at]);
    if (it.epilogue() != Gemm.Epilogue.NONE) {
      value += buffers.get(it.bias())[i];
    }
    if (it.epilogue() == Gemm.Epilogue.GELU_BIAS) {
      double cubic = value + 0.044715 * value * value * value;
      value = 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * cubic));
    }
    to[at] = value;
  }

  private double read(Gemm.Operand operand, int batch, int row, int column) {
    return buffers.get(operand.buffer())[index(operand, batch, row, column)];
  }

  private static int index(Gemm.Operand operand, int batch, int row, int column) {
    long at = operand.offset() + batch * operand.stride() + row + (long) column * operand.ld();
    if (at >= operand.reach()) {
      throw new AssertionError("element %d of %s is beyond its reach".formatted(at, operand));
    }
    return (int) at;
  }

  /** What cuBLAS refuses: columns that overlap. */
  private void requireFits(Gemm it) {
    int[][] operands = {
      {it.transA() ? it.k() : it.m(), it.a().ld()},
      {it.transB() ? it.n() : it.k(), it.b().ld()},
      {it.m(), it.c().ld()}
    };
    for (int[] operand : operands) {
      if (operand[1] < operand[0]) {
        throw new AssertionError("ld %s in %s".formatted(Arrays.toString(operand), it));
      }
    }
    for (Gemm.Operand operand : List.of(it.a(), it.b(), it.c())) {
      if (buffers.get(operand.buffer()).length < operand.reach()) {
        throw new AssertionError("%s is longer than its buffer".formatted(operand));
      }
    }
  }
}
