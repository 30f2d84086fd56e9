package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.DeviceKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Kernels called without the dispatcher: half the overhead, and the only access to kernels with a
 * {@code Scalar} parameter. They do not check devices, so this class does; libtorch checks shapes.
 */
public final class Direct {
  private static final MemorySegment NO_EPILOGUE = Arena.global().allocateFrom("none");

  private Direct() {}

  /** {@code a + alpha * b}, broadcasting. */
  public static Tensor add(Tensor a, Tensor b, double alpha) {
    if (a.device().kind() == Device.Kind.META) {
      return MetaKernels.elementwise(a, b);
    }
    NativeCall call = NativeCall.local();
    int status = kernels(a, b).add(a.handle(), b.handle(), alpha, call.out);
    check(status, () -> text("add", a, b));
    return Tensor.own(call, call.outLong());
  }

  /** {@code a + value}. */
  public static Tensor addScalar(Tensor a, double value) {
    if (a.device().kind() == Device.Kind.META) {
      return MetaKernels.withNumber(a);
    }
    NativeCall call = NativeCall.local();
    int status = kernels(a).addScalar(a.handle(), value, 1.0, call.out);
    check(status, () -> text("add.Scalar", a));
    return Tensor.own(call, call.outLong());
  }

  /** {@code a * value}. */
  public static Tensor mulScalar(Tensor a, double value) {
    if (a.device().kind() == Device.Kind.META) {
      return MetaKernels.withNumber(a);
    }
    NativeCall call = NativeCall.local();
    int status = kernels(a).mulScalar(a.handle(), value, call.out);
    check(status, () -> text("mul.Scalar", a));
    return Tensor.own(call, call.outLong());
  }

  /** {@code a ^ exponent}. */
  public static Tensor pow(Tensor a, double exponent) {
    if (a.device().kind() == Device.Kind.META) {
      return MetaKernels.withNumber(a);
    }
    NativeCall call = NativeCall.local();
    int status = kernels(a).powScalar(a.handle(), exponent, call.out);
    check(status, () -> text("pow", a));
    return Tensor.own(call, call.outLong());
  }

  /** {@code out = beta * c + alpha * (a @ b)}; {@code out} may be {@code c}. */
  public static void addmm(Tensor out, Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    if (out.device().kind() == Device.Kind.META) {
      MetaKernels.product(out, a, b);
      return;
    }
    int status =
        kernels(out, c, a, b).addmm(out.handle(), c.handle(), a.handle(), b.handle(), beta, alpha);
    check(status, () -> text("addmm.out", out, c, a, b));
  }

  /** {@code out = a @ b}, matrices. */
  public static void mm(Tensor out, Tensor a, Tensor b) {
    if (out.device().kind() == Device.Kind.META) {
      MetaKernels.product(out, a, b);
      return;
    }
    int status = kernels(out, a, b).mm(out.handle(), a.handle(), b.handle());
    check(status, () -> text("mm.out", out, a, b));
  }

  /** {@code out = a @ b}, batches of matrices. */
  public static void bmm(Tensor out, Tensor a, Tensor b) {
    if (out.device().kind() == Device.Kind.META) {
      MetaKernels.product(out, a, b);
      return;
    }
    int status = kernels(out, a, b).bmm(out.handle(), a.handle(), b.handle());
    check(status, () -> text("bmm.out", out, a, b));
  }

  /** {@code out = beta * c + alpha * (a @ b)}, batches of matrices. */
  public static void baddbmm(Tensor out, Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    if (out.device().kind() == Device.Kind.META) {
      MetaKernels.product(out, a, b);
      return;
    }
    int status =
        kernels(out, c, a, b)
            .baddbmm(out.handle(), c.handle(), a.handle(), b.handle(), beta, alpha);
    check(status, () -> text("baddbmm.out", out, c, a, b));
  }

  /** Whether {@link #oneDnnLinear} can be called in this build. */
  public static boolean hasOneDnnLinear() {
    return DeviceKernels.CPU.hasLinearPointwise();
  }

  /**
   * {@code x @ w^T + bias} through oneDNN, which runs on libtorch's own threads.
   *
   * @param x [..., in], FLOAT32 or BFLOAT16 on the CPU
   * @param weight [out, in]
   * @param bias [out] or null
   */
  public static Tensor oneDnnLinear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    NativeCall call = NativeCall.local();
    kernels(x, weight);
    call.sizes.set(ValueLayout.JAVA_LONG, 0, bias == null ? 0 : bias.handle());
    MemorySegment biasCell = bias == null ? MemorySegment.NULL : call.sizes;
    int status =
        DeviceKernels.CPU.linearPointwise(
            x.handle(),
            weight.handle(),
            biasCell,
            NO_EPILOGUE,
            MemorySegment.NULL,
            0L,
            MemorySegment.NULL,
            call.out);
    check(status, () -> text("mkldnn::_linear_pointwise", x, weight));
    return Tensor.own(call, call.outLong());
  }

  private static DeviceKernels kernels(Tensor first, Tensor... others) {
    requireOneDevice(first, others);
    return first.device().kind() == Device.Kind.CPU
        ? DeviceKernels.CPU
        : DeviceKernels.Cuda.KERNELS;
  }

  /** A 0-dim CPU tensor may be combined with any device, as a number. */
  static void requireOneDevice(Tensor first, Tensor... others) {
    for (Tensor other : others) {
      boolean number = other.device().host() && other.rawShape().length == 0;
      if (!number && !other.device().equals(first.device())) {
        throw new IllegalArgumentException(
            "devices: got %s on %s and %s on %s, expected one device"
                .formatted(first.describe(), first.device(), other.describe(), other.device()));
      }
    }
  }

  private static String text(String operator, Tensor... arguments) {
    StringBuilder text = new StringBuilder("aten::").append(operator).append('(');
    for (int i = 0; i < arguments.length; i++) {
      text.append(i == 0 ? "" : ", ").append(arguments[i].describe());
    }
    return text.append(')').toString();
  }
}
