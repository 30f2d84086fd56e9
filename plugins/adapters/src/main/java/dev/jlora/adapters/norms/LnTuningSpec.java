package dev.jlora.adapters.norms;

import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LN tuning, with the fields and defaults of PEFT's {@code LNTuningConfig}: the targets' own
 * weights and biases are trained, as copies that belong to the adapter.
 *
 * @param targetModules the modules that are trained, usually norms; null for PEFT's defaults
 * @param excludeModules target modules to exclude; null for none
 * @param modulesToSave further modules trained in full and saved with the adapter, in addition to
 *     the head that the task keeps trainable
 */
public record LnTuningSpec(
    @Nullable Targets targetModules, @Nullable Targets excludeModules, List<String> modulesToSave)
    implements TargetedSpec {

  public static final String METHOD = "ln-tuning";

  public LnTuningSpec {
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems = Problems.in(METHOD);
    TargetedSpec.checkTargets(problems, targetModules, excludeModules, null, null);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** PEFT's defaults. */
  public static LnTuningSpec defaults() {
    return new LnTuningSpec(null, null, List.of());
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
    return new Builder(PartialSpec.of(LnTuningSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(LnTuningSpec.class).over(this));
  }

  /** Collects settings; {@link #build} validates them. */
  public static final class Builder extends TargetedBuilder<LnTuningSpec, Builder> {
    private Builder(PartialSpec<LnTuningSpec> partial) {
      super(partial);
    }

    @Override
    protected Builder with(PartialSpec<LnTuningSpec> settings) {
      return new Builder(settings);
    }

    public Builder exclude(String... names) {
      return with("excludeModules", Targets.names(names));
    }
  }
}
