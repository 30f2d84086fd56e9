package dev.jlora.model.network;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.AttentionMask;
import dev.jlora.model.runtime.Constants;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.runtime.TiedWeight;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.CacheSlots;
import dev.jlora.model.tree.InputChecks;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.WeightSource;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Uploads;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A declared model bound to its weights. It owns them, and closes the source they lie in; it is
 * used by one thread at a time.
 */
public final class Network implements AutoCloseable {
  private final ModelPlan plan;
  private final DType dtype;
  private final Device device;
  private final WeightSource source;
  private final Scope scope;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Adaptable> adaptables = new LinkedHashMap<>();
  private final Map<String, Long> lookups = new LinkedHashMap<>();
  private final List<TiedWeight> ties = new ArrayList<>();
  private final Module root;
  private final Constants constants;
  private final boolean readsFirstToken;
  private final OpenGuard guard = new OpenGuard("this network");
  private @Nullable CacheSlots cacheSlots;
  private @Nullable Uploads uploads;

  private Network(ModelPlan plan, WeightSource source, DType dtype, Device device) {
    this.plan = plan;
    this.dtype = dtype;
    this.device = device;
    this.source = source;
    this.scope = Scope.detached();
    this.constants = new Constants(scope);
    this.readsFirstToken = plan.architecture().root().readsFirstToken();
    try {
      readParameters();
      Assembly assembly =
          new Assembly("", parameters, a -> adaptables.put(a.path(), a), lookups, ties);
      root = assembly.build(plan.architecture().root());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Builds the network and reads its weights. All of them are frozen.
   *
   * @param source where the weights come from; the network closes it
   * @param dtype the precision of the weights and of the activations; what is stored in it is used
   *     where it lies, the rest is converted once
   * @param device where the network runs; on the CPU nothing is copied for it
   */
  public static Network of(
      Architecture architecture, WeightSource source, DType dtype, Device device) {
    return new Network(ModelPlan.of(architecture), source, dtype, device);
  }

  /** The same on the CPU. */
  public static Network of(Architecture architecture, WeightSource source, DType dtype) {
    return of(architecture, source, dtype, Device.CPU);
  }

  private void readParameters() {
    for (ParameterSpec spec : plan.parameters().values()) {
      try (var _ = Scope.open()) {
        Tensor stored = source.read(spec);
        Tensor there = stored.device().equals(device) ? stored : Ops.to(stored, device);
        Tensor value = there.dtype() == dtype ? there : Ops.to(there, dtype);
        parameters.put(spec.name(), Parameter.loaded(spec.name(), value, scope));
      }
    }
  }

  /** What it was built from. */
  public Architecture architecture() {
    return plan.architecture();
  }

  /** What the network consists of, as its declaration says. */
  public ModelPlan plan() {
    return plan;
  }

  /** The precision of the frozen weights and of the activations. */
  public DType dtype() {
    return dtype;
  }

  /** Where its weights are. */
  public Device device() {
    return device;
  }

  /** The scope that owns the weights; adapters put theirs here too. */
  public Scope scope() {
    return scope;
  }

  /** The model's own parameters, without adapters, in the order of the tree. */
  public Collection<Parameter> parameters() {
    return Collections.unmodifiableCollection(parameters.values());
  }

  /** The parameter of this name. */
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
   * Gives a tied weight a parameter of its own, which starts as the shared one was loaded. From
   * here on it is one of {@link #parameters()}, the last; a second call gives it again.
   *
   * @param name what checkpoints call it ({@code lm_head.weight}), a key of {@link
   *     Architecture#tied}
   * @throws ModelException if no layer shares its weight under this name
   */
  public Parameter untie(String name) {
    Parameter own = parameters.get(name);
    if (own != null) {
      return own;
    }
    String source = architecture().tied().get(name);
    TiedWeight tied =
        ties.stream()
            .filter(it -> source != null && it.is(name, source))
            .findFirst()
            .orElseThrow(
                () ->
                    new ModelException(
                        "%s has no tied weight '%s'; there are %s"
                            .formatted(
                                architecture().name(), name, architecture().tied().keySet())));
    try (var _ = Scope.open()) {
      own = Parameter.loaded(name, tied.source().loaded().share(), scope);
    }
    parameters.put(name, own);
    tied.set(own);
    return own;
  }

  /** Whether a weight that its architecture ties has a parameter of its own. */
  public boolean untied() {
    return architecture().tied().keySet().stream().anyMatch(parameters::containsKey);
  }

  /** The weights as they are now, by name: what a checkpoint of this network holds. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> state.put(name, parameter.value()));
    return state;
  }

  /** The modules an adapter can attach to, by path, in the order of the tree. */
  public Map<String, Adaptable> adaptables() {
    return Collections.unmodifiableMap(adaptables);
  }

  /**
   * What training updates, adapters included: the trainable parameters in the order of the tree, a
   * module's adapter after all of the model's own.
   */
  public List<Parameter> trainable() {
    List<Parameter> trainable = new ArrayList<>();
    parameters.values().stream().filter(Parameter::trainable).forEach(trainable::add);
    for (Adaptable module : adaptables.values()) {
      if (module.adapter() != null) {
        module.adapter().parameters().stream().filter(Parameter::trainable).forEach(trainable::add);
      }
    }
    return trainable;
  }

  /**
   * Whether passes may bring new tokens alone, with all earlier ones in a {@link KeyValueCache}:
   * every layer looks at one token at a time, or fills the cache.
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
   * A batch from the host where the network is: on the CPU, and where it is already, the batch
   * itself, on a GPU copies in the current scope, queued beside what the GPU still works on. Before
   * that, ids are held against the tables they look up, which a GPU would answer with the end of
   * the process; a mask that hides nothing stays behind, since nobody could see there that it does.
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
    if (uploads == null) {
      uploads = Uploads.to(device);
    }
    return uploads.upload(needed);
  }

  /**
   * Runs the model on a batch. The outputs belong to the current scope; the pass's tape watches the
   * trainable parameters, so that a backward gives their gradients.
   *
   * @param inputs by Hugging Face's names: {@code input_ids} [B, S] INT64, {@code attention_mask}
   *     [B, S] INT64 (absent: all ones), ...; entries the model does not read (labels) are passed
   *     over
   * @throws ModelException if the pass has a cache and a layer takes no part in it, by its name
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
    InputChecks.check(architecture(), inputs, pass.past());
    trainable().forEach(parameter -> pass.tape().watch(parameter.value()));
    pass.begin(inputs, dtype, constants, readsFirstToken);
    Tensor main = pass.require(architecture().inputs().getFirst());
    root.forward(main, pass);
    if (pass.cache() != null) {
      pass.cache().advance(main.size(1), cacheSlots().storing());
    }
    return pass.outputs();
  }

  /**
   * Asks whether the files that weights lie over are still what they were.
   *
   * @throws dev.jlora.io.FormatException naming one that was written in place
   */
  public void requireUnchanged() {
    if (device.host()) { // on a GPU nothing lies over a file
      source.requireUnchanged();
    }
  }

  /**
   * Frees the weights, adapters included, and lets go of the checkpoint. Waits for passes that run;
   * does nothing the second time.
   */
  @Override
  public void close() {
    guard.close(this::free);
  }

  private void free() {
    if (uploads != null) {
      uploads.close();
    }
    scope.close();
    source.close();
  }
}
