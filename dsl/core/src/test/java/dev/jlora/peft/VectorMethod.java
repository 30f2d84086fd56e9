package dev.jlora.peft;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * VeRA in small: frozen matrices that all targets share, and two trained vectors for each target,
 * of which one starts from the weight.
 */
final class VectorMethod implements TargetedMethod<VectorMethod.Spec> {
  /** Whether layers deny their parameters, a mistake of an author. */
  static boolean layersHide;

  static final MethodTraits TRAITS =
      MethodTraits.of("Vectors", "VECTORS", TargetModule.Kind.LINEAR)
          .parameter("vector_b")
          .parameter("vector_d", 0)
          .sharing("vector_A", "vector_B")
          .config(
              """
              {"r": 4, "scale_pattern": {}, "target_modules": null, "modules_to_save": null,
               "stacked": false}
              """)
          .refusing("stacked");

  public record Spec(
      int rank,
      Map<String, Double> scalePattern,
      @Nullable Targets targetModules,
      List<String> modulesToSave)
      implements TargetedSpec {
    public static Spec defaults() {
      return new Spec(4, Map.of(), null, List.of());
    }

    @Override
    public String method() {
      return "vectors";
    }
  }

  @Override
  public String name() {
    return "vectors";
  }

  @Override
  public Class<Spec> specType() {
    return Spec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(Spec spec) {
    var scales = new PatternValues<>("scale_pattern", spec.scalePattern());
    return new AdapterTargets() {
      @Override
      public AdapterTarget target(TargetModule module, List<String> names) {
        return new Target(module, spec.rank(), scales.of(names, 1.0));
      }

      @Override
      public List<PatternValues<?>> patterns() {
        return List.of(scales);
      }

      @Override
      public List<OwnParameter> shared(List<TargetModule> targets) {
        long in = targets.stream().mapToLong(TargetModule::in).max().orElse(1);
        long out = targets.stream().mapToLong(TargetModule::out).max().orElse(1);
        return List.of(
            new OwnParameter("vector_A", Start.normal(0.5), spec.rank(), in).frozen(),
            new OwnParameter("vector_B", Start.normal(0.5), out, spec.rank()).frozen());
      }
    };
  }

  @Override
  public Spec spec(PeftConfig config) {
    return new Spec(
        config.integer("r"),
        config.numbers("scale_pattern"),
        config.targetModules(),
        config.modulesToSave());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<Spec> plan) {
    return config
        .with("r", plan.spec().rank())
        .with(
            "scale_pattern",
            plan.written(plan.spec().scalePattern(), target -> ((Target) target).scale(), 1.0));
  }

  record Target(TargetModule module, int rank, double scale) implements AdapterTarget {
    @Override
    public List<OwnParameter> parameters() {
      return List.of(
          new OwnParameter("vector_b", Start.constant(0.25), module.out()),
          new OwnParameter("vector_d", Start.constant(0.5), rank));
    }

    /** vector_b starts as the norm of each row of the weight. */
    @Override
    public void start(OwnParameters parameters, FrozenWeight weight) {
      Tensor norms = Ops.sqrt(Reduce.sum(Ops.square(weight.dense()), /* keepDim= */ false, 1));
      parameters.get("vector_b").value().copyFrom(norms);
    }

    @Override
    public AdapterLayer layer(OwnParameters parameters) {
      return new Layer(this, parameters);
    }
  }

  /** y = W x + b + scale vector_b (B (vector_d (A x))). */
  private record Layer(Target target, OwnParameters own) implements AdapterLayer {
    @Override
    public Tensor forward(Base base, Tensor x, ForwardContext context) {
      Tape tape = context.tape();
      Tensor low = Functions.linear(tape, x, slice("vector_A", 1, target.module().in()), null);
      Tensor scaled = Functions.mul(tape, low, own.get("vector_d").value());
      Tensor up = Functions.linear(tape, scaled, slice("vector_B", 0, target.module().out()), null);
      Tensor change = Functions.mul(tape, up, own.get("vector_b").value());
      return Functions.add(tape, base.output(x), Functions.scale(tape, change, target.scale()));
    }

    private Tensor slice(String name, int dim, long size) {
      return Ops.contiguous(Views.slice(own.shared(name).value(), dim, 0, size));
    }

    @Override
    public Tensor merged(Tensor weight) {
      try (var _ = Scope.open()) {
        Tensor left =
            Ops.mul(
                slice("vector_B", 0, target.module().out()),
                Views.unsqueeze(own.get("vector_b").value(), 1));
        Tensor right =
            Ops.mul(
                slice("vector_A", 1, target.module().in()),
                Views.unsqueeze(own.get("vector_d").value(), 1));
        Tensor change = Functions.matmul(Tape.off(), left, right);
        return Scope.moveOut(Ops.add(weight, change, target.scale()));
      }
    }

    @Override
    public List<Parameter> parameters() {
      return layersHide ? List.of() : own.all();
    }
  }
}
