package dev.jlora.cuda.blas;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Plans on tensors of the CPU, by {@link PlanInterpreter}: in double, rounded when written. */
public final class InterpretedPlans implements PlanRunner {
  @Override
  public void run(List<Step> plan, Map<String, Tensor> buffers, DType dtype) {
    for (Step step : plan) {
      try (var _ = Scope.open()) {
        step(step, buffers, dtype);
      }
    }
  }

  private static void step(Step step, Map<String, Tensor> buffers, DType dtype) {
    Map<String, double[]> values = new HashMap<>();
    Buffers known =
        new Buffers(
            buffers, Precision.of(dtype, false), buffers.values().iterator().next().device());
    for (Gemm product : step.products()) {
      known.address(product.a());
      known.address(product.b());
      known.result(product.c());
      for (Gemm.Operand operand : List.of(product.a(), product.b(), product.c())) {
        values.computeIfAbsent(operand.buffer(), name -> doubles(buffers.get(name)));
      }
      if (product.bias() != null) {
        values.computeIfAbsent(product.bias(), name -> doubles(buffers.get(name)));
      }
    }
    new PlanInterpreter(values).run(List.of(step));
    for (Gemm product : step.products()) {
      String name = product.c().buffer();
      Tensor written = buffers.get(name);
      written.copyFrom(Ops.to(Tensor.of(values.get(name), written.shape()), written.dtype()));
    }
  }

  private static double[] doubles(Tensor tensor) {
    return Ops.to(tensor, DType.FLOAT64).toDoubles();
  }
}
