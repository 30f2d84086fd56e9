package dev.jlora.adapters;

import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.ops.Ops;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.StoredTensor;
import dev.jlora.spec.Slice;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Parts of a fused projection that get a LoRA pair each, A [rank, in] and B [part, rank], as
 * queries and values of GPT-2 in the LoRA paper (arXiv:2106.09685, section 5.4).
 *
 * <p>Its file has one pair, which PEFT loads: the A matrices one above the other, and a B with
 * theirs as blocks and zeros elsewhere.
 *
 * @param parts in the order of the outputs
 * @param scaling the factor on B A x of each part
 * @param dropout on the input of the A matrices, in training
 * @param start the initial values of each pair
 */
record LoraSlices(
    TargetModule module,
    List<Slice> parts,
    int rank,
    double alpha,
    double scaling,
    double dropout,
    LoraStart start)
    implements LoraPair {

  /**
   * @throws ModelException if the module is no fused projection
   */
  LoraSlices {
    if (module.sections().isEmpty()) {
      throw new ModelException(
          "slices: %s does not compute queries, keys and values in one product; name it in"
                  .formatted(module.path())
              + " target_modules only");
    }
    parts = parts.stream().sorted().toList();
  }

  /** The outputs of a part. */
  record Range(long from, long size) {}

  Range range(Slice part) {
    long from = 0;
    for (int i = 0; i < part.ordinal(); i++) {
      from += module.sections().get(i);
    }
    return new Range(from, module.sections().get(part.ordinal()));
  }

  private static String a(Slice part) {
    return "lora_A_" + part.name().toLowerCase(Locale.ROOT);
  }

  private static String b(Slice part) {
    return "lora_B_" + part.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<OwnParameter> parameters() {
    List<OwnParameter> parameters = new ArrayList<>();
    for (Slice part : parts) {
      parameters.add(new OwnParameter(a(part), start.ofA(module, rank), rank, module.in()));
      parameters.add(new OwnParameter(b(part), start.ofB(rank), range(part).size(), rank));
    }
    return parameters;
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    return sliced(parameters);
  }

  private LoraSlicesLayer sliced(OwnParameters parameters) {
    List<Parameter> a = parts.stream().map(part -> parameters.get(a(part))).toList();
    List<Parameter> b = parts.stream().map(part -> parameters.get(b(part))).toList();
    return new LoraSlicesLayer(this, scaling, a, b);
  }

  @Override
  public int storedRank() {
    return rank * parts.size();
  }

  @Override
  public double storedAlpha(boolean rslora) {
    return alpha * (rslora ? Math.sqrt(parts.size()) : parts.size());
  }

  @Override
  public List<StoredTensor> stored(OwnParameters parameters) {
    LoraSlicesLayer layer = sliced(parameters);
    return List.of(new Stacked(layer), new Blocks(layer));
  }

  /** The A matrices, one above the other. */
  private record Stacked(LoraSlicesLayer layer) implements StoredTensor {
    @Override
    public String name() {
      return layer.target().path() + "." + LoraTarget.A;
    }

    @Override
    public List<Long> shape() {
      return List.of((long) layer.target().storedRank(), layer.target().module.in());
    }

    @Override
    public Tensor value() {
      return layer.joinedA(Tape.off());
    }

    @Override
    public void read(Tensor value) {
      long rank = layer.target().rank;
      try (var _ = Scope.open()) {
        for (int i = 0; i < layer.a().size(); i++) {
          layer.a().get(i).own().copyFrom(Views.slice(value, 0, i * rank, (i + 1) * rank));
        }
      }
    }
  }

  /** The B matrices as blocks, with zeros elsewhere. */
  private record Blocks(LoraSlicesLayer layer) implements StoredTensor {
    @Override
    public String name() {
      return layer.target().path() + "." + LoraTarget.B;
    }

    @Override
    public List<Long> shape() {
      return List.of(layer.target().module.out(), (long) layer.target().storedRank());
    }

    @Override
    public Tensor value() {
      return layer.joinedB(Tape.off());
    }

    @Override
    public void read(Tensor value) {
      LoraSlices target = layer.target();
      long rank = target.rank;
      try (var _ = Scope.open()) {
        for (int i = 0; i < layer.b().size(); i++) {
          Range range = target.range(target.parts.get(i));
          Tensor rows = Views.slice(value, 0, range.from(), range.from() + range.size());
          Tensor block = Ops.contiguous(Views.slice(rows, 1, i * rank, (i + 1) * rank));
          layer.b().get(i).own().copyFrom(block);
        }
      }
    }
  }
}
