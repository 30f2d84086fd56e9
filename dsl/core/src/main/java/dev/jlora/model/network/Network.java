package dev.jlora.model.network;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.ActiveAdapters;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.AdapterLease;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.AttentionMask;
import dev.jlora.model.runtime.Constants;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.InputTransform;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.runtime.TiedWeight;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.CacheSlots;
import dev.jlora.model.tree.InputChecks;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.tree.Replica;
import dev.jlora.model.weights.WeightSource;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.BatchUploader;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model declaration bound to its weights. The network owns the weights, and closes their source
 * and the attached adapters.
 *
 * <p>Several threads may run passes at the same time, with the same or different adapters. Merging,
 * unmerging and detaching wait for running passes.
 */
public final class Network implements AutoCloseable {
  /** The name of an adapter that is attached without a name, as in PEFT. */
  public static final String DEFAULT_ADAPTER = "default";

  private final ModelPlan plan;
  private final DType dtype;
  private final Device device;
  private final WeightSource source;
  private final Scope scope;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Adaptable> adaptables = new LinkedHashMap<>();
  private final Map<String, Long> lookups = new LinkedHashMap<>();
  private final List<TiedWeight> ties = new ArrayList<>();
  private final List<String> attentions = new ArrayList<>();
  private final Execution execution;
  private final OpenGuard guard = new OpenGuard("this network");
  private final AttachedAdapters attached = new AttachedAdapters();
  private volatile AdapterSelection selection = AdapterSelection.none();
  private volatile @Nullable MergedWeights merged;
  private @Nullable CacheSlots cacheSlots;
  private @Nullable BatchUploader uploads;

  private Network(ModelPlan plan, WeightSource source, DType dtype, Device device) {
    this.plan = plan;
    this.dtype = dtype;
    this.device = device;
    this.source = source;
    this.scope = Scope.detached();
    try {
      readParameters();
      Assembly assembly =
          new Assembly(
              plan.architecture(),
              parameters,
              a -> adaptables.put(a.path(), a),
              lookups,
              ties,
              attentions);
      Module root = assembly.build(plan.architecture().root());
      execution =
          new Execution(
              plan.architecture(),
              root,
              parameters,
              adaptables,
              new Constants(scope),
              dtype,
              device);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Builds the network and loads its weights. All of them are frozen.
   *
   * @param source of the weights; the network closes it
   * @param dtype of the weights and activations; weights stored in it are used in place, others are
   *     converted once
   * @param device the network runs on; on the CPU its weights are not copied
   */
  public static Network of(ModelPlan plan, WeightSource source, DType dtype, Device device) {
    return new Network(plan, source, dtype, device);
  }

  /** Builds the network of an architecture that has no plan yet, and loads its weights. */
  public static Network of(
      Architecture architecture, WeightSource source, DType dtype, Device device) {
    return of(ModelPlan.of(architecture), source, dtype, device);
  }

  /** Builds the network on the CPU. */
  public static Network of(Architecture architecture, WeightSource source, DType dtype) {
    return of(architecture, source, dtype, Device.CPU);
  }

  private void readParameters() {
    for (ParameterSpec spec : plan.parameters().values()) {
      try (var _ = Scope.open()) {
        Tensor stored = source.read(spec);
        Tensor there = stored.device().equals(device) ? stored : Ops.to(stored, device);
        Tensor value = there.dtype() == dtype ? there : Ops.to(there, dtype);
        parameters.put(spec.name(), Parameter.loaded(spec.name(), spec.kind(), value, scope));
      }
    }
  }

  /** The architecture the network was built from. */
  public Architecture architecture() {
    return plan.architecture();
  }

  /** The declared modules and parameters of the network. */
  public ModelPlan plan() {
    return plan;
  }

  /** The dtype of the frozen weights and of the activations. */
  public DType dtype() {
    return dtype;
  }

  /** The device of the weights. */
  public Device device() {
    return device;
  }

  /** The scope that owns the weights. */
  public Scope scope() {
    return scope;
  }

  /** The parameters of the base model, without adapters, in the order of the tree. */
  public Collection<Parameter> parameters() {
    return Collections.unmodifiableCollection(parameters.values());
  }

  /** The parameter with this name. */
  public Parameter parameter(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new ModelException(
          "%s has no parameter '%s'; the nearest are %s"
              .formatted(architecture().name(), name, Names.some(parameters.keySet(), name)));
    }
    return parameter;
  }

  /**
   * Whether a merged adapter gave a tied weight a value of its own, stored as a parameter under its
   * name.
   */
  public boolean untied() {
    return architecture().tied().keySet().stream().anyMatch(parameters::containsKey);
  }

  /** The current weights by name, as a checkpoint of this network stores them. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> state.put(name, parameter.value()));
    return state;
  }

  /** The modules an adapter can attach to, by path, in the order of the tree. */
  public Map<String, Adaptable> adaptables() {
    return Collections.unmodifiableMap(adaptables);
  }

  /** The paths of the attention layers, in the order of the tree. */
  public List<String> attentions() {
    return Collections.unmodifiableList(attentions);
  }

  /**
   * Number of virtual tokens that the adapters of a selection put before each text.
   *
   * @param selection null for the network's
   */
  public int virtualTokens(@Nullable AdapterSelection selection) {
    try (AdapterLease lease = lease(selection)) {
      return lease.virtualTokens();
    }
  }

  /**
   * Maximum number of tokens of a text: the model's positions without those of virtual tokens; 0
   * for no limit.
   *
   * @param selection null for the network's
   */
  public long maxTokens(@Nullable AdapterSelection selection) {
    long positions = architecture().maxPositions();
    return positions == 0 ? 0 : Math.max(1, positions - virtualTokens(selection));
  }

  /**
   * Attaches an adapter under a name. The network closes it on {@link #detach} or {@link #close}.
   * Passes run it if they, or the network, select it.
   *
   * @throws ModelException if the name is taken, or the adapter was made for another network
   */
  public void attach(String name, Adapter adapter) {
    requireFits(name, adapter);
    attached.add(name, adapter);
  }

  private void requireFits(String name, Adapter adapter) {
    for (String path : adapter.layers().keySet()) {
      if (!adaptables.containsKey(path)) {
        throw new ModelException(
            "the adapter '%s' adapts %s, which %s does not have; the nearest are %s"
                .formatted(
                    name, path, architecture().name(), Names.some(adaptables.keySet(), path)));
      }
    }
    for (String parameter : adapter.overrides().keySet()) {
      if (!parameters.containsKey(parameter) && !architecture().tied().containsKey(parameter)) {
        parameter(parameter); // says what there is
      }
    }
  }

  /** Attaches an adapter as {@value #DEFAULT_ADAPTER} and selects it. Returns the adapter. */
  public <A extends Adapter> A adapt(A adapter) {
    attach(DEFAULT_ADAPTER, adapter);
    select(AdapterSelection.of(DEFAULT_ADAPTER));
    return adapter;
  }

  /**
   * Detaches an adapter, after running passes, and closes it after the last lease.
   *
   * @throws ModelException if there is none of this name, or it is selected
   */
  public void detach(String name) {
    guard.alone(
        () -> {
          attached.get(name);
          if (AttachedAdapters.names(selection).contains(name)) {
            throw new ModelException(
                "the adapter '%s' is selected; select others, or none, before it is detached"
                    .formatted(name));
          }
          attached.remove(name);
        });
  }

  /**
   * Attaches another adapter under the name of an attached one, without waiting: passes and leases
   * that began before run the former one, which is closed after the last of them.
   *
   * @throws ModelException if there is none of this name, the adapter was made for another network,
   *     or adapters are merged into the weights
   */
  public void replace(String name, Adapter adapter) {
    requireFits(name, adapter);
    if (merged != null) {
      throw new ModelException(
          "adapters are merged into the weights; unmerge them before '%s' is replaced"
              .formatted(name));
    }
    attached.replace(name, adapter);
  }

  /**
   * Gives an attached adapter another name, also in the network's selection. Waits for running
   * passes.
   *
   * @throws ModelException if there is none of this name, or the other one is taken
   */
  public void rename(String name, String other) {
    guard.alone(
        () -> {
          attached.rename(name, other);
          selection = selection.renamed(name, other);
        });
  }

  /**
   * Holds adapters for several passes, which then all run the same ones: {@link
   * ForwardContext#withLease}. The caller closes the lease before the network.
   *
   * @param selection null for the network's
   * @throws ModelException if a name is unknown
   */
  public AdapterLease lease(@Nullable AdapterSelection selection) {
    return attached.lease(selection == null ? this.selection : selection, selection == null);
  }

  /** The attached adapters by name. */
  public Map<String, Adapter> adapters() {
    return attached.all();
  }

  /** The attached adapter with this name. */
  public Adapter adapter(String name) {
    return attached.get(name);
  }

  /**
   * Selects the adapters of passes that choose none themselves; at first there are none.
   *
   * @throws ModelException if a name is unknown, or adapters are merged into the weights
   */
  public void select(AdapterSelection selection) {
    if (merged != null && !selection.equals(this.selection)) {
      throw new ModelException(
          "adapters are merged into the weights; unmerge them before others are selected");
    }
    if (selection instanceof AdapterSelection.Weighted together) {
      ActiveAdapters.of(together, attached::get);
    }
    this.selection = selection;
  }

  /** The adapters of passes without a selection of their own. */
  public AdapterSelection selection() {
    return selection;
  }

  /**
   * Merges adapters into the weights, so that a pass costs no more than the base model's: weights
   * become {@link AdapterLayer#merged}, trained heads and biases replace the base's. Until {@link
   * #unmerge}, passes run no adapters. Merging again replaces the previous merge. Waits for running
   * passes.
   *
   * @throws ModelException if a name is unknown, the selection differs between rows, or a layer has
   *     a {@link AdapterLayer#mergeProblem}
   */
  public void merge(AdapterSelection selection) {
    if (!(selection instanceof AdapterSelection.Weighted together)) {
      throw new ModelException("adapters that differ from row to row cannot be merged");
    }
    guard.alone(
        () -> {
          ActiveAdapters active = ActiveAdapters.of(together, attached::get);
          mergeProblem(active)
              .ifPresent(
                  problem -> {
                    throw new ModelException(problem);
                  });
          takeOut();
          MergedWeights weights = new MergedWeights(parameters, scope);
          try {
            weights.merge(active, adaptables.values(), ties);
          } catch (RuntimeException | Error failure) {
            weights.unmerge();
            throw failure;
          }
          merged = weights;
        });
  }

  /** The reason why the selected adapters cannot be merged; empty if they can. */
  public Optional<String> mergeProblem() {
    return selection instanceof AdapterSelection.Weighted together
        ? mergeProblem(ActiveAdapters.of(together, attached::get))
        : Optional.of("adapters that differ from row to row cannot be merged");
  }

  private Optional<String> mergeProblem(ActiveAdapters active) {
    if (active.inputs() != null) {
      return Optional.of(
          ("the adapter '%s' puts virtual tokens before each text, which cannot be merged into the"
                  + " weights; run it without merging")
              .formatted(active.transforming()));
    }
    if (Replica.isIn(architecture().root())) {
      return Optional.of(
          "an adapter on repeated layers (layer_replication) cannot be merged, as these share their"
              + " weights");
    }
    for (Adaptable module : adaptables.values()) {
      AdapterLayer layer = active.layer(module.path());
      if (layer != null) {
        Optional<String> problem = layer.mergeProblem(module.target());
        if (problem.isPresent()) {
          return problem.map(text -> "%s cannot be merged: %s".formatted(module.path(), text));
        }
      }
    }
    return Optional.empty();
  }

  /** Merges the selected adapters. */
  public void merge() {
    merge(selection);
  }

  /** Whether adapters are merged into the weights. */
  public boolean merged() {
    return merged != null;
  }

  /** Restores the weights as they were before the merge, bit for bit. */
  public void unmerge() {
    guard.alone(this::takeOut);
  }

  private void takeOut() {
    if (merged != null) {
      merged.unmerge();
      merged = null;
    }
  }

  /**
   * The parameters that training updates: the base's trainable parameters in the order of the tree,
   * then those of the selected adapters.
   */
  public List<Parameter> trainable() {
    List<Parameter> trainable = new ArrayList<>();
    parameters.values().stream().filter(Parameter::trainable).forEach(trainable::add);
    if (selection instanceof AdapterSelection.Weighted together) {
      trainable.addAll(ActiveAdapters.of(together, attached::get).trainable());
    }
    return trainable;
  }

  /**
   * Whether a pass may take only the new tokens, with all earlier ones in a {@link KeyValueCache}:
   * every layer treats tokens independently, or fills the cache.
   */
  public boolean takesCache() {
    return cacheSlots().ignoring().isEmpty();
  }

  private CacheSlots cacheSlots() {
    if (cacheSlots == null) {
      cacheSlots = CacheSlots.of(architecture().root());
    }
    return cacheSlots;
  }

  /**
   * Moves a batch from the host to the device of the network. On the CPU, and for tensors already
   * on the device, it returns the batch itself; on a GPU, copies in the current scope, queued
   * behind the GPU's current work. Ids are checked against the size of their embedding tables
   * first, as an id out of range on a GPU would end the process. An all-ones mask is dropped, as it
   * could not be recognized on the device without a read-back.
   *
   * @throws ModelException if an id is out of range
   */
  public Map<String, Tensor> place(Map<String, Tensor> batch) {
    if (device.host() || batch.values().stream().allMatch(it -> it.device().equals(device))) {
      return batch;
    }
    Map<String, Tensor> needed = new LinkedHashMap<>(batch);
    lookups.forEach(
        (input, rows) -> {
          if (batch.containsKey(input)) {
            InputChecks.ids(input, batch.get(input), rows);
          }
        });
    Tensor mask = batch.get("attention_mask");
    if (mask != null && AttentionMask.seesEverything(mask)) {
      needed.remove("attention_mask");
    }
    return upload(needed);
  }

  private synchronized Map<String, Tensor> upload(Map<String, Tensor> tensors) {
    if (uploads == null) {
      uploads = BatchUploader.to(device);
    }
    return uploads.upload(tensors);
  }

  /**
   * The batch that losses and predictions are computed from: with the virtual tokens of the
   * selected adapter, if it has any.
   *
   * @param batch on any device
   * @return {@code batch} itself, or tensors in the current scope
   */
  public Map<String, Tensor> transformed(Map<String, Tensor> batch) {
    if (!(selection instanceof AdapterSelection.Weighted together)) {
      return batch;
    }
    InputTransform inputs = ActiveAdapters.of(together, attached::get).inputs();
    return inputs == null ? batch : inputs.batch(batch, ForwardContext.inference());
  }

  /**
   * Runs the model on a batch. The outputs belong to the current scope. The pass's tape watches the
   * trainable parameters, so a backward pass computes their gradients.
   *
   * @param inputs by Hugging Face's names: {@code input_ids} [B, S] INT64, {@code attention_mask}
   *     [B, S] INT64 (absent: all ones), ...; entries the model does not read, such as labels, are
   *     ignored
   * @throws ModelException if the pass has a cache that a layer does not support; the message names
   *     the layer
   */
  public Outputs forward(Map<String, Tensor> inputs, ForwardContext pass) {
    try (var _ = guard.use()) {
      return run(inputs, pass);
    }
  }

  private Outputs run(Map<String, Tensor> inputs, ForwardContext pass) {
    if (pass.cache() != null) {
      cacheSlots().require(architecture().name());
    }
    AdapterSelection chosen = chosen(pass);
    AdapterLease lease = pass.lease();
    if (lease != null) {
      execution.run(chosen, lease::adapter, inputs, pass);
    } else {
      try (AdapterLease own = attached.lease(chosen, /* ofNetwork= */ false)) {
        execution.run(chosen, own::adapter, inputs, pass);
      }
    }
    if (pass.cache() != null) {
      Tensor main = pass.require(architecture().inputs().getFirst());
      long all = pass.past() + main.size(1); // a prefix has filled the cache with the first tokens
      pass.cache().advance(all - pass.cache().length(), cacheSlots().storing());
    }
    return pass.outputs();
  }

  private AdapterSelection chosen(ForwardContext pass) {
    AdapterLease lease = pass.lease();
    AdapterSelection own = pass.selection();
    if (merged == null) {
      return own != null ? own : lease != null ? lease.selection() : selection;
    }
    if (own == null && lease != null && !lease.ofNetwork()) {
      own = lease.selection();
    }
    if (own != null && !own.equals(AdapterSelection.none())) {
      throw new ModelException(
          "adapters are merged into the weights; unmerge them before a pass selects adapters");
    }
    return AdapterSelection.none();
  }

  /**
   * Checks that the files behind memory-mapped weights are unchanged.
   *
   * @throws dev.jlora.io.FormatException naming a file that was modified in place
   */
  public void requireUnchanged() {
    if (device.host()) { // on a GPU nothing lies over a file
      source.requireUnchanged();
    }
  }

  /**
   * Frees the weights and adapters, and closes the checkpoint. Waits for running passes.
   * Idempotent.
   */
  @Override
  public void close() {
    guard.close(this::free);
  }

  private void free() {
    attached.closeAll();
    if (uploads != null) {
      uploads.close();
    }
    scope.close();
    source.close();
  }
}
