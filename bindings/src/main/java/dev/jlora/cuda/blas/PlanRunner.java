package dev.jlora.cuda.blas;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Computes what plans say: cuBLAS on a card, its documentation in a test. */
public interface PlanRunner {
  /**
   * Queues a plan.
   *
   * @param buffers by name, as {@link Blas#run} takes them
   * @param dtype of the factors
   */
  void run(List<Step> plan, Map<String, Tensor> buffers, DType dtype);
}
