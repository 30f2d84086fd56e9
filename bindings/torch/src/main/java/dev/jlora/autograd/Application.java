package dev.jlora.autograd;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One application of a function: the gradients needed and the tensors saved. A node of the tape if
 * recorded.
 */
final class Application implements Function.Context, Node {
  private static final long ABSENT = -1;

  private final Function function;
  private final boolean[] needs;
  private final boolean needsAny;
  private final long[] keys;
  private final long[][] shapes;
  private final @Nullable DType[] dtypes;
  private final @Nullable Scope keeper;
  private final List<@Nullable Tensor> saved = new ArrayList<>(4);
  private long outputKey = ABSENT;
  private boolean mayOverwriteGradient;
  private IntFunction<@Nullable Tensor> sums = _ -> null;

  /**
   * @param keeper owns the saved tensors; null if nothing is recorded
   */
  Application(
      Function function, boolean[] needs, @Nullable Tensor[] inputs, @Nullable Scope keeper) {
    this.function = function;
    this.needs = needs;
    this.keeper = keeper;
    this.keys = new long[inputs.length];
    this.shapes = new long[inputs.length][];
    this.dtypes = new DType[inputs.length];
    boolean any = false;
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = inputs[i];
      keys[i] = input == null ? ABSENT : input.key();
      if (keeper != null && input != null) {
        shapes[i] = input.shape();
        dtypes[i] = input.dtype();
      }
      any |= needs[i];
    }
    this.needsAny = any;
  }

  @Override
  public boolean needs(int input) {
    return needs[input];
  }

  @Override
  public boolean needsAny() {
    return needsAny;
  }

  @Override
  public void save(@Nullable Tensor... tensors) {
    if (keeper == null) {
      return;
    }
    for (Tensor tensor : tensors) {
      saved.add(tensor == null ? null : keeper.adopt(tensor.share()));
    }
  }

  @Override
  public Tensor saved(int i) {
    return saved.get(i);
  }

  @Override
  public long[] shape(int input) {
    return shapes[input];
  }

  @Override
  public DType dtype(int input) {
    return dtypes[input];
  }

  @Override
  public boolean mayOverwriteGradient() {
    return mayOverwriteGradient;
  }

  @Override
  public @Nullable Tensor sum(int input) {
    return sums.apply(input);
  }

  Function function() {
    return function;
  }

  @Override
  public int inputs() {
    return keys.length;
  }

  long inputKey(int i) {
    return keys[i];
  }

  @Override
  public long outputKey() {
    return outputKey;
  }

  void outputKey(long key) {
    outputKey = key;
  }

  /**
   * @param sums the results of {@link #sum}
   */
  @Nullable Tensor[] backward(
      Tensor gradOutput, boolean exclusive, IntFunction<@Nullable Tensor> sums) {
    mayOverwriteGradient = exclusive;
    this.sums = sums;
    return function.backward(this, gradOutput);
  }

  @Override
  public void release() {
    for (Tensor tensor : saved) {
      if (tensor != null) {
        tensor.close();
      }
    }
    saved.clear();
  }
}
