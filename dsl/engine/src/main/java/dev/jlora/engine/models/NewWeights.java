package dev.jlora.engine.models;

import dev.jlora.io.Checkpoint;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.spi.AdapterSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * Weights that a task needs and the base model lacks: a classifier, or a pooler that the checkpoint
 * of a masked language model does not have. They are initialized at random, so an adapter without
 * them would give different results each time it is loaded. A job therefore trains them in full and
 * saves them with its adapter.
 */
public final class NewWeights {
  private NewWeights() {}

  /**
   * The modules that are initialized at random, the largest that contain nothing else; no weights
   * are read.
   *
   * @param folder of the base model
   * @param model its tree, as the task declares it
   * @param headThere whether the base model has the task's head
   * @return none if the base model has the task's head, or its weights do not exist
   */
  public static List<String> modules(Path folder, ModelPlan model, boolean headThere) {
    boolean readable =
        Files.exists(folder.resolve(Checkpoint.SINGLE))
            || Files.exists(folder.resolve(Checkpoint.INDEX));
    if (headThere || !readable) {
      return List.of();
    }
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      var report = CheckpointWeights.match(model, checkpoint, /* newHead= */ true, 0).report();
      return modules(model, report.fresh());
    }
  }

  /** The largest modules whose parameters are all among these names. */
  public static List<String> modules(ModelPlan plan, List<String> fresh) {
    Set<String> names = new HashSet<>(fresh);
    List<String> modules = new ArrayList<>();
    for (String module : plan.modules()) {
      List<String> inside = plan.parametersOf(module);
      boolean sharesWeight =
          plan.architecture().tied().keySet().stream()
              .anyMatch(tied -> tied.startsWith(module + "."));
      boolean found = modules.stream().anyMatch(outer -> isWithin(module, outer));
      if (!inside.isEmpty() && names.containsAll(inside) && !sharesWeight && !found) {
        modules.add(module);
      }
    }
    return List.copyOf(modules);
  }

  /**
   * A line for the user about randomly initialized modules; empty if there are none.
   *
   * @param fresh the result of {@link #modules(Path, ModelPlan, boolean)}
   * @param everyWeight whether the job trains the whole model, without an adapter
   */
  public static Optional<String> note(
      List<String> fresh, boolean everyWeight, AdapterSummary adapter) {
    List<String> lost = unsaved(fresh, adapter);
    if (fresh.isEmpty()) {
      return Optional.empty();
    }
    String line =
        "not in the base model: %s, trained in full from random values%s"
            .formatted(String.join(", ", fresh), everyWeight ? "" : " and saved with the adapter");
    return Optional.of(
        everyWeight || lost.isEmpty()
            ? line
            : "not in the base model, random, and not saved by this adapter method: "
                + String.join(", ", lost));
  }

  /** The modules among these that an adapter does not contain. */
  public static List<String> unsaved(List<String> fresh, AdapterSummary plan) {
    return fresh.stream()
        .filter(module -> plan.savedModules().stream().noneMatch(it -> isWithin(module, it)))
        .toList();
  }

  /** Warns if neither the base model nor its adapter has a weight. */
  static void check(LoadedModel model, Adapter weights, Path adapter) {
    Set<String> held =
        weights.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
    ModelPlan plan = model.network().plan();
    List<String> missing =
        model.report().fresh().stream()
            .filter(name -> !held.contains(name))
            .filter(name -> plan.parameters().get(name).init().kind() == Init.Kind.NORMAL)
            .toList();
    if (!missing.isEmpty()) {
      LoggerFactory.getLogger(NewWeights.class)
          .warn(
              "{}: neither the base model nor the adapter holds {}; random values are used instead,"
                  + " so predictions are not meaningful. Train the adapter again, which saves these"
                  + " weights with it, or use a base model that has them.",
              adapter,
              String.join(", ", missing));
    }
  }

  private static boolean isWithin(String module, String outer) {
    return module.equals(outer) || module.startsWith(outer + ".");
  }
}
