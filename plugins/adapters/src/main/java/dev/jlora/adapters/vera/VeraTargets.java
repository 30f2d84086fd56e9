package dev.jlora.adapters.vera;

import dev.jlora.model.TargetModule;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameter.Use;
import dev.jlora.peft.Start;
import dev.jlora.peft.TorchGenerator;
import java.util.List;
import java.util.function.ToLongFunction;

/** The targets of a spec, and the two matrices that they share. */
record VeraTargets(VeraSpec spec) implements AdapterTargets {
  static final String A = "vera_A";
  static final String B = "vera_B";

  @Override
  public AdapterTarget target(TargetModule module, List<String> names) {
    return new VeraTarget(module, spec);
  }

  /**
   * A [rank, in] and B [out, rank] for the largest target; smaller ones use the first columns of A
   * and rows of B. Both come from one generator, A first.
   */
  @Override
  public List<OwnParameter> shared(List<TargetModule> targets) {
    long rank = spec.rank();
    long in = largest(targets, TargetModule::in);
    long out = largest(targets, TargetModule::out);
    Use use = spec.saveProjection() ? Use.BUFFER : Use.RECOMPUTED;
    return List.of(
        new OwnParameter(A, drawn(0, in), rank, in).as(use),
        new OwnParameter(B, drawn(rank * in, rank), out, rank).as(use));
  }

  private static long largest(List<TargetModule> targets, ToLongFunction<TargetModule> size) {
    return targets.stream().mapToLong(size).max().orElseThrow();
  }

  /**
   * He's uniform initialization, with a bound of sqrt(6 / fan-in).
   *
   * @param earlier the number of elements drawn before
   */
  private Start drawn(long earlier, long fanIn) {
    float bound = (float) (Math.sqrt(3) * (Math.sqrt(2) / Math.sqrt(fanIn)));
    return _ -> {
      var generator = new TorchGenerator(spec.projectionPrngKey());
      generator.skip(earlier);
      return () -> generator.uniform(-bound, bound);
    };
  }
}
