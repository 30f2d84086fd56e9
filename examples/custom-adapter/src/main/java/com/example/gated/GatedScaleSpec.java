package com.example.gated;

import dev.jlora.spec.Problems;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A learned scale of each output of a module, controlled by a low-rank gate: y = (W x) f + b, where
 * f = 1 + s sigmoid(B a).
 *
 * @param rank columns of B
 * @param targetModules the target modules; null for the method's defaults
 * @param modulesToSave modules trained in full and saved with the adapter
 */
public record GatedScaleSpec(int rank, @Nullable Targets targetModules, List<String> modulesToSave)
    implements TargetedSpec {

  public static final String METHOD = "gated-scale";

  public GatedScaleSpec {
    modulesToSave = List.copyOf(modulesToSave);
    Problems problems =
        Problems.in(METHOD).unless(rank > 0, "rank: got %d, expected 1 or more", rank);
    TargetedSpec.checkTargets(problems, targetModules, null, null, null);
    TargetedSpec.checkSaved(problems, modulesToSave);
    problems.throwIfAny();
  }

  /** The values of keys that a job omits. */
  public static GatedScaleSpec defaults() {
    return new GatedScaleSpec(4, null, List.of());
  }

  @Override
  public String method() {
    return METHOD;
  }
}
