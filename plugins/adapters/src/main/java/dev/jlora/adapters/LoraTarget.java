package dev.jlora.adapters;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import dev.jlora.peft.StoredTensor;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A module that gets a LoRA pair: A [rank, in] and B [out, rank], for a convolution A [rank, in,
 * kernel, kernel] and B [out, rank, 1, 1]. With DoRA also the magnitudes.
 *
 * @param scaling the factor on B A x
 * @param dropout on the input of A, in training
 * @param start the initial values
 * @param dora whether it has magnitudes
 * @param biased whether B has a bias
 */
record LoraTarget(
    TargetModule module,
    int rank,
    double alpha,
    double scaling,
    double dropout,
    LoraStart start,
    boolean dora,
    boolean biased)
    implements LoraPair {
  static final String A = "lora_A.weight";
  static final String B = "lora_B.weight";
  static final String B_BIAS = "lora_B.bias";
  static final String EMBEDDING_A = "lora_embedding_A";
  static final String EMBEDDING_B = "lora_embedding_B";
  static final String MAGNITUDE = "lora_magnitude_vector";

  @Override
  public List<OwnParameter> parameters() {
    List<OwnParameter> parameters = new ArrayList<>();
    switch (module.kind()) {
      case LINEAR -> {
        parameters.add(new OwnParameter(A, start.ofA(module, rank), rank, module.in()));
        parameters.add(new OwnParameter(B, start.ofB(rank), module.out(), rank));
      }
      case EMBEDDING -> {
        Start normal = Start.normal(1);
        boolean random = start.random();
        parameters.add(
            new OwnParameter(EMBEDDING_A, random ? normal : Start.ZEROS, rank, module.in()));
        parameters.add(new OwnParameter(EMBEDDING_B, normal, module.out(), rank));
      }
      case CONVOLUTION -> {
        long kernel = module.kernel();
        parameters.add(
            new OwnParameter(A, start.ofA(module, rank), rank, module.in(), kernel, kernel));
        parameters.add(new OwnParameter(B, start.ofB(rank), module.out(), rank, 1, 1));
      }
    }
    if (biased) {
      parameters.add(new OwnParameter(B_BIAS, start.ofB(rank), module.out()));
    }
    if (dora) {
      parameters.add(new OwnParameter(MAGNITUDE, Start.ZEROS, magnitudes()));
    }
    return List.copyOf(parameters);
  }

  private long[] magnitudes() {
    return module.kind() == TargetModule.Kind.CONVOLUTION
        ? new long[] {1, module.out(), 1, 1}
        : new long[] {module.out()};
  }

  /** A copy with initial values from training data. */
  LoraTarget startingWith(LoraStart.Given values) {
    return new LoraTarget(module, rank, alpha, scaling, dropout, start.with(values), dora, biased);
  }

  /** A copy that starts with zeros, whose values a file has. */
  LoraTarget empty() {
    return startingWith(
        new LoraStart.Given(
            new float[Math.toIntExact(rank * module.in())],
            new float[Math.toIntExact(rank * module.out())]));
  }

  @Override
  public int storedRank() {
    return start.doubles() ? 2 * rank : rank;
  }

  @Override
  public double storedAlpha(boolean rslora) {
    return !start.doubles() ? alpha : rslora ? alpha * Math.sqrt(2) : 2 * alpha;
  }

  @Override
  public @Nullable Tensor residual(OwnParameters parameters, FrozenWeight weight) {
    return start.residual(this, parameters, weight);
  }

  @Override
  public List<StoredTensor> stored(OwnParameters parameters) {
    return start.stored(parameters);
  }

  /** Magnitudes start at the norms of the adapted weight, so that they change nothing. */
  @Override
  public void start(OwnParameters parameters, FrozenWeight weight) {
    start.set(this, parameters, weight);
    if (dora) {
      Parameter magnitude = parameters.get(MAGNITUDE);
      Tensor norms = lora(parameters).norms(weight.dense());
      magnitude.own().copyFrom(Views.view(norms, magnitudes()));
    }
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    LoraLayer lora = lora(parameters);
    if (dora) {
      return new DoraLayer(lora, parameters.get(MAGNITUDE));
    }
    return biased ? new LoraBiasLayer(lora, parameters.get(B_BIAS)) : lora;
  }

  private LoraLayer lora(OwnParameters parameters) {
    boolean embedding = module.kind() == TargetModule.Kind.EMBEDDING;
    return new LoraLayer(
        this,
        dropout,
        scaling,
        parameters.get(embedding ? EMBEDDING_A : A),
        parameters.get(embedding ? EMBEDDING_B : B));
  }

  /** Whether the weight is stored [in, out]: that of an embedding has a row for each input. */
  boolean transposed() {
    return module.transposed() || module.kind() == TargetModule.Kind.EMBEDDING;
  }
}
