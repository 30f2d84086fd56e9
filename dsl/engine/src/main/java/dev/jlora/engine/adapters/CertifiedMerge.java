package dev.jlora.engine.adapters;

import dev.jlora.engine.adapters.MergeCertificate.Probe;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.steps.RandomBatches;
import dev.jlora.io.FormatException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Finite;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.spi.Task;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.LoggerFactory;

/** Merges the default adapter of a network, and compares the model before and after. */
public final class CertifiedMerge {
  private static final int ROWS = 4;
  private static final int TOKENS = 32;
  private static final int DRAWS = 3;

  /** The largest of a few draws, times this, bounds the difference. */
  private static final double SAFETY = 2;

  private static final String LOGITS = "logits";
  private static final String NOISE = "rounding noise";
  private static final Set<String> INPUTS = Set.of("input_ids", "pixel_values");

  private final LoadedModel model;
  private final Network network;
  private final Adapter adapter;
  private final Task task;

  private CertifiedMerge(LoadedModel model, Task task) {
    this.model = model;
    this.network = model.network();
    this.adapter = network.adapter(Network.DEFAULT_ADAPTER);
    this.task = task;
  }

  /**
   * Merges the adapter attached as {@link Network#DEFAULT_ADAPTER}.
   *
   * @param folder of the adapter, for messages
   * @throws FormatException naming a merged weight or an output that is not finite; the adapter is
   *     not merged then
   */
  public static MergeCertificate of(LoadedModel model, Task task, Path folder) {
    return new CertifiedMerge(model, task).merge(folder);
  }

  private MergeCertificate merge(Path folder) {
    boolean probed = INPUTS.contains(network.architecture().inputs().getFirst());
    try (var _ = Scope.open()) {
      RandomBatches batches = probed ? batches() : null;
      Map<String, Tensor> batch = probed ? network.place(batches.next()) : Map.of();
      AdapterSelection own = AdapterSelection.of(Network.DEFAULT_ADAPTER);
      Map<String, Tensor> unmerged = outputs(batch, own);
      double bound = probed ? SAFETY * noise(batch, unmerged) : 0;
      double effect = largest(unmerged, outputs(batch, AdapterSelection.none()));
      network.merge(own);
      try {
        requireFinite(folder);
        Map<String, Tensor> merged = outputs(batch, null);
        requireFinite(folder, merged);
        Probe probe =
            probed
                ? new Probe(
                    ROWS,
                    batches.length(),
                    List.copyOf(merged.keySet()),
                    largest(unmerged, merged),
                    bound,
                    effect)
                : null;
        return warned(certificate(probe), folder);
      } catch (RuntimeException | Error failure) {
        network.unmerge();
        throw failure;
      }
    }
  }

  private RandomBatches batches() {
    long most = network.architecture().maxPositions();
    int length = (int) (most == 0 ? TOKENS : Math.min(TOKENS, most));
    return new RandomBatches(
        model.config(), network.architecture(), task, ROWS, length, /* seed= */ 0);
  }

  /**
   * The outputs of a pass in FLOAT64 on the CPU, by name: logits, or all of a model without them.
   * None for an empty batch.
   */
  private Map<String, Tensor> outputs(Map<String, Tensor> batch, AdapterSelection selection) {
    Map<String, Tensor> outputs = new TreeMap<>();
    if (!batch.isEmpty()) {
      Map<String, Tensor> all =
          network.forward(batch, ForwardContext.inference().withAdapters(selection)).tensors();
      boolean logits = all.keySet().stream().anyMatch(name -> name.endsWith(LOGITS));
      all.forEach(
          (name, tensor) -> {
            if (!logits || name.endsWith(LOGITS)) {
              outputs.put(name, Ops.to(tensor.to(Device.CPU), DType.FLOAT64));
            }
          });
    }
    return outputs;
  }

  private double noise(Map<String, Tensor> batch, Map<String, Tensor> unmerged) {
    double largest = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      try (var _ = Scope.open()) {
        network.attach(NOISE, new RoundingNoise(network.adaptables(), adapter, draw));
        largest = Math.max(largest, largest(unmerged, outputs(batch, AdapterSelection.of(NOISE))));
      } finally {
        network.detach(NOISE);
      }
    }
    return largest;
  }

  /** The largest difference of two sets of outputs. */
  private static double largest(Map<String, Tensor> some, Map<String, Tensor> others) {
    double largest = 0;
    for (Map.Entry<String, Tensor> one : some.entrySet()) {
      Tensor difference = Ops.abs(Ops.sub(one.getValue(), others.get(one.getKey())));
      largest = Math.max(largest, Reduce.amax(difference, false).item());
    }
    return largest;
  }

  private void requireFinite(Path folder) {
    Map<String, Parameter> changed = new LinkedHashMap<>();
    adapter
        .layers()
        .keySet()
        .forEach(
            path -> {
              Parameter weight = network.adaptables().get(path).weight();
              changed.put(weight.name(), weight);
            });
    adapter.overrides().forEach(changed::putIfAbsent);
    changed.forEach(
        (name, parameter) ->
            requireFinite(folder, "weight '%s'".formatted(name), parameter.value()));
  }

  private static void requireFinite(Path folder, Map<String, Tensor> outputs) {
    outputs.forEach((name, tensor) -> requireFinite(folder, "output '%s'".formatted(name), tensor));
  }

  private static void requireFinite(Path folder, String what, Tensor tensor) {
    double value = Finite.firstOther(tensor);
    if (!Double.isFinite(value)) {
      throw new FormatException(
          folder,
          "gives a merged model whose %s is %s.".formatted(what, value),
          "Merge it into the base in a wider precision, such as fp32.");
    }
  }

  private MergeCertificate certificate(Probe probe) {
    return new MergeCertificate(
        network.dtype().name().toLowerCase(Locale.ROOT),
        adapter.layers().size(),
        List.copyOf(new TreeSet<>(adapter.overrides().keySet())),
        tied(),
        probe);
  }

  /** The tied weights whose shared matrix was changed, or which have one of their own now. */
  private List<String> tied() {
    Set<String> changed = new TreeSet<>(adapter.overrides().keySet());
    for (String path : adapter.layers().keySet()) {
      changed.add(network.adaptables().get(path).weight().name());
    }
    List<String> tied = new ArrayList<>();
    network
        .architecture()
        .tied()
        .forEach(
            (name, of) -> {
              if (changed.contains(name) || changed.contains(of)) {
                tied.add("%s (%s)".formatted(name, of));
              }
            });
    return tied;
  }

  private static MergeCertificate warned(MergeCertificate certificate, Path folder) {
    Probe probe = certificate.probe();
    if (probe != null && !probe.withinBound()) {
      LoggerFactory.getLogger(CertifiedMerge.class)
          .warn(
              "{}: outputs of the merged model differ by {}, more than rounding explains ({})",
              folder,
              probe.largestDifference(),
              probe.bound());
    }
    return certificate;
  }
}
