package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.LibTorch;
import dev.jlora.ffi.LibTorchExtras;
import dev.jlora.ffi.TensorHandles;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Uses libtorch's own autograd for a single computation. It differentiates operators called through
 * the dispatcher ({@link Operator}), but not the direct kernels behind some of {@code Ops}.
 */
public final class NativeAutograd {
  private static final Operator DETACH = Operator.of("aten::detach");
  private static final Operator BACKWARD = Operator.of("aten::_backward");

  private NativeAutograd() {}

  /** A computation made of dispatcher operators only. */
  @FunctionalInterface
  public interface Body {
    Tensor apply(@Nullable Tensor... inputs);
  }

  /** Whether this libtorch exports the functions needed to read a gradient. */
  public static boolean available() {
    Torch.ensureLoaded();
    return LibTorchExtras.hasMutableGrad();
  }

  /**
   * Runs a computation again, recorded by libtorch, and differentiates it.
   *
   * @param wanted which inputs' gradients to return
   * @param gradOutput gradient of the result, with its shape and dtype
   * @return one entry per input, null if it is not wanted or the result does not depend on the
   *     input; owned by the current scope
   * @throws UnsupportedOperationException if this libtorch lacks a required function
   */
  public static @Nullable Tensor[] gradients(
      Body body, @Nullable Tensor[] inputs, boolean[] wanted, Tensor gradOutput) {
    if (!available()) {
      throw new UnsupportedOperationException(
          "this libtorch does not export c10::TensorImpl::mutable_grad, so its autograd cannot be"
              + " used; write the operator's backward as a Function");
    }
    try (var _ = Scope.open()) {
      Tensor[] leaves = inputs.clone();
      Tensor[] watched = new Tensor[inputs.length];
      int count = 0;
      for (int i = 0; i < inputs.length; i++) {
        if (wanted[i]) {
          leaves[i] = leaf(inputs[i]);
          watched[count++] = leaves[i];
        }
      }
      differentiate(body, leaves, Arrays.copyOf(watched, count), gradOutput);
      @Nullable Tensor[] gradients = new Tensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        Tensor gradient = wanted[i] ? gradientOf(leaves[i]) : null;
        gradients[i] = gradient == null ? null : Scope.moveOut(gradient);
      }
      return gradients;
    }
  }

  private static Tensor leaf(Tensor input) {
    Tensor leaf = DETACH.one(input);
    check(TensorHandles.requiresGrad(leaf.handle(), true), () -> "set_requires_grad");
    return leaf;
  }

  private static void differentiate(Body body, Tensor[] leaves, Tensor[] watched, Tensor g) {
    LibTorch.gradMode(true);
    try {
      BACKWARD.run(0, body.apply(leaves), watched, Operator.some(g), null, false);
    } finally {
      LibTorch.gradMode(false);
    }
  }

  /** The gradient is borrowed from the leaf; the result is a separate handle. */
  private static @Nullable Tensor gradientOf(Tensor leaf) {
    NativeCall call = NativeCall.local();
    long address = leaf.handle();
    MemorySegment implementation =
        MemorySegment.ofAddress(
            MemorySegment.ofAddress(address).reinterpret(Long.BYTES).get(JAVA_LONG, 0));
    long borrowed = LibTorchExtras.mutableGrad(implementation).address();
    check(TensorHandles.isDefined(borrowed, call.out), () -> "is_defined");
    if ((call.outInt() & 0xff) == 0) {
      return null;
    }
    check(TensorHandles.newTensorHandle(borrowed, call.out), () -> "new_tensor_handle");
    return Tensor.own(call, call.outLong());
  }
}
