package dev.jlora.autograd;

import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One differentiable operation with a single output.
 *
 * <p>A function holds numbers (a scale, a dimension, a random offset) but no tensors: tensors are
 * its inputs, and are kept for backward with {@link Context#save}. Forward and backward each run
 * inside a scope of their own, so temporaries need no closing; the result is moved out of it.
 */
public interface Function {

  /**
   * Computes the output.
   *
   * @param inputs in the order of {@link Tape#apply}; an absent optional input is null
   * @return a new tensor (a view of an input is allowed, the input itself is not), created in the
   *     current scope
   */
  Tensor forward(Context context, @Nullable Tensor... inputs);

  /**
   * Computes the gradients of the inputs from the gradient of the output.
   *
   * @param gradOutput has the output's shape and dtype; must not be written unless {@link
   *     Context#mayOverwriteGradient()} is true
   * @return one entry per input, with that input's shape and dtype; null where {@link
   *     Context#needs} is false
   */
  @Nullable Tensor[] backward(Context context, Tensor gradOutput);

  /** The function's name in messages, such as {@code "linear"}. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** The function's phase in a profile, such as {@code GEMM}. */
  default Phase phase() {
    return Phase.OTHER;
  }

  /** Whether the gradients returned by {@link #backward} share memory with other tensors. */
  default Memory gradientMemory() {
    return Memory.SHARED;
  }

  /** The product with a frozen weight that this application computes, or null. */
  default @Nullable FrozenProduct frozenProduct(Context context, @Nullable Tensor... inputs) {
    return null;
  }

  /**
   * Adds the gradient of a function's only input to an existing sum of gradients, in place. Useful
   * for a function that reads a part of its input: only that part of the memory is touched.
   *
   * @return whether it was added; if not, {@link #backward} is called
   */
  default boolean addGradient(Context context, Tensor gradOutput, Tensor sum) {
    return false;
  }

  /** Sharing of a gradient's memory; determines where the tape may accumulate in place. */
  enum Memory {
    /** Every gradient has memory of its own, allocated by this backward. */
    FRESH,
    /** The gradients are the output's gradient itself or views of it. */
    PASSED_ON,
    /** No guarantee: the tape never writes to such a gradient. */
    SHARED
  }

  /** State of one application of a function; the same object in forward and backward. */
  interface Context {
    /** Whether the gradient of input {@code i} is wanted. */
    boolean needs(int input);

    /** Keeps tensors for backward (null entries allowed); does nothing if no gradient is needed. */
    void save(@Nullable Tensor... tensors);

    /** The {@code i}-th saved tensor; null only if null was saved. */
    Tensor saved(int i);

    /** Shape of input {@code i}, available without saving it. */
    long[] shape(int input);

    /** Dtype of input {@code i}, available without saving it. */
    DType dtype(int input);

    /** Number of inputs, including absent ones. */
    int inputs();

    /**
     * In backward: whether the output's gradient has no other reader, so that it may be used as a
     * buffer.
     */
    default boolean mayOverwriteGradient() {
      return false;
    }

    /**
     * In backward: the gradient of input {@code i} so far, from other functions. A backward may add
     * to it in place and return this tensor instead of a gradient of its own. Null if there is none
     * yet, or if its memory has other readers.
     */
    default @Nullable Tensor sum(int input) {
      return null;
    }

    /** Whether any input's gradient is wanted, that is, whether a backward will run. */
    boolean needsAny();
  }
}
