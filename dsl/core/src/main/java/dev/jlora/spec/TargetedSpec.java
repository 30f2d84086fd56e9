package dev.jlora.spec;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spec of an adapter method that attaches to modules, with PEFT's names. A record declares the
 * components that its method supports; the others keep PEFT's defaults.
 */
public interface TargetedSpec extends AdapterSpec {

  /** The modules that get an adapter; null for the method's defaults. */
  @Nullable Targets targetModules();

  /** Target modules to exclude; null for none. */
  default @Nullable Targets excludeModules() {
    return null;
  }

  /** Indices of the layers that get adapters; null for all. */
  default @Nullable List<Integer> layersToTransform() {
    return null;
  }

  /** The name before the index ({@code layer}), a regular expression; null for any. */
  default @Nullable String layersPattern() {
    return null;
  }

  /** Modules trained in full and saved with the adapter, in addition to the task's head. */
  default List<String> modulesToSave() {
    return List.of();
  }

  /** Whether tied embeddings and output layer stay tied if one of them is saved. */
  default boolean ensureWeightTying() {
    return false;
  }

  /** The biases that are trained. */
  default Bias bias() {
    return Bias.NONE;
  }

  /**
   * A copy with additional {@link #modulesToSave}; this spec if the record has no such component.
   */
  @Override
  default AdapterSpec alsoSaving(List<String> modules) {
    RecordComponent[] components = getClass().getRecordComponents();
    boolean saves =
        components != null
            && Arrays.stream(components).anyMatch(it -> it.getName().equals("modulesToSave"));
    return saves ? PartialSpec.adding(this, "modulesToSave", modules) : this;
  }

  /**
   * Checks the targets of a spec; for its constructor.
   *
   * @param problems collects the problems
   */
  static void checkTargets(
      Problems problems,
      @Nullable Targets targetModules,
      @Nullable Targets excludeModules,
      @Nullable List<Integer> layersToTransform,
      @Nullable String layersPattern) {
    problems
        .unless(
            !(targetModules instanceof Targets.Names names) || !names.names().isEmpty(),
            "target_modules: got an empty list, expected module names such as query; leave it"
                + " out for the family's own")
        .unless(
            !(excludeModules instanceof Targets.AllLinear),
            "exclude_modules: got all-linear, expected names or a regular expression")
        .unless(
            layersToTransform == null || targetModules instanceof Targets.Names,
            "layers_to_transform: got %s, expected %s.target_modules to be a list of names"
                + " with it",
            layersToTransform,
            problems.where())
        .unless(
            layersToTransform == null || layersToTransform.stream().allMatch(i -> i >= 0),
            "layers_to_transform: got %s, expected indices from 0",
            layersToTransform)
        .unless(
            layersPattern == null || layersToTransform != null,
            "layers_pattern: got '%s' without %s.layers_to_transform, expected both or none",
            layersPattern,
            problems.where());
    if (layersPattern != null) {
      checkRegex(problems, "layers_pattern", layersPattern);
    }
  }

  /** Checks the names of modules that are trained in full; for the constructor of a spec. */
  static void checkSaved(Problems problems, List<String> modulesToSave) {
    problems.unless(
        modulesToSave.stream().noneMatch(String::isBlank),
        "modules_to_save: got a blank name in %s",
        modulesToSave);
  }

  /** Checks a regular expression, such as a key of {@code rank_pattern}. */
  static void checkRegex(Problems problems, String key, String regex) {
    String wrong = PythonRegex.problem(regex);
    problems.unless(
        wrong.isEmpty(), "%s '%s': expected a regular expression: %s", key, regex, wrong);
  }
}
