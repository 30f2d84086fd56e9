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
 * libtorch's own autograd, switched on for one computation. It sees operators that go through the
 * dispatcher ({@link Operator}) and is blind to the direct kernels behind some of {@code Ops}.
 */
public final class NativeAutograd {
  private static final Operator DETACH = Operator.of("aten::detach");
  private static final Operator BACKWARD = Operator.of("aten::_backward");

  private NativeAutograd() {}

  /** A computation made of dispatcher operators alone. */
  @FunctionalInterface
  public interface Body {
    Tensor apply(@Nullable Tensor... inputs);
  }

  /** Whether this libtorch exports what reading a gradient needs. */
  public static boolean available() {
    Torch.ensureLoaded();
    return LibTorchExtras.hasMutableGrad();
  }

  /**
   * Runs a computation again, recorded by libtorch, and differentiates it.
   *
   * @param wanted which inputs' gradients to return
   * @param gradOutput of the shape and dtype of the result
   * @return one entry per input, null where none is wanted or the result does not depend on it;
   *     owned by the current scope
   * @throws UnsupportedOperationException if this libtorch lacks what it needs
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

  /** The gradient is borrowed from the leaf; the result is a handle of its own. */
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
