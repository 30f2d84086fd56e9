package dev.jlora.engine.steps;

import dev.jlora.model.network.Network;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A micro-batch and its share of the items of a step: with shares by items, the weighted mean of
 * the micro-batches' means is the mean over all items of the step.
 *
 * @param batch on the host, unless the caller of the step has already moved it
 * @param share in (0, 1]; those of a step add up to 1
 */
record WeightedBatch(Map<String, Tensor> batch, double share) {

  /**
   * The weighted of a step. Micro-batches without items are omitted, so there may be none.
   *
   * @param network whose main input has the rows as its first dimension
   */
  static List<WeightedBatch> of(
      List<Map<String, Tensor>> batches, Objective objective, Network network) {
    long[] items = batches.stream().mapToLong(batch -> items(batch, objective, network)).toArray();
    long all = 0;
    for (long count : items) {
      all += count;
    }
    List<WeightedBatch> weighted = new ArrayList<>(items.length);
    for (int i = 0; i < items.length; i++) {
      if (items[i] > 0) {
        weighted.add(new WeightedBatch(batches.get(i), (double) items[i] / all));
      }
    }
    return weighted;
  }

  /**
   * Counts labels on the host only: reading them from a device would wait for it. A batch that the
   * caller has moved to a device counts by its rows.
   */
  private static long items(Map<String, Tensor> batch, Objective objective, Network network) {
    Tensor main = batch.get(network.architecture().inputs().getFirst());
    int rows = main == null || main.rank() == 0 ? 1 : Math.toIntExact(main.size(0));
    return batch.values().stream().allMatch(tensor -> tensor.device().host())
        ? objective.weight(network.transformed(batch), rows)
        : rows;
  }
}
