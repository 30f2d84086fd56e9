package dev.jlora.model.runtime;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.kernels.PackedRows;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass: the tape it is recorded on, whether dropout is on, the batch that goes in and
 * the outputs that layers hand out. A pass is used for one forward and by one thread.
 */
public final class ForwardContext {
  private final Tape tape;
  private final boolean training;
  private final @Nullable RandomStream random;
  private boolean hiddenStates;
  private boolean allTokens;
  private boolean checkpointing;
  private boolean withoutPadding;
  private Map<String, Tensor> inputs = Map.of();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private final Map<String, Projection> projections = new LinkedHashMap<>();
  private @Nullable Tensor attentionMask;
  private final Map<Long, CausalMask> causalMasks = new HashMap<>();
  private final Map<Object, Tensor[]> shared = new HashMap<>();
  private @Nullable KeyValueCache cache;
  private @Nullable Scope scope;
  private @Nullable Constants constants;
  private @Nullable PackedRows keptRows;
  private @Nullable PackedRows packed;
  private @Nullable AdapterSelection selection;
  private ActiveAdapters adapters = ActiveAdapters.NONE;
  private @Nullable RowGroups rowGroups;
  private @Nullable InputTransform transform;
  private String mainInput = "";

  private ForwardContext(Tape tape, boolean training, @Nullable RandomStream random) {
    this.tape = tape;
    this.training = training;
    this.random = random;
  }

  /** Forward with dropout, recorded on {@code tape}; dropout draws from {@code random}. */
  public static ForwardContext training(Tape tape, RandomStream random) {
    return new ForwardContext(tape, true, random);
  }

  /** Forward without dropout, recorded on {@code tape}: gradients of a model in eval mode. */
  public static ForwardContext recording(Tape tape) {
    return new ForwardContext(tape, false, null);
  }

  /** Forward only. */
  public static ForwardContext inference() {
    return new ForwardContext(Tape.off(), false, null);
  }

  /**
   * Keeps of each repeated block only what goes into it; backward computes the rest again. Returns
   * this pass.
   */
  public ForwardContext withCheckpointing() {
    checkpointing = true;
    return this;
  }

  /** Whether backward computes repeated blocks again, see {@link Tape#checkpoint}. */
  public boolean checkpointing() {
    return checkpointing;
  }

  /**
   * Leaves out the padding of the batch where that can be done: what repeated blocks give for
   * tokens that the attention mask hides is zeros then, or anything. For who reads the outputs of
   * tokens that count alone; those stay what they are, but for rounding. Returns this pass.
   */
  public ForwardContext withoutPadding() {
    withoutPadding = true;
    return this;
  }

  /**
   * Where the tokens lie that a layer is given, [1, T, ...], with the padding left out; null where
   * it is given the batch as it came, [B, S, ...].
   */
  public @Nullable PackedRows packed() {
    return packed;
  }

  /** How repeated blocks may pack this batch; null where they compute all of it. */
  public @Nullable PackedRows keptRows() {
    return keptRows;
  }

  /** Runs what is given packed tokens, or, where {@code rows} is null, the batch as it came. */
  public Tensor within(@Nullable PackedRows rows, Supplier<Tensor> body) {
    PackedRows around = packed;
    packed = rows;
    try {
      return body.get();
    } finally {
      packed = around;
    }
  }

  /**
   * The additive mask [1, 1, 1, T] of packed tokens, null when nothing that is kept is hidden.
   *
   * @param causal tokens see only what is before them, which says all about padding behind them
   */
  public @Nullable Tensor packedMask(boolean causal, DType dtype) {
    Tensor[] made =
        shared(
            new PackedMask(causal, dtype),
            () -> {
              Tensor mask = UnpaddedTokens.mask(require("attention_mask"), packed, causal, dtype);
              return mask == null ? new Tensor[0] : new Tensor[] {mask};
            });
    return made.length == 0 ? null : made[0];
  }

  private record PackedMask(boolean causal, DType dtype) {}

  /**
   * Runs these of the network's adapters in this pass, whatever the network's own selection is;
   * returns this pass.
   */
  public ForwardContext withAdapters(AdapterSelection selection) {
    this.selection = selection;
    return this;
  }

  /**
   * The adapters that this pass chooses; null where it runs those that the network has selected.
   */
  public @Nullable AdapterSelection selection() {
    return selection;
  }

  /**
   * The value of a layer's parameter in this pass: the base's, or what an adapter trained in its
   * place. It stays its owner's: do not close it, and do not keep it.
   */
  public Tensor value(Parameter parameter) {
    return used(parameter).value();
  }

  /** The base's parameter, or the one that an adapter of this pass has in its place. */
  public Parameter used(Parameter parameter) {
    if (adapters.isEmpty()) {
      return parameter;
    }
    Parameter override = adapters.override(parameter.name());
    return override == null ? parameter : override;
  }

  /** The same for a tied weight: what is trained of the weight it shares does not concern it. */
  public Parameter used(TiedWeight tied) {
    for (String name : tied.names()) {
      Parameter override = adapters.override(name);
      if (override != null) {
        return override;
      }
    }
    return tied.names().isEmpty() ? used(tied.value()) : tied.value();
  }

  /**
   * The batch that the model was given in this pass, labels included: what came, or what an adapter
   * made of it. Losses and predictions are computed from it.
   */
  public Map<String, Tensor> inputs() {
    return inputs;
  }

  /** The embeddings of an input, with what an adapter puts in the places of some. */
  public Tensor embedded(String input, Tensor rows) {
    return transform != null && input.equals(mainInput) ? transform.embeddings(rows, this) : rows;
  }

  /** The adapters that run together at this place of the pass. */
  ActiveAdapters adapters() {
    return adapters;
  }

  /** The rows of the batch by adapters; null where all rows have the same. */
  @Nullable RowGroups rowGroups() {
    return rowGroups;
  }

  /** Runs what computes the rows that have these adapters. */
  Tensor as(ActiveAdapters together, Supplier<Tensor> body) {
    ActiveAdapters around = adapters;
    RowGroups groups = rowGroups;
    adapters = together;
    rowGroups = null;
    try {
      return body.get();
    } finally {
      adapters = around;
      rowGroups = groups;
    }
  }

  /** A pass like this one, on the same tape, for some of the batch's rows. */
  public ForwardContext forRows() {
    ForwardContext pass = new ForwardContext(tape, training, random);
    pass.hiddenStates = hiddenStates;
    pass.allTokens = allTokens;
    pass.checkpointing = checkpointing;
    pass.withoutPadding = withoutPadding;
    return pass;
  }

  /** Asks for {@code hidden_states.0..n} among the outputs; returns this pass. */
  public ForwardContext withHiddenStates() {
    hiddenStates = true;
    return this;
  }

  /**
   * Reads on behind the tokens in {@code cache} and puts this pass's there; returns this pass. The
   * batch's attention mask then covers the cached tokens, too. For forward-only passes.
   */
  public ForwardContext withCache(KeyValueCache cache) {
    this.cache = cache;
    return this;
  }

  /** The cache of a decoder that generates, or null. */
  public @Nullable KeyValueCache cache() {
    return cache;
  }

  /** How many tokens came before those of this pass. */
  public long past() {
    return cache == null ? 0 : cache.length();
  }

  /** What records this pass; off outside training. */
  public Tape tape() {
    return tape;
  }

  /** Whether dropout is active. */
  public boolean training() {
    return training;
  }

  /** The stream dropout draws from; null when the pass is not a training pass. */
  public @Nullable RandomStream random() {
    return random;
  }

  /** The probability to drop with: {@code p} in training, 0 otherwise. */
  public double dropout(double p) {
    return training ? p : 0;
  }

  /**
   * Asks for the last hidden states of every token, also of a model whose head reads the first
   * alone; returns this pass.
   */
  public ForwardContext withAllTokens() {
    allTokens = true;
    return this;
  }

  /** Whether every token's last hidden state is computed, whatever the head reads. */
  public boolean wantsAllTokens() {
    return allTokens || hiddenStates;
  }

  /** Whether blocks hand out their outputs too. */
  public boolean wantsHiddenStates() {
    return hiddenStates;
  }

  /** The model's input of that name, or null if the batch has none. */
  public @Nullable Tensor input(String name) {
    return inputs.get(name);
  }

  /** The model's input of that name. */
  public Tensor require(String name) {
    Tensor input = inputs.get(name);
    if (input == null) {
      throw new ModelException(
          "The batch has no '%s', which this model needs; it has %s"
              .formatted(name, inputs.keySet()));
    }
    return input;
  }

  /** Hands out a result under the name Hugging Face gives it. */
  public void output(String name, Tensor tensor) {
    outputs.put(name, tensor);
  }

  /** Hands out a result that is computed when somebody asks for it. */
  public void output(String name, Projection projection) {
    projections.put(name, projection);
  }

  /** A product that can be computed as long as the scope around this pass is open. */
  Projection projection(Tensor x, Tensor weight, @Nullable Tensor bias) {
    Tensor kept = scope.adopt(x.share());
    Tensor keptBias = bias == null ? null : scope.adopt(bias.share());
    return new Projection(tape, scope, kept, weight, keptBias);
  }

  /**
   * The additive attention mask [B, 1, 1, S] of this batch, 0 where a token is seen and the lowest
   * number where it is not; null when every token is seen. Built once, before the first layer.
   */
  public @Nullable Tensor attentionMask() {
    return attentionMask;
  }

  /**
   * Tensors that all layers of a pass share, such as the angles of rotary positions: made for the
   * first layer that asks, whatever scope is open there, and kept in the scope around the pass.
   */
  public Tensor[] shared(Object key, Supplier<Tensor[]> make) {
    Tensor[] known = shared.get(key);
    if (known != null) {
      return known;
    }
    try (var _ = Scope.open()) {
      Tensor[] made = make.get();
      for (Tensor tensor : made) {
        scope.adopt(tensor);
      }
      shared.put(key, made);
      return made;
    }
  }

  /**
   * What decoders see, for {@code queries} tokens of this pass; built for the first layer with this
   * window.
   */
  public CausalMask causalMask(long window, long queries, DType dtype, Device device) {
    return causalMasks.computeIfAbsent(
        window, // asked for inside a block's scope, needed by the blocks after it
        _ ->
            CausalMask.of(inputs.get("attention_mask"), past(), queries, window, dtype, device)
                .ownedBy(scope));
  }

  /**
   * What a decoder's attention adds to its scores, [B or 1, 1, S, T]: 0 where a token of this pass
   * may look, the lowest number of {@code dtype} at later tokens and at padding. T counts the
   * tokens of the cache, too. For attention that a plugin brings; owned by the current scope.
   *
   * @param queries S, the tokens of this pass
   */
  public Tensor causalBias(long queries, DType dtype, Device device) {
    return CausalMask.bias(inputs.get("attention_mask"), past(), queries, dtype, device);
  }

  /** A tensor that depends on nothing but its key; the network keeps it for later passes. */
  public Tensor constant(Object key, Supplier<Tensor> make) {
    return constants.get(key, make);
  }

  /** Lets an adapter see the embeddings of the model's main input. */
  public ForwardContext withTransform(InputTransform transform, String mainInput) {
    this.transform = transform;
    this.mainInput = mainInput;
    return this;
  }

  /**
   * @param readsFirstToken whether the model reads the first column of the batch
   * @param active the adapters of all rows
   * @param groups those of each row, or null
   */
  public void begin(
      Map<String, Tensor> batch,
      DType dtype,
      Constants kept,
      boolean readsFirstToken,
      ActiveAdapters active,
      @Nullable RowGroups groups) {
    inputs = batch;
    adapters = active;
    rowGroups = groups;
    constants = kept;
    outputs.clear();
    projections.clear();
    causalMasks.clear();
    shared.clear();
    scope = Scope.current();
    attentionMask =
        cache == null ? AttentionMask.additive(batch.get("attention_mask"), dtype) : null;
    keptRows =
        withoutPadding && cache == null && !hiddenStates && groups == null
            ? UnpaddedTokens.of(batch.get("attention_mask"), readsFirstToken)
            : null;
  }

  public Outputs outputs() {
    return new Outputs(outputs, projections);
  }
}
