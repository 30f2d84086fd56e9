package dev.jlora.adapters.adalora;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.peft.OwnParameters;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * AdaLoRA's training: the penalty on A and B, and the removal of unimportant ranks by a budget that
 * shrinks with the cube of the remaining steps (equation 12 of arXiv 2303.10512). A removed rank
 * has a singular value of zero and may return as long as ranks are allocated. Everything stays on
 * the device.
 */
final class RankAllocator implements TrainingHook {
  private static final String FINAL = "final";

  private final AdaLoraSpec spec;
  private final Map<String, OwnParameters> own;
  private final Map<String, Triplet> triplets = new LinkedHashMap<>();
  private final Map<String, Long> read = new HashMap<>();
  private final Scope owner;
  private final Tensor flag;
  private final @Nullable Integer schedule;
  private final boolean pruned;
  private final long ranks;
  private long total;
  private boolean allocated;

  /**
   * @param own the parameters of each target, by its path
   * @param schedule steps of the schedule; null for those of the run
   * @param pruned whether the ranks are final, as in a trained adapter
   * @param owner of the state
   */
  RankAllocator(
      AdaLoraSpec spec,
      Map<String, OwnParameters> own,
      @Nullable Integer schedule,
      boolean pruned,
      Scope owner) {
    this.spec = spec;
    this.own = own;
    this.schedule = schedule;
    this.pruned = pruned;
    this.allocated = pruned;
    this.owner = owner;
    this.ranks = own.values().stream().mapToLong(RankAllocator::rank).sum();
    try (var _ = Scope.open()) {
      this.flag = owner.adopt(Tensor.zeros(DType.FLOAT32, 1));
    }
  }

  private static long rank(OwnParameters parts) {
    return parts.get(AdaLoraTarget.E).value().size(0);
  }

  /**
   * Takes over the ranks of a file that was read: final if it lacks some, and to be allocated
   * otherwise. Resuming a run replaces them by {@link #restore}.
   *
   * @param count ranks of the target in the file
   */
  void read(String path, long count) {
    read.put(path, count);
    allocated =
        pruned
            || read.entrySet().stream()
                .anyMatch(entry -> entry.getValue() < rank(own.get(entry.getKey())));
    Triplet triplet = triplets.get(path);
    if (triplet != null) {
      triplet.keepFirst(count);
    }
  }

  /** Steps of the schedule; 0 before a run has begun. */
  long total() {
    return total;
  }

  /** Which ranks of a target are kept; null as long as they may change. */
  boolean @Nullable [] kept(String path) {
    Triplet triplet = triplets.get(path);
    return allocated && triplet != null ? triplet.kept() : null;
  }

  @Override
  public void begin(long totalSteps) {
    total = schedule == null ? totalSteps : schedule;
    if (!allocated && spec.tinit() >= total - spec.tfinal()) {
      throw new ModelException(
          ("adalora: tinit %d and tfinal %d leave none of the %d steps to remove ranks;"
                  + " lower them, or train longer")
              .formatted(spec.tinit(), spec.tfinal(), total));
    }
    if (triplets.isEmpty()) {
      own.forEach(
          (path, parts) ->
              triplets.put(
                  path,
                  new Triplet(
                      path,
                      parts.get(AdaLoraTarget.A),
                      parts.get(AdaLoraTarget.B),
                      parts.get(AdaLoraTarget.E),
                      owner)));
    }
  }

  /** The mean of |A A^T - I| and |B^T B - I| over all targets, times its weight. */
  @Override
  public @Nullable Tensor loss(Tape tape) {
    if (spec.orthRegWeight() == 0) {
      return null;
    }
    Tensor sum = null;
    for (OwnParameters parts : own.values()) {
      Tensor a = parts.get(AdaLoraTarget.A).value();
      Tensor b = parts.get(AdaLoraTarget.B).value();
      if (a.size(0) > 0) {
        Tensor rows = distance(tape, a, Functions.transpose(tape, a, 0, 1));
        Tensor columns = distance(tape, Functions.transpose(tape, b, 0, 1), b);
        Tensor both = Functions.add(tape, rows, columns);
        sum = sum == null ? both : Functions.add(tape, sum, both);
      }
    }
    return sum == null
        ? null
        : Functions.scale(tape, sum, spec.orthRegWeight() / (2.0 * own.size()));
  }

  private static Tensor distance(Tape tape, Tensor left, Tensor right) {
    Tensor product = Functions.matmul(tape, left, right);
    Tensor ones = Tensor.ones(product.dtype(), product.device(), product.shape());
    Tensor identity = Ops.sub(Ops.triu(ones, 0), Ops.triu(ones, 1));
    return Functions.norm(tape, Functions.sub(tape, product, identity), false);
  }

  @Override
  public void afterBackward(long step, Function<Parameter, @Nullable Tensor> gradients) {
    if (!allocated && step < total - spec.tfinal()) {
      triplets.values().forEach(triplet -> triplet.see(gradients));
    }
  }

  @Override
  public void afterUpdate(long step) {
    long last = total - spec.tfinal();
    try (var _ = Scope.open()) {
      if (allocated) {
        triplets.values().forEach(Triplet::mask);
      } else if (step >= last) {
        allocate(budget(last));
        triplets.values().forEach(Triplet::forget);
        allocated = true;
      } else {
        triplets.values().forEach(triplet -> triplet.average(spec.beta1(), spec.beta2()));
        if (step > spec.tinit() && step % spec.deltaT() == 0) {
          allocate(budget(step));
        }
      }
    }
  }

  /** The ranks that are kept at a step after tinit. */
  private long budget(long step) {
    long target = (long) spec.targetR() * own.size();
    double span = total - spec.tfinal() - spec.tinit();
    double left = 1 - (step - spec.tinit()) / span;
    return (long) ((ranks - target) * Math.pow(left, 3) + target);
  }

  /** Keeps the most important ranks; all those that tie with the last to go are removed with it. */
  private void allocate(long budget) {
    long removed = ranks - budget;
    if (removed <= 0) {
      return;
    }
    Map<Triplet, Tensor> scores = new LinkedHashMap<>();
    triplets.values().forEach(triplet -> scores.put(triplet, triplet.scores()));
    List<Tensor> all = new ArrayList<>(scores.values());
    Tensor sorted = Indexing.sort(Ops.cat(0, all.toArray(Tensor[]::new)))[0];
    Tensor threshold = Views.slice(sorted, 0, removed - 1, removed);
    scores.forEach((triplet, own) -> triplet.keep(own, threshold));
    triplets.values().forEach(Triplet::mask);
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    triplets.values().forEach(triplet -> triplet.state(state, allocated));
    InPlace.fill(flag, allocated ? 1 : 0);
    state.put(FINAL, flag);
    return state;
  }

  @Override
  public void restore(Map<String, Tensor> saved) {
    triplets.values().forEach(triplet -> triplet.restore(saved));
    Tensor known = saved.get(FINAL);
    if (known != null) {
      allocated = known.item() != 0;
    }
  }
}
