package dev.jlora.autograd;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the recorded functions in reverse.
 *
 * <p>A gradient is held from the first function that contributes to it until its producer's
 * backward has consumed it. Contributions are added in place only to memory that nothing else
 * reads; see {@link Function.Memory}.
 */
final class BackwardPass {
  /** A partial gradient; {@code exclusive}: no other handle reads its memory. */
  private record Pending(Tensor tensor, boolean exclusive) {}

  private final Tape tape;
  private final Set<Long> leaves;
  private final Map<Long, Pending> pending = new HashMap<>();
  private final Scope keeper = Scope.detached();

  /**
   * @param tape records the sections that checkpoints recompute
   */
  BackwardPass(Tape tape, Set<Long> leaves) {
    this.tape = tape;
    this.leaves = leaves;
  }

  /** Differentiates, empties {@code nodes}, and returns the gradients of the leaves. */
  Gradients run(List<Node> nodes, long outputKey, Tensor gradOutput) {
    try {
      pending.put(outputKey, new Pending(keeper.adopt(gradOutput.share()), false));
      walk(nodes);
      return collect();
    } finally {
      keeper.close();
    }
  }

  private void walk(List<Node> nodes) {
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.remove(i);
      boolean last = !leaves.contains(node.outputKey());
      Pending gradient = last ? pending.remove(node.outputKey()) : pending.get(node.outputKey());
      if (gradient != null) {
        switch (node) {
          case Application application -> step(application, gradient, last);
          case Checkpoint section -> again(section, gradient, last);
        }
      }
      node.release();
    }
  }

  /** Differentiates a checkpointed section by running it again. */
  private void again(Checkpoint section, Pending gradient, boolean last) {
    Checkpoint.Recorded recorded = tape.recordAgain(section);
    pending.put(
        recorded.outputKey(),
        last
            ? gradient
            : new Pending(keeper.adopt(gradient.tensor().share()), /* exclusive= */ false));
    walk(recorded.nodes());
  }

  private void step(Application node, Pending gradient, boolean last) {
    Tensor gradOutput = gradient.tensor();
    try (var _ = Profiler.enter(node.function().phase(), node.function().name());
        var _ = Scope.open()) {
      if (addInPlace(node, gradOutput)) {
        if (last) {
          gradOutput.close();
        }
        return;
      }
      Tensor[] results =
          node.backward(gradOutput, last && gradient.exclusive(), i -> sum(node.inputKey(i)));
      check(node, results);
      boolean exclusive = exclusive(node.function(), results, last && gradient.exclusive());
      for (int i = 0; i < results.length; i++) {
        Tensor result = results[i];
        if (result == null || !node.needs(i)) {
          continue;
        }
        boolean again = appearsBefore(results, i);
        if (!again && result == sum(node.inputKey(i))) {
          continue; // it was added there
        }
        if (result == gradOutput || again) {
          result = result.share();
        }
        accumulate(node.inputKey(i), new Pending(result, exclusive));
      }
      if (last) {
        gradOutput.close();
      }
    }
  }

  /** Lets a function of one input add its gradient to the existing gradient of that input. */
  private boolean addInPlace(Application node, Tensor gradOutput) {
    Pending sum = node.inputs() == 1 ? pending.get(node.inputKey(0)) : null;
    return sum != null
        && sum.exclusive()
        && node.function().addGradient(node, gradOutput, sum.tensor());
  }

  /** The gradient so far, if it may be added to in place. */
  private @Nullable Tensor sum(long key) {
    Pending sum = pending.get(key);
    return sum != null && sum.exclusive() ? sum.tensor() : null;
  }

  private static boolean appearsBefore(@Nullable Tensor[] results, int index) {
    for (int i = 0; i < index; i++) {
      if (results[i] == results[index]) {
        return true;
      }
    }
    return false;
  }

  private static boolean exclusive(
      Function function, @Nullable Tensor[] results, boolean inherited) {
    return switch (function.gradientMemory()) {
      case FRESH -> true;
      case PASSED_ON ->
          inherited && Arrays.stream(results).filter(result -> result != null).count() == 1;
      case SHARED -> false;
    };
  }

  private void accumulate(long key, Pending addend) {
    Pending sum = pending.get(key);
    if (sum == null) {
      pending.put(key, new Pending(keeper.adopt(addend.tensor()), addend.exclusive()));
      return;
    }
    try (var _ = Profiler.enter(Phase.ACCUMULATION)) {
      if (sum.exclusive()) {
        InPlace.add(sum.tensor(), addend.tensor(), 1);
      } else if (addend.exclusive()) {
        InPlace.add(addend.tensor(), sum.tensor(), 1);
        replace(key, sum, addend.tensor());
      } else {
        replace(key, sum, Ops.add(sum.tensor(), addend.tensor()));
      }
    }
  }

  private void replace(long key, Pending old, Tensor sum) {
    pending.put(key, new Pending(keeper.adopt(sum), true));
    old.tensor().close();
  }

  /** Leaf gradients get memory of their own: the caller may scale or clip them in place. */
  private Gradients collect() {
    Gradients gradients = new Gradients();
    try (var _ = Scope.open()) {
      pending.forEach(
          (key, gradient) -> {
            Tensor tensor = gradient.tensor();
            if (leaves.contains(key)) {
              boolean own = gradient.exclusive() && tensor.contiguous();
              gradients.put(key, own ? tensor : contiguousCopy(tensor));
            }
          });
      return gradients;
    } catch (RuntimeException | Error failure) {
      gradients.close();
      throw failure;
    }
  }

  private static Tensor contiguousCopy(Tensor tensor) {
    Tensor copy = Tensor.emptyLike(tensor);
    copy.copyFrom(tensor);
    return copy;
  }

  private static void check(Application node, @Nullable Tensor[] results) {
    String name = node.function().name();
    if (results.length != node.inputs()) {
      throw new IllegalStateException(
          "%s: backward returned %d gradients, expected one for each of the %d inputs"
              .formatted(name, results.length, node.inputs()));
    }
    for (int i = 0; i < results.length; i++) {
      if (!node.needs(i)) {
        continue;
      }
      Tensor result = results[i];
      if (result == null) {
        throw new IllegalStateException(
            "%s: backward returned no gradient for input %d, which needs one".formatted(name, i));
      }
      if (!Arrays.equals(result.shape(), node.shape(i)) || result.dtype() != node.dtype(i)) {
        throw new IllegalStateException(
            "%s: backward returned a gradient of shape %s and dtype %s for input %d of %s, %s"
                .formatted(
                    name,
                    Arrays.toString(result.shape()),
                    result.dtype(),
                    i,
                    Arrays.toString(node.shape(i)),
                    node.dtype(i)));
      }
    }
  }
}
