package dev.jlora.autograd;

import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One differentiable operator with a single output.
 *
 * <p>A function holds its numbers (a scale, a dimension, a random offset) and no tensors: tensors
 * come in as inputs and are kept for the backward with {@link Context#save}. Both directions run
 * inside a scope of their own, so that temporaries need no closing; the result is moved out of it.
 */
public interface Function {

  /**
   * Computes the output.
   *
   * @param inputs in the order of {@link Tape#apply}; an absent optional input is null
   * @return a new tensor (a view of an input is allowed, the input itself is not), made in the
   *     current scope
   */
  Tensor forward(Context context, @Nullable Tensor... inputs);

  /**
   * Computes the gradients of the inputs from that of the output.
   *
   * @param gradOutput has the output's shape and dtype; not to be written to unless {@link
   *     Context#mayOverwriteGradient()} says so
   * @return one entry per input, of that input's shape and dtype, null where {@link Context#needs}
   *     says no
   */
  @Nullable Tensor[] backward(Context context, Tensor gradOutput);

  /** What messages call this function, such as {@code "linear"}. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** What a profile counts this function as, such as {@code GEMM}. */
  default Phase phase() {
    return Phase.OTHER;
  }

  /** How the memory of the gradients that {@link #backward} returns relates to other memory. */
  default Memory gradientMemory() {
    return Memory.SHARED;
  }

  /** The product with a frozen weight that this application is about, if it is about one. */
  default @Nullable FrozenProduct frozenProduct(Context context, @Nullable Tensor... inputs) {
    return null;
  }

  /**
   * Adds the gradient of a function's only input to a sum of gradients that exists already, in
   * place: for a function that reads a part of its input, a part of the memory to touch.
   *
   * @return whether it did; if not, {@link #backward} is called
   */
  default boolean addGradient(Context context, Tensor gradOutput, Tensor sum) {
    return false;
  }

  /** Who else may read the memory of a gradient; decides where the tape may accumulate in place. */
  enum Memory {
    /** Every gradient lies in memory of its own, made by this backward. */
    FRESH,
    /** The gradients are the output's gradient itself or views that touch it. */
    PASSED_ON,
    /** Nothing is promised: the tape never writes into such a gradient. */
    SHARED
  }

  /** What one application of a function knows, the same object in forward and backward. */
  interface Context {
    /** Whether the gradient of input {@code i} is wanted. */
    boolean needs(int input);

    /** Keeps tensors for the backward (null entries allowed); does nothing if none is needed. */
    void save(@Nullable Tensor... tensors);

    /** The {@code i}-th tensor saved; not null unless null was saved. */
    Tensor saved(int i);

    /** Shape of input {@code i}, which need not be saved for that. */
    long[] shape(int input);

    /** Dtype of input {@code i}, which need not be saved for that. */
    DType dtype(int input);

    /** How many inputs there are, absent ones included. */
    int inputs();

    /** In backward: nobody else reads the output's gradient, so it may serve as a buffer. */
    default boolean mayOverwriteGradient() {
      return false;
    }

    /**
     * In backward: the gradient of input {@code i} so far, from other functions. A backward may add
     * to it in place and return this very tensor, instead of a gradient of its own. Null where
     * there is none yet, or where others read its memory.
     */
    default @Nullable Tensor sum(int input) {
      return null;
    }

    /** Whether any input's gradient is wanted, in other words whether a backward will run. */
    boolean needsAny();
  }
}
