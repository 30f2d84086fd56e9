package dev.jlora.cuda.blas;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Executes plans: cuBLAS on a GPU, an interpreter in tests. */
public interface PlanRunner {
  /**
   * Queues a plan.
   *
   * @param buffers by name, as for {@link Blas#run}
   * @param dtype of the factors
   */
  void run(List<Step> plan, Map<String, Tensor> buffers, DType dtype);
}
