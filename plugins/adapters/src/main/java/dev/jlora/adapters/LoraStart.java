package dev.jlora.adapters;

import dev.jlora.adapters.init.Factors;
import dev.jlora.adapters.init.LoftQ;
import dev.jlora.adapters.init.WeightFactors;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.ops.Ops;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import dev.jlora.peft.StoredTensor;
import dev.jlora.spec.LoftqSpec;
import dev.jlora.spec.LoraInit;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a LoRA pair starts, and what that leaves of the module's weight.
 *
 * <p>PiSSA, OLoRA, CorDA and LoRA-GA train with the weight W - s B0 A0 under the pair, whose first
 * values are A0 and B0. Such a pair is stored as one for W, of twice the rank: with A and A0 one
 * above the other, and B and -B0 side by side. An adapter that PEFT saved without that conversion
 * is stored as it was read.
 *
 * @param loftq settings of LoftQ
 * @param joins whether files hold A0 and B0, too
 * @param given the values that were computed from training data; null for none
 */
record LoraStart(LoraInit init, LoftqSpec loftq, boolean joins, @Nullable Given given) {
  static final LoraStart DEFAULT =
      new LoraStart(LoraInit.DEFAULT, LoftqSpec.defaults(), false, null);

  private static final String FIRST_A = "first_A";
  private static final String FIRST_B = "first_B";
  private static final String QUANTIZED = "quantized";

  /**
   * Values from training data.
   *
   * @param a [rank, in] row by row
   * @param b [out, rank] row by row; null for zeros
   */
  record Given(float[] a, float @Nullable [] b) {}

  LoraStart with(Given values) {
    return new LoraStart(init, loftq, joins, values);
  }

  /** Kaiming uniform with a = sqrt(5), which is uniform within 1/sqrt(fan-in); or normal. */
  Start ofA(TargetModule module, int rank) {
    return switch (init.kind()) {
      case GAUSSIAN -> random -> () -> random.nextGaussian() / rank;
      default -> Start.uniform(1 / Math.sqrt(module.fanIn()));
    };
  }

  /** Zeros, so that the model is unchanged at first; random only on request. */
  Start ofB(int rank) {
    return random() ? Start.uniform(1 / Math.sqrt(rank)) : Start.ZEROS;
  }

  /** Whether both matrices are random, for tests. */
  boolean random() {
    return init.kind() == LoraInit.Kind.RANDOM;
  }

  /** Whether the file's rank is twice that of training. */
  boolean doubles() {
    return joins && init.changesBase() && init.kind() != LoraInit.Kind.LOFTQ;
  }

  /**
   * Refuses a module or rank for which the initialization is not defined.
   *
   * @throws ModelException naming the module
   */
  void check(TargetModule module, int rank) {
    switch (init.kind()) {
      case DEFAULT, RANDOM, GAUSSIAN, EVA -> {}
      case ORTHOGONAL -> {
        requireLinear(module);
        require(rank % 2 == 0, module, "expected an even rank, got %d", rank);
      }
      case PISSA, OLORA, CORDA -> {
        requireLinear(module);
        requireRank(module, rank, least(module));
      }
      case LOFTQ -> {
        requireLinear(module);
        requireRank(module, rank, least(module));
        require(
            LoftQ.fits(module.in() * module.out()),
            module,
            "expected a multiple of 64 elements, got %,d",
            module.in() * module.out());
      }
      case LORA_GA -> {
        requireLinear(module);
        requireRank(module, rank, least(module) / 2);
      }
    }
  }

  private static long least(TargetModule module) {
    return Math.min(module.in(), module.out());
  }

  private void requireLinear(TargetModule module) {
    require(module.kind() == Kind.LINEAR, module, "expected linear layers only");
  }

  private void requireRank(TargetModule module, int rank, long most) {
    require(rank <= most, module, "expected a rank of %,d or less, got %,d", most, rank);
  }

  private void require(boolean holds, TargetModule module, String message, Object... values) {
    if (!holds) {
      throw new ModelException(
          "init_lora_weights '%s' at %s: %s"
              .formatted(init.json(), module.path(), message.formatted(values)));
    }
  }

  /** Sets the values that depend on the weight, and keeps what the residual is computed from. */
  void set(LoraTarget target, OwnParameters parameters, FrozenWeight weight) {
    Factors factors = factors(target, parameters, weight);
    if (factors == null) {
      return;
    }
    parameters.get(LoraTarget.A).own().copyFrom(factors.a());
    parameters.get(LoraTarget.B).own().copyFrom(factors.b());
    if (init.changesBase() && init.kind() != LoraInit.Kind.LOFTQ) {
      parameters.keep(FIRST_A, Ops.clone(parameters.get(LoraTarget.A).value()));
      parameters.keep(FIRST_B, Ops.clone(parameters.get(LoraTarget.B).value()));
    }
  }

  private @Nullable Factors factors(
      LoraTarget target, OwnParameters parameters, FrozenWeight weight) {
    TargetModule module = target.module();
    int rank = target.rank();
    if (given != null) {
      Tensor b =
          given.b() == null
              ? Tensor.zeros(DType.FLOAT32, module.out(), rank)
              : Tensor.of(given.b(), module.out(), rank);
      return new Factors(Tensor.of(given.a(), rank, module.in()), b);
    }
    return switch (init.kind()) {
      case DEFAULT, RANDOM, GAUSSIAN, EVA -> null;
      case ORTHOGONAL ->
          WeightFactors.orthogonal(
              normal(parameters.random("rotation"), rank, rank),
              normal(parameters.random(LoraTarget.A), module.in(), rank / 2),
              normal(parameters.random(LoraTarget.B), module.out(), rank / 2));
      case PISSA -> pissa(target, parameters, upright(module, weight.dense()));
      case OLORA -> WeightFactors.olora(upright(module, weight.dense()), rank);
      case LOFTQ -> {
        Tensor dense = upright(module, weight.dense());
        LoftQ found = LoftQ.of(host(dense), rank, loftq.loftqBits(), loftq.loftqIter());
        parameters.keep(QUANTIZED, found.quantized());
        yield found.factors();
      }
      case CORDA, LORA_GA ->
          throw new IllegalStateException(init.json() + " needs passes over the training data");
    };
  }

  private Factors pissa(LoraTarget target, OwnParameters parameters, Tensor weight) {
    int rank = target.rank();
    if (init.iterations() == 0 || !joins) { // a file of PEFT's does not tell its random subspace
      return WeightFactors.pissa(weight, rank, target.scaling());
    }
    Tensor sketch = normal(parameters.random("sketch"), weight.size(1), rank);
    return WeightFactors.pissa(
        weight, rank, target.scaling(), Ops.to(sketch, weight.device()), init.iterations());
  }

  private static Tensor normal(SplittableRandom random, long rows, long columns) {
    float[] values = new float[Math.toIntExact(rows * columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, rows, columns);
  }

  /** The weight as [out, in] in FLOAT32. */
  static Tensor upright(TargetModule module, Tensor weight) {
    Tensor wide = Ops.to(weight, DType.FLOAT32);
    return module.transposed() ? Ops.contiguous(Views.t(wide)) : wide;
  }

  private static Tensor host(Tensor tensor) {
    return Ops.to(tensor, Device.CPU);
  }

  /** The weight under the pair; null for the base's own. */
  @Nullable Tensor residual(LoraTarget target, OwnParameters parameters, FrozenWeight weight) {
    if (!init.changesBase()) {
      return null;
    }
    Tensor dense = weight.dense();
    TargetModule module = target.module();
    if (dense.device().kind() == Device.Kind.META) {
      return Tensor.emptyLike(dense);
    }
    if (init.kind() == LoraInit.Kind.LOFTQ) {
      Tensor quantized = parameters.kept(QUANTIZED);
      Tensor stored = module.transposed() ? Views.t(quantized) : quantized;
      return Ops.contiguous(Ops.to(Ops.to(stored, dense.dtype()), dense.device()));
    }
    return new LowRankUpdate(
            parameters.kept(FIRST_A), parameters.kept(FIRST_B), -target.scaling(), 0)
        .merged(dense, module.transposed());
  }

  /** The tensors of the file. */
  List<StoredTensor> stored(OwnParameters parameters) {
    if (!doubles()) {
      return parameters.all().stream().map(StoredTensor::of).toList();
    }
    return List.of(
        new Joined(parameters, LoraTarget.A, FIRST_A, 0, 1),
        new Joined(parameters, LoraTarget.B, FIRST_B, 1, -1));
  }

  /**
   * A matrix and its first values in one tensor.
   *
   * @param axis along which they are joined
   * @param sign of the first values
   */
  private record Joined(OwnParameters all, String trained, String first, int axis, double sign)
      implements StoredTensor {
    @Override
    public String name() {
      return all.get(trained).name();
    }

    @Override
    public List<Long> shape() {
      List<Long> shape = all.get(trained).shape();
      return axis == 0
          ? List.of(2 * shape.get(0), shape.get(1))
          : List.of(shape.get(0), 2 * shape.get(1));
    }

    @Override
    public Tensor value() {
      return Ops.cat(axis, all.get(trained).value(), Ops.mul(all.kept(first), sign));
    }

    @Override
    public void read(Tensor value) {
      try (var _ = Scope.open()) {
        long rank = all.kept(first).size(axis);
        all.get(trained).own().copyFrom(Views.slice(value, axis, 0, rank));
        Tensor second = Ops.contiguous(Views.slice(value, axis, rank, 2 * rank));
        all.kept(first).copyFrom(Ops.mul(second, sign));
      }
    }
  }
}
