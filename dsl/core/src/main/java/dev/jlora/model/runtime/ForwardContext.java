package dev.jlora.model.runtime;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.spec.Nearest;
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
 * The state of one forward pass: its tape, its mode, its inputs, and the outputs of its layers. A
 * context serves one forward pass on one thread.
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
  private @Nullable UnpaddedRows keptRows;
  private @Nullable UnpaddedRows unpadded;
  private @Nullable AdapterSelection selection;
  private @Nullable AdapterLease lease;
  private ActiveAdapters adapters = ActiveAdapters.NONE;
  private @Nullable RowGroups rowGroups;
  private @Nullable InputTransform transform;
  private @Nullable KeyValuePrefix prefix;
  private int virtualInputs;
  private String mainInput = "";

  private ForwardContext(Tape tape, boolean training, @Nullable RandomStream random) {
    this.tape = tape;
    this.training = training;
    this.random = random;
  }

  /**
   * A forward pass with dropout, recorded on {@code tape}; {@code random} supplies the dropout
   * masks.
   */
  public static ForwardContext training(Tape tape, RandomStream random) {
    return new ForwardContext(tape, true, random);
  }

  /**
   * A forward pass without dropout, recorded on {@code tape}: gradients of a model in eval mode.
   */
  public static ForwardContext recording(Tape tape) {
    return new ForwardContext(tape, false, null);
  }

  /** A forward pass that records nothing. */
  public static ForwardContext inference() {
    return new ForwardContext(Tape.off(), false, null);
  }

  /**
   * Enables activation checkpointing: each repeated block keeps only its inputs, and the backward
   * pass recomputes it. Returns this context.
   */
  public ForwardContext withCheckpointing() {
    checkpointing = true;
    return this;
  }

  /** Whether the backward pass recomputes repeated blocks, see {@link Tape#checkpoint}. */
  public boolean checkpointing() {
    return checkpointing;
  }

  /**
   * Leaves out the batch's padding where layers support it. Outputs of repeated blocks at tokens
   * that the attention mask hides are then zero or undefined; outputs at other tokens are unchanged
   * up to rounding. Returns this context.
   */
  public ForwardContext withoutPadding() {
    withoutPadding = true;
    return this;
  }

  /**
   * The positions of the tokens in an unpadded input [1, T, ...]; null if the input is padded, [B,
   * S, ...].
   */
  public @Nullable UnpaddedRows unpadded() {
    return unpadded;
  }

  /**
   * The unpadded layout that repeated blocks may use for this batch; null if they compute all of
   * it.
   */
  public @Nullable UnpaddedRows keptRows() {
    return keptRows;
  }

  /** Runs code whose input is unpadded, or padded if {@code rows} is null. */
  public Tensor within(@Nullable UnpaddedRows rows, Supplier<Tensor> body) {
    UnpaddedRows around = unpadded;
    unpadded = rows;
    try {
      return body.get();
    } finally {
      unpadded = around;
    }
  }

  /**
   * The additive mask [1, 1, 1, T] of unpadded tokens; null if none of them is hidden.
   *
   * @param causal whether tokens attend only to earlier ones, which makes a mask of trailing
   *     padding unnecessary
   */
  public @Nullable Tensor unpaddedMask(boolean causal, DType dtype) {
    Tensor[] made =
        shared(
            new UnpaddedMask(causal, dtype),
            () -> {
              Tensor mask = UnpaddedTokens.mask(require("attention_mask"), unpadded, causal, dtype);
              return mask == null ? new Tensor[0] : new Tensor[] {mask};
            });
    return made.length == 0 ? null : made[0];
  }

  private record UnpaddedMask(boolean causal, DType dtype) {}

  /**
   * Runs these adapters in this pass, instead of those the network has selected. Returns this
   * context.
   *
   * @param selection null for those the network has selected
   */
  public ForwardContext withAdapters(@Nullable AdapterSelection selection) {
    this.selection = selection;
    return this;
  }

  /**
   * Runs leased adapters: the names of this pass's selection mean those of the lease. Without a
   * selection the pass runs all that the lease selects. Returns this context.
   */
  public ForwardContext withLease(AdapterLease held) {
    lease = held;
    return this;
  }

  /** The adapters selected for this pass; null if it runs those of the lease or the network. */
  public @Nullable AdapterSelection selection() {
    return selection;
  }

  /** The lease whose adapters this pass runs; null if it runs those that are attached. */
  public @Nullable AdapterLease lease() {
    return lease;
  }

  /**
   * The value of a parameter in this pass: the base's, or the adapter's override. It belongs to its
   * owner: do not close or keep it.
   */
  public Tensor value(Parameter parameter) {
    return used(parameter).value();
  }

  /** The base's parameter, or the override of an adapter in this pass. */
  public Parameter used(Parameter parameter) {
    if (adapters.isEmpty()) {
      return parameter;
    }
    Parameter override = adapters.override(parameter.name());
    return override == null ? parameter : override;
  }

  /**
   * The parameter of a tied weight in this pass. An override of the shared weight does not affect
   * it.
   */
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
   * The batch of this pass including labels, after the {@link InputTransform} of an adapter, if
   * any. Losses and predictions are computed from it.
   */
  public Map<String, Tensor> inputs() {
    return inputs;
  }

  /** The embeddings of an input, after the {@link InputTransform} of an adapter, if any. */
  public Tensor embedded(String input, Tensor rows) {
    return virtualInputs > 0 && input.equals(mainInput) ? transform.embeddings(rows, this) : rows;
  }

  /**
   * Number of virtual tokens at the start of this pass's inputs, whose ids are placeholders; 0
   * without an {@link InputTransform}, and in passes that continue after cached tokens.
   */
  public int virtualInputs() {
    return virtualInputs;
  }

  /**
   * The keys and values that precede those of this pass in every attention layer; null if there are
   * none, or the cache has them.
   */
  public @Nullable KeyValuePrefix prefix() {
    return prefix;
  }

  /** The adapters that currently run together. */
  ActiveAdapters adapters() {
    return adapters;
  }

  /** The rows of the batch grouped by adapters; null if all rows have the same. */
  @Nullable RowGroups rowGroups() {
    return rowGroups;
  }

  /** Runs a computation for the rows with these adapters. */
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

  /** A context like this one, on the same tape, for some rows of the batch. */
  public ForwardContext forRows() {
    ForwardContext pass = new ForwardContext(tape, training, random);
    pass.hiddenStates = hiddenStates;
    pass.allTokens = allTokens;
    pass.checkpointing = checkpointing;
    pass.withoutPadding = withoutPadding;
    return pass;
  }

  /** Requests {@code hidden_states.0..n} among the outputs. Returns this context. */
  public ForwardContext withHiddenStates() {
    hiddenStates = true;
    return this;
  }

  /**
   * Continues after the tokens in {@code cache}, and appends this pass's keys and values to it. The
   * batch's attention mask then covers the cached tokens too. Only for passes without a backward
   * pass. Returns this context.
   */
  public ForwardContext withCache(KeyValueCache cache) {
    this.cache = cache;
    return this;
  }

  /** The key/value cache of a decoder that generates, or null. */
  public @Nullable KeyValueCache cache() {
    return cache;
  }

  /**
   * The number of tokens before those of this pass whose keys and values attention sees: cached
   * ones, and those of a prefix.
   */
  public long past() {
    long cached = cache == null ? 0 : cache.length();
    return cached == 0 && transform != null && transform.isPrefix()
        ? transform.virtualTokens()
        : cached;
  }

  /** The tape that records this pass; disabled outside training. */
  public Tape tape() {
    return tape;
  }

  /** Whether dropout is active. */
  public boolean training() {
    return training;
  }

  /** The random stream of dropout; null if the pass is not a training pass. */
  public @Nullable RandomStream random() {
    return random;
  }

  /** The effective dropout probability: {@code p} in training, 0 otherwise. */
  public double dropout(double p) {
    return training ? p : 0;
  }

  /**
   * Requests the last hidden states of every token, even if the head reads only the first. Returns
   * this context.
   */
  public ForwardContext withAllTokens() {
    allTokens = true;
    return this;
  }

  /** Whether the last hidden state of every token is computed. */
  public boolean wantsAllTokens() {
    return allTokens || hiddenStates;
  }

  /** Whether blocks output their hidden states. */
  public boolean wantsHiddenStates() {
    return hiddenStates;
  }

  /** The model input with this name, or null if the batch has none. */
  public @Nullable Tensor input(String name) {
    return inputs.get(name);
  }

  /** The model input with this name, which the batch must have. */
  public Tensor require(String name) {
    Tensor input = inputs.get(name);
    if (input == null) {
      throw new ModelException(
          "The batch has no '%s', which this model needs; it has %s"
              .formatted(name, Nearest.list(inputs.keySet())));
    }
    return input;
  }

  /** Adds an output under Hugging Face's name. */
  public void output(String name, Tensor tensor) {
    outputs.put(name, tensor);
  }

  /** Adds an output that is computed on first access. */
  public void output(String name, Projection projection) {
    projections.put(name, projection);
  }

  /** A product that can be computed while the scope around this pass is open. */
  Projection projection(Tensor x, Tensor weight, @Nullable Tensor bias) {
    Tensor kept = scope.adopt(x.share());
    Tensor keptBias = bias == null ? null : scope.adopt(bias.share());
    return new Projection(tape, scope, kept, weight, keptBias);
  }

  /**
   * The additive attention mask [B, 1, 1, S] of this batch: 0 at visible tokens and the lowest
   * number of the dtype at hidden ones; null if every token is visible. Computed once, before the
   * first layer.
   */
  public @Nullable Tensor attentionMask() {
    return attentionMask;
  }

  /**
   * Tensors shared by all layers of a pass, such as the angles of rotary positions. The first layer
   * that needs them computes them; the scope around the pass owns them.
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
   * The causal mask for {@code queries} tokens of this pass; computed by the first layer with this
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
   * The additive mask of two-way attention with a window, [B or 1, 1, S, S] on a padded batch: 0
   * where token i attends to token j, the lowest number of {@code dtype} elsewhere. It attends
   * where |i - j| &lt;= window / 2, rounded down, and the attention mask shows j; a hidden token
   * also attends to itself, so that no token attends to nothing. Computed by the first layer that
   * needs it; the scope around the pass owns it.
   *
   * @param window the width, 1 or more
   * @param tokens S
   */
  public Tensor windowMask(long window, long tokens, DType dtype, Device device) {
    return shared(
        new WindowMask(window, dtype),
        () -> {
          Tensor mask = attentionMask == null ? null : require("attention_mask");
          return new Tensor[] {AttentionMask.window(mask, window, tokens, dtype, device)};
        })[0];
  }

  private record WindowMask(long window, DType dtype) {}

  /**
   * The additive causal mask [B or 1, 1, S, T]: 0 where a token of this pass may attend, the lowest
   * number of {@code dtype} at later tokens and at padding. T includes the {@link #past} tokens.
   * For attention implemented by a plugin; owned by the current scope.
   *
   * @param queries S, the number of tokens in this pass
   */
  public Tensor causalBias(long queries, DType dtype, Device device) {
    return CausalMask.bias(inputs.get("attention_mask"), past(), queries, dtype, device);
  }

  /** A tensor that depends only on its key; the network caches it for later passes. */
  public Tensor constant(Object key, Supplier<Tensor> make) {
    return constants.get(key, make);
  }

  /**
   * Adds an adapter's virtual tokens to this pass. Returns this context.
   *
   * @param mainInput the model's main input, whose embeddings it changes
   */
  public ForwardContext withTransform(InputTransform transform, String mainInput) {
    this.transform = transform;
    this.mainInput = mainInput;
    return this;
  }

  /**
   * Binds the context to a batch and its adapters.
   *
   * @param readsFirstToken whether the model reads only the first token's hidden state
   * @param active the adapters of all rows
   * @param groups the adapters by rows, or null
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
    boolean entering = transform != null && (cache == null || cache.length() == 0);
    virtualInputs = entering && !transform.isPrefix() ? transform.virtualTokens() : 0;
    prefix = entering ? transform.prefix(this) : null;
    attentionMask =
        cache == null ? AttentionMask.additive(batch.get("attention_mask"), dtype) : null;
    keptRows =
        withoutPadding && cache == null && !hiddenStates && prefix == null
            ? UnpaddedTokens.of(batch.get("attention_mask"), readsFirstToken)
            : null;
  }

  /**
   * Puts the rows of the outputs back into the order of the batch.
   *
   * @param batch the original one
   */
  public void restoreRows(Map<String, Tensor> batch, RowGroups groups) {
    inputs = batch;
    outputs.replaceAll((_, tensor) -> groups.restored(tape, tensor));
    projections.replaceAll(
        (_, it) -> projection(groups.restored(tape, it.x()), it.weight(), it.bias()));
  }

  public Outputs outputs() {
    return new Outputs(outputs, projections, virtualInputs);
  }
}
