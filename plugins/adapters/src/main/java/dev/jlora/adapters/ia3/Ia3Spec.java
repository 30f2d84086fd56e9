package dev.jlora.adapters.ia3;

import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * IA3, with the fields and defaults of PEFT's {@code IA3Config}: a learned factor for each output
 * of a module, or for each input of a feedforward module.
 *
 * @param targetModules the modules that get an adapter; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param feedforwardModules the targets whose input is scaled instead of the output: names, which
 *     match any path that ends with one of them, or a regular expression; null for PEFT's defaults
 * @param fanInFanOut whether weights are stored [in, out]; replaced by the layout that the model
 *     declares
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param initIa3Weights whether factors start at 1, so that the model is unchanged at first;
 *     otherwise they are random
 */
public record Ia3Spec(
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    @Nullable Targets feedforwardModules,
    boolean fanInFanOut,
    List<String> modulesToSave,
    boolean initIa3Weights)
    implements TargetedSpec {

  public static final String METHOD = "ia3";

  public Ia3Spec {
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems = Problems.in(METHOD);
    TargetedSpec.checkTargets(problems, targetModules, excludeModules, null, null);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.unless(
        !(feedforwardModules instanceof Targets.AllLinear),
        "feedforward_modules: got all-linear, expected names or a regular expression");
    if (feedforwardModules instanceof Targets.Names inner
        && targetModules instanceof Targets.Names outer) {
      problems.unless(
          new HashSet<>(outer.names()).containsAll(inner.names()),
          "feedforward_modules: got %s, expected names that are in target_modules %s",
          inner.names(),
          outer.names());
    }
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static Ia3Spec defaults() {
    return new Ia3Spec(null, null, null, false, List.of(), true);
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with PEFT's defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(Ia3Spec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(Ia3Spec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<Ia3Spec, Builder> {
    private Builder(PartialSpec<Ia3Spec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<Ia3Spec> settings) {
      return new Builder(settings);
    }

    /** The targets whose input is scaled. */
    public Builder feedforward(String... names) {
      return feedforward(Targets.names(names));
    }

    /** The targets whose input is scaled; null for PEFT's defaults. */
    public Builder feedforward(@Nullable Targets targets) {
      return with("feedforwardModules", targets);
    }

    /** Whether factors start at 1. */
    public Builder init(boolean ones) {
      return with("initIa3Weights", ones);
    }
  }
}
