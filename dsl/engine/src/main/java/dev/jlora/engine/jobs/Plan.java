package dev.jlora.engine.jobs;

import dev.jlora.engine.models.ModelLoader;
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
 * The plan of a job as shown to the user, computed without reading weights.
 *
 * @param model the architecture
 * @param labels the resolved label names; empty if the task has none
 * @param targets the modules that get an adapter; empty for full fine-tuning, and for an adapter
 *     that attaches to none
 * @param trainable number of trainable elements
 * @param all number of all elements, adapters included
 * @param memory estimated or computed
 * @param notes decisions with their reasons, and other hints, a sentence each
 */
public record Plan(
    String model,
    List<String> labels,
    List<String> targets,
    long trainable,
    long all,
    Memory memory,
    List<String> notes) {
  private static final int SHOWN_LABELS = 20;

  public Plan {
    labels = List.copyOf(labels);
    targets = List.copyOf(targets);
    notes = List.copyOf(notes);
  }

  /**
   * Memory in bytes.
   *
   * @param weights the model's, mapped from its file if the precision is the stored one
   * @param adapter trained weights, with their gradients
   * @param optimizer its state
   * @param activations the rest at the peak of a step with the longest batch: tensors saved for
   *     backward, and temporaries
   * @param counted whether the peak was computed by a step without data, rather than estimated by a
   *     formula
   */
  public record Memory(
      long weights, long adapter, long optimizer, long activations, boolean counted) {
    /** Java, libtorch, and kernels' own memory. */
    private static final long PROCESS = 400_000_000;

    /** Fragmentation of glibc's heap, per byte of a step's buffers. */
    private static final double GAPS = 0.55;

    /** The total: tensors at their peak. */
    public long total() {
      return weights + adapter + optimizer + activations;
    }

    /**
     * Approximate resident memory of a process that trains on the CPU, started by the launcher. It
     * contains two values fitted to measurements, see the training guide.
     */
    public long resident() {
      return PROCESS + total() + Math.round(GAPS * activations);
    }
  }

  /** A copy with other memory values. */
  public Plan with(Memory other) {
    return new Plan(model, labels, targets, trainable, all, other, notes);
  }

  /** A copy with more notes. */
  public Plan with(List<String> more) {
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

  /** Maximum number of tokens of a training row; 0 for no limit. */
  public static long longestRow(ResolvedJob work) {
    Integer longest = work.job().data().maxLength();
    long length = work.maxTokens();
    if (longest != null) {
      length = length == 0 ? longest : Math.min(longest, length);
    }
    return length;
  }

  /**
   * The inputs and outputs of the linears, which a tape saves; norms and masks take about as much.
   */
  private static long perToken(ModelPlan model) {
    return model.targets().values().stream()
        .filter(module -> module.kind() == TargetModule.Kind.LINEAR)
        .mapToLong(module -> module.in() + module.out())
        .sum();
  }

  /** The parameter counts in PEFT's format. */
  public String parameters() {
    return new AdapterSummary(targets, List.of(), trainable, all).counts();
  }

  @Override
  public String toString() {
    String what =
        !targets.isEmpty()
            ? Amount.of(targets.size(), "module gets", "modules get") + " an adapter"
            : trainable == all ? "every weight is trained" : "an adapter of no module";
    String said =
        notes.stream().map(note -> "%n%s".formatted(shown(note))).collect(Collectors.joining());
    return String.format(
        Locale.ROOT,
        "%s%s: %s%n%s%nmemory, %s: weights %s, trained %s, optimizer %s, activations up to %s%s%s",
        model,
        labels.isEmpty() ? "" : " " + shown(labels),
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

  /** The first labels and the number of the others. */
  static String shown(List<String> labels) {
    List<String> first = labels.stream().limit(SHOWN_LABELS).map(Printable::line).toList();
    int more = labels.size() - first.size();
    return more == 0
        ? first.toString()
        : "[%s and %,d more]".formatted(String.join(", ", first), more);
  }

  /** Escapes a note, which may contain labels, columns and file names; line breaks are kept. */
  private static String shown(String note) {
    return note.lines().map(Printable::line).collect(Collectors.joining("\n"));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
  }
}
