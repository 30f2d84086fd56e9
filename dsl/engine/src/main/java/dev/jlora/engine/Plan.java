package dev.jlora.engine;

import dev.jlora.io.Amount;
import dev.jlora.io.Printable;
import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.AdapterSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a job will do, computed before a weight is read.
 *
 * @param model the architecture
 * @param labels the label names, settled; empty where the task has none
 * @param targets the modules that get an adapter; empty if every weight is trained
 * @param trainable elements that training updates
 * @param all all elements, adapters included
 * @param memory the memory it takes, estimated or counted
 * @param notes what was decided and why, and what else deserves a look, a sentence each
 */
public record Plan(
    String model,
    List<String> labels,
    List<String> targets,
    long trainable,
    long all,
    Memory memory,
    List<String> notes) {
  public Plan {
    labels = List.copyOf(labels);
    targets = List.copyOf(targets);
    notes = List.copyOf(notes);
  }

  /**
   * Bytes.
   *
   * @param weights the model's, mapped from its file where the precision is the stored one
   * @param adapter what is trained, with its gradients
   * @param optimizer its state
   * @param activations the rest at the peak of a step with the longest batch: what is kept for the
   *     backward pass, and what is needed for the moment
   * @param counted whether the peak is that of a step that was run through without data, and not an
   *     estimate by a formula
   */
  public record Memory(
      long weights, long adapter, long optimizer, long activations, boolean counted) {
    /** Java, libtorch, and what kernels take for themselves. */
    private static final long PROCESS = 400_000_000;

    /** What glibc's heap keeps between the buffers of a step, for a byte of these. */
    private static final double GAPS = 0.55;

    /** All of it together: tensors at their peak. */
    public long total() {
      return weights + adapter + optimizer + activations;
    }

    /**
     * Roughly the resident memory of a process that trains on the CPU, started by the launcher: two
     * numbers in here are fitted to measurements, see the guide on training.
     */
    public long resident() {
      return PROCESS + total() + Math.round(GAPS * activations);
    }
  }

  /** The same plan with other figures for memory. */
  Plan with(Memory other) {
    return new Plan(model, labels, targets, trainable, all, other, notes);
  }

  /** The same plan with more notes. */
  Plan with(List<String> more) {
    List<String> together = new ArrayList<>(notes);
    together.addAll(more);
    return new Plan(model, labels, targets, trainable, all, memory, together);
  }

  /** A plan for the user, its memory estimated by a formula. */
  static Plan of(JobPlan plan) {
    ResolvedJob work = plan.work();
    JobSpec job = work.job();
    AdapterSummary adapter = plan.adapterSummary();
    ModelPlan model = work.model();
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
            job.training().batchSize() * longestRow(work) * perToken(model) * bytes,
            false),
        plan.notes());
  }

  /** Tokens of the longest row that training may see; 0 if nothing limits it. */
  static long longestRow(ResolvedJob work) {
    Integer longest = work.job().data().maxLength();
    long length = work.architecture().maxPositions();
    if (longest != null) {
      length = length == 0 ? longest : Math.min(longest, length);
    }
    return length;
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
    return new AdapterSummary(targets, List.of(), trainable, all).counts();
  }

  @Override
  public String toString() {
    String what =
        targets.isEmpty()
            ? "every weight is trained"
            : Amount.of(targets.size(), "module gets", "modules get") + " an adapter";
    String said =
        notes.stream().map(note -> "%n%s".formatted(shown(note))).collect(Collectors.joining());
    return String.format(
        Locale.ROOT,
        "%s%s: %s%n%s%nmemory, %s: weights %s, trained %s, optimizer %s, activations up to %s%s%s",
        model,
        labels.isEmpty() ? "" : " " + labels.stream().map(Printable::line).toList(),
        what,
        parameters(),
        memory.counted() ? "counted" : "estimated",
        mebibytes(memory.weights()),
        mebibytes(memory.adapter()),
        mebibytes(memory.optimizer()),
        mebibytes(memory.activations()),
        memory.counted()
            ? "%n  %s at the peak of a step; on a CPU roughly %s resident"
                .formatted(mebibytes(memory.total()), mebibytes(memory.resident()))
            : "",
        said);
  }

  /** A note may name labels, columns and files; line ends are its own. */
  private static String shown(String note) {
    return note.lines().map(Printable::line).collect(Collectors.joining("\n"));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
  }
}
