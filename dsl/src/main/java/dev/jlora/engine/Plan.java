package dev.jlora.engine;

import dev.jlora.model.ModelPlan;
import dev.jlora.model.TargetModule;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.AdapterPlan;
import java.util.List;
import java.util.Locale;

/**
 * What a job will do, computed before a weight is read.
 *
 * @param model the architecture
 * @param labels the label names, settled; empty where the task has none
 * @param targets the modules that get an adapter; empty if every weight is trained
 * @param trainable elements that training updates
 * @param all all elements, adapters included
 * @param memory an estimate of the memory it takes
 */
public record Plan(
    String model,
    List<String> labels,
    List<String> targets,
    long trainable,
    long all,
    Memory memory) {

  /**
   * Bytes, estimated.
   *
   * @param weights the model's, mapped from its file where the precision is the stored one
   * @param adapter what is trained, with its gradients
   * @param optimizer its state
   * @param activations what the longest batch keeps for the backward pass
   */
  public record Memory(long weights, long adapter, long optimizer, long activations) {
    /** All of it together. */
    public long total() {
      return weights + adapter + optimizer + activations;
    }
  }

  static Plan of(Workpiece work, AdapterPlan adapter) {
    JobSpec job = work.job();
    ModelPlan model = ModelPlan.of(work.architecture());
    int bytes = ModelLoader.dtype(job.model().precision()).bytes();
    var optimizer = work.plugins().optimizers().get(job.optimizer().name());
    return new Plan(
        work.architecture().name(),
        job.task().labels(),
        adapter.targets(),
        adapter.trainable(),
        adapter.all(),
        new Memory(
            model.elements() * bytes,
            adapter.trainable() * Float.BYTES * 2,
            adapter.trainable() * optimizer.stateBytesPerParameter(job.optimizer()),
            tokens(work) * perToken(model) * bytes));
  }

  private static long tokens(Workpiece work) {
    Integer longest = work.job().data().maxLength();
    long length = work.architecture().maxPositions();
    if (longest != null) {
      length = length == 0 ? longest : Math.min(longest, length);
    }
    return work.job().training().batchSize() * length;
  }

  /** The inputs and outputs of the linears: what a tape keeps, norms and masks about as much. */
  private static long perToken(ModelPlan model) {
    return model.targets().values().stream()
        .filter(module -> module.kind() == TargetModule.Kind.LINEAR)
        .mapToLong(module -> module.in() + module.out())
        .sum();
  }

  /** The counts in PEFT's words. */
  public String parameters() {
    return new AdapterPlan(targets, List.of(), trainable, all).summary();
  }

  @Override
  public String toString() {
    String what =
        targets.isEmpty()
            ? "every weight is trained"
            : "%d modules get an adapter".formatted(targets.size());
    return String.format(
        Locale.ROOT,
        "%s%s: %s%n%s%nmemory, estimated: weights %s, trained %s, optimizer %s, activations up to"
            + " %s",
        model,
        labels.isEmpty() ? "" : " " + labels,
        what,
        parameters(),
        mebibytes(memory.weights()),
        mebibytes(memory.adapter()),
        mebibytes(memory.optimizer()),
        mebibytes(memory.activations()));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
  }
}
