package dev.jlora.adapters.adalora;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Indexing;
import dev.jlora.peft.AdapterState;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.StoredTensor;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ranks of one adapter. As long as they may change, its file has all of them; afterwards it has
 * those that are kept, with a {@code rank_pattern}.
 */
final class AdaLoraState implements AdapterState {
  private final TargetedPlan<AdaLoraSpec> plan;
  private final Scope scope = Scope.detached();
  private final RankAllocator allocator;

  AdaLoraState(TargetedPlan<AdaLoraSpec> plan, Map<String, OwnParameters> own) {
    this.plan = plan;
    boolean pruned = !plan.spec().rankPattern().isEmpty();
    boolean started = plan.context().start() != null; // its total_step is that of another run
    Integer schedule = started ? null : plan.spec().totalStep();
    this.allocator = new RankAllocator(plan.spec(), own, schedule, pruned, scope);
  }

  @Override
  public TrainingHook training() {
    return allocator;
  }

  @Override
  public List<StoredTensor> stored(AdapterTarget target, OwnParameters parameters) {
    return List.of(
        new Ranks(target.path(), parameters.get(AdaLoraTarget.A), 0),
        new Ranks(target.path(), parameters.get(AdaLoraTarget.B), 1),
        new Ranks(target.path(), parameters.get(AdaLoraTarget.E), 0));
  }

  /**
   * A part of a target's update.
   *
   * @param axis of the ranks
   */
  private final class Ranks implements StoredTensor {
    private final String path;
    private final Parameter parameter;
    private final int axis;

    Ranks(String path, Parameter parameter, int axis) {
      this.path = path;
      this.parameter = parameter;
      this.axis = axis;
    }

    @Override
    public String name() {
      return parameter.name();
    }

    @Override
    public List<Long> shape() {
      return parameter.shape();
    }

    /** The file of a checkpoint has fewer ranks once they are final. */
    @Override
    public boolean takes(List<Long> shape) {
      List<Long> whole = shape();
      return shape.size() == whole.size()
          && shape.get(1 - axis).equals(whole.get(1 - axis))
          && shape.get(axis) <= whole.get(axis);
    }

    @Override
    public Tensor value() {
      boolean[] kept = allocator.kept(path);
      if (kept == null) {
        return parameter.value();
      }
      Tensor host = parameter.value().to(Device.CPU);
      return Indexing.indexSelect(host, axis, Tensor.of(indices(kept), count(kept)));
    }

    /** Ranks that the file lacks are zero; the state of a training run has their values. */
    @Override
    public void read(Tensor value) {
      Tensor whole = parameter.own();
      if (value.size(axis) < whole.size(axis)) {
        InPlace.fill(whole, 0);
        whole = Views.slice(whole, axis, 0, value.size(axis));
      }
      whole.copyFrom(value);
      if (parameter.name().endsWith(AdaLoraTarget.E)) {
        allocator.read(path, value.size(axis));
      }
    }
  }

  private static long[] indices(boolean[] kept) {
    long[] indices = new long[count(kept)];
    int at = 0;
    for (int i = 0; i < kept.length; i++) {
      if (kept[i]) {
        indices[at++] = i;
      }
    }
    return indices;
  }

  private static int count(boolean[] kept) {
    int count = 0;
    for (boolean one : kept) {
      count += one ? 1 : 0;
    }
    return count;
  }

  @Override
  public PeftConfig config(PeftConfig config) {
    AdaLoraSpec spec = plan.spec();
    Map<String, List<Boolean>> pattern = new LinkedHashMap<>();
    RankPattern given = RankPattern.of(spec);
    for (AdapterTarget target : plan.targets()) {
      List<String> names = plan.names().of(target.path());
      boolean @Nullable [] kept = allocator.kept(target.path());
      List<Boolean> before = given.kept(names);
      if (kept != null || !spec.rankPattern().isEmpty()) {
        pattern.put(RankPattern.name(names.getFirst()), combined(before, kept));
      }
    }
    return config
        .with("rank_pattern", pattern.isEmpty() ? null : pattern)
        .with("total_step", totalStep());
  }

  /** The initial ranks that are left: of those that were kept before, the ones that are kept. */
  private static List<Boolean> combined(List<Boolean> before, boolean @Nullable [] kept) {
    if (kept == null) {
      return before;
    }
    List<Boolean> now = new ArrayList<>();
    int at = 0;
    for (boolean was : before) {
      now.add(was && kept[at]);
      at += was ? 1 : 0;
    }
    return now;
  }

  /** PEFT loads no adapter without this number. */
  private long totalStep() {
    AdaLoraSpec spec = plan.spec();
    if (allocator.total() > 0) {
      return allocator.total();
    }
    return spec.totalStep() != null ? spec.totalStep() : spec.tinit() + spec.tfinal() + 1L;
  }

  @Override
  public void close() {
    scope.close();
  }
}
