package dev.jlora.adapters.tokens;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.Start;
import dev.jlora.peft.StoredTensor;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * An embedding, or an output layer, of which some rows are trained.
 *
 * @param name the parameter's, relative to the module
 * @param ids the rows, each once
 * @param fromBase whether they start at the base's values; otherwise they are random
 * @param tied the modules that share the weight and see the trained rows
 * @param copied whether a file contains the rows under the names of these modules, too
 */
record TokensTarget(
    TargetModule module,
    String name,
    List<Integer> ids,
    boolean fromBase,
    List<String> tied,
    boolean copied)
    implements AdapterTarget {

  TokensTarget {
    int rows = (int) rows(module);
    if (ids.isEmpty()) {
      throw new ModelException("token_indices: got an empty list, expected token ids");
    }
    ids.stream()
        .filter(id -> id >= rows)
        .findFirst()
        .ifPresent(
            id -> {
              throw new ModelException(
                  "tokens: got %d, expected 0 to %d, the rows of %s"
                      .formatted(id, rows - 1, module.path()));
            });
    if (module.transposed()) {
      throw new ModelException(
          "tokens: %s stores its weight [in, out] and has no row for a token"
              .formatted(module.path()));
    }
  }

  private static long rows(TargetModule module) {
    return module.kind() == TargetModule.Kind.EMBEDDING ? module.in() : module.out();
  }

  @Override
  public List<OwnParameter> parameters() {
    boolean embedding = module.kind() == TargetModule.Kind.EMBEDDING;
    long width = embedding ? module.out() : module.in();
    Start start = fromBase ? Start.ZEROS : Start.normal(1);
    return List.of(new OwnParameter(name, start, ids.size(), width));
  }

  @Override
  public void start(OwnParameters parameters, FrozenWeight weight) {
    if (fromBase) {
      Parameter rows = parameters.get(name);
      Tensor dense = weight.dense();
      Tensor base = Indexing.indexSelect(dense, 0, ids(dense.device()));
      rows.own().copyFrom(Ops.to(base, rows.value().dtype()));
    }
  }

  @Override
  public AdapterLayer layer(OwnParameters parameters) {
    Device device = parameters.get(name).value().device();
    long[] slots = new long[(int) rows(module)];
    float[] kept = new float[slots.length];
    Arrays.fill(slots, ids.size());
    Arrays.fill(kept, 1);
    for (int i = 0; i < ids.size(); i++) {
      slots[ids.get(i)] = i;
      kept[ids.get(i)] = 0;
    }
    try (var _ = Scope.open()) {
      return new TokensLayer(
          parameters.get(name),
          parameters.keep("ids", ids(device)),
          parameters.keep("slots", Ops.to(Tensor.of(slots, slots.length), device)),
          parameters.keep("kept", Ops.to(Tensor.of(kept, kept.length), device)));
    }
  }

  private Tensor ids(Device device) {
    long[] numbers = ids.stream().mapToLong(Integer::longValue).toArray();
    return Ops.to(Tensor.of(numbers, numbers.length), device);
  }

  @Override
  public List<StoredTensor> stored(OwnParameters parameters) {
    StoredTensor own = StoredTensor.of(parameters.get(name));
    return copied
        ? Stream.concat(
                Stream.of(own),
                tied.stream().map(path -> (StoredTensor) new Copy(path + "." + name, own)))
            .toList()
        : List.of(own);
  }

  /** The same values under another name. */
  private record Copy(String name, StoredTensor of) implements StoredTensor {
    @Override
    public List<Long> shape() {
      return of.shape();
    }

    @Override
    public Tensor value() {
      return of.value();
    }

    @Override
    public void read(Tensor value) {
      // equal to what was read under the first name
    }
  }
}
