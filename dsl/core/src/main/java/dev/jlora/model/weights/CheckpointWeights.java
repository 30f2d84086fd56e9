package dev.jlora.model.weights;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.FiniteTensors;
import dev.jlora.io.Names;
import dev.jlora.model.Aliases;
import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checkpoint matched against a model by names and shapes, before weights are read. The match is
 * strict: one exception lists everything that is missing, has another shape or is unexpected.
 *
 * <p>Ignored are buffers, the heads of other tasks, and second copies of tied weights (which must
 * be equal). Names of old checkpoints are supported: {@code LayerNorm.gamma} and {@code
 * LayerNorm.beta}, a base model saved with or without its prefix in a model with a head, and the
 * architecture's {@link Aliases}.
 */
public final class CheckpointWeights implements WeightSource {
  private static final int SHOWN = 8;

  private final ModelPlan plan;
  private final Checkpoint checkpoint;
  private final RandomWeights random;
  private final boolean newHead;
  private final Map<String, String> stored = new LinkedHashMap<>();
  private final List<String> fresh = new ArrayList<>();
  private final List<String> unread = new ArrayList<>();

  private CheckpointWeights(
      ModelPlan plan, Checkpoint checkpoint, boolean newHead, RandomWeights random) {
    this.plan = plan;
    this.checkpoint = checkpoint;
    this.newHead = newHead;
    this.random = random;
  }

  /**
   * Matches names and shapes.
   *
   * @param checkpoint closed with the network that reads it
   * @param newHead whether the model's heads may be missing from the checkpoint, or have other
   *     sizes, because it was trained for another task or other labels; they are then initialized
   * @param seed for weight initialization
   * @throws ModelException naming every tensor that is missing, has another shape or is not part of
   *     the model
   */
  public static CheckpointWeights match(
      ModelPlan plan, Checkpoint checkpoint, boolean newHead, long seed) {
    CheckpointWeights weights =
        new CheckpointWeights(plan, checkpoint, newHead, new RandomWeights(seed));
    weights.match();
    return weights;
  }

  /** Matches the names and shapes of an architecture that has no plan yet. */
  public static CheckpointWeights match(
      Architecture architecture, Checkpoint checkpoint, boolean newHead, long seed) {
    return match(ModelPlan.of(architecture), checkpoint, newHead, seed);
  }

  /**
   * The parameters that were found and those that are initialized, and the tensors that are not
   * read.
   */
  public LoadReport report() {
    return new LoadReport(List.copyOf(stored.keySet()), fresh, unread);
  }

  /**
   * The weight in the checkpoint, or a newly initialized one.
   *
   * @throws dev.jlora.io.FormatException naming file and tensor, if it has a non-finite value
   */
  @Override
  public Tensor read(ParameterSpec parameter) {
    String name = stored.get(parameter.name());
    return name == null
        ? random.read(parameter)
        : FiniteTensors.require(checkpoint.fileOf(name), name, checkpoint.tensor(name));
  }

  @Override
  public void requireUnchanged() {
    checkpoint.requireUnchanged();
  }

  @Override
  public void close() {
    checkpoint.close();
  }

  private void match() {
    List<String> problems = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Set<String> left = new LinkedHashSet<>(checkpoint.names());
    for (ParameterSpec spec : plan.parameters().values()) {
      String name = storedName(spec.name());
      if (name == null) {
        (newHead && inHead(spec.name()) ? fresh : missing).add(spec.name());
        continue;
      }
      left.remove(name);
      List<Long> shape = checkpoint.entry(name).shape();
      if (newHead && inHead(spec.name()) && !shape.equals(spec.shape())) {
        fresh.add(spec.name());
        continue;
      }
      stored.put(spec.name(), name);
      if (!shape.equals(spec.shape())) {
        problems.add(
            "%s: the checkpoint has shape %s, the model %s".formatted(name, shape, spec.shape()));
      }
    }
    missing.forEach(name -> problems.add(missing(name, left)));
    left.stream().filter(name -> !passedOver(name)).forEach(name -> problems.add(leftOver(name)));
    if (!problems.isEmpty()) {
      throw refusal(problems);
    }
  }

  /** The name of a parameter in the checkpoint, or null. */
  private String storedName(String name) {
    String prefix = plan.architecture().basePrefix() + ".";
    String other = name.startsWith(prefix) ? name.substring(prefix.length()) : prefix + name;
    for (String candidate : List.of(name, old(name), other, old(other))) {
      if (checkpoint.has(candidate)) {
        return candidate;
      }
      String alias = plan.architecture().aliases().of(candidate);
      if (checkpoint.has(alias)) {
        return alias;
      }
    }
    return null;
  }

  /** LayerNorm's names before 2019. */
  private static String old(String name) {
    return name.replaceFirst("LayerNorm\\.weight$", "LayerNorm.gamma")
        .replaceFirst("LayerNorm\\.bias$", "LayerNorm.beta");
  }

  private boolean inHead(String name) {
    return within(name, plan.architecture().heads());
  }

  /** Whether a tensor that no parameter reads may be ignored. */
  private boolean passedOver(String name) {
    Architecture architecture = plan.architecture();
    if (architecture.buffers().stream().anyMatch(buffer -> isSuffix(buffer, name))) {
      return true;
    }
    String original = architecture.tied().get(name);
    if (original != null && stored.containsKey(original)) {
      return equal(name, stored.get(original));
    }
    if (within(name, architecture.otherHeads()) && (newHead || !inHead(name))) {
      unread.add(name);
      return true;
    }
    return false;
  }

  private boolean equal(String copy, String original) {
    return checkpoint.entry(copy).shape().equals(checkpoint.entry(original).shape())
        && checkpoint.bytes(copy).mismatch(checkpoint.bytes(original)) == -1;
  }

  private static boolean isSuffix(String suffix, String name) {
    return name.equals(suffix) || name.endsWith("." + suffix);
  }

  private static boolean within(String name, List<String> modules) {
    return modules.stream().anyMatch(module -> name.startsWith(module + "."));
  }

  private static String missing(String name, Set<String> left) {
    String near = left.isEmpty() ? "" : " (unread and nearest: " + Names.some(left, name) + ")";
    return name + ": not in the checkpoint" + near;
  }

  private String leftOver(String name) {
    return plan.architecture().tied().containsKey(name)
        ? "%s: differs from %s, which this model ties it to"
            .formatted(name, plan.architecture().tied().get(name))
        : name + ": in the checkpoint, but not part of the model";
  }

  private ModelException refusal(List<String> problems) {
    return new ModelException(
        ("The weights in %s do not fit %s as its config.json describes it:\n  %s\n"
                + "Use the config.json that belongs to these weights,"
                + " or name the architecture they were saved from.")
            .formatted(checkpoint.folder(), plan.architecture().name(), some(problems)));
  }

  /** The first problems, and the number of others. */
  private static String some(List<String> problems) {
    String shown = String.join("\n  ", problems.subList(0, Math.min(problems.size(), SHOWN)));
    int more = problems.size() - SHOWN;
    return more > 0 ? shown + "\n  and %d more of the kind".formatted(more) : shown;
  }
}
