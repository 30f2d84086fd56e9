package dev.jlora.cuda.backend;

import static dev.jlora.cuda.CudaError.CUBLAS_STATUS_NOT_SUPPORTED;

import dev.jlora.backend.LoraLinears;
import dev.jlora.backend.Masking;
import dev.jlora.cuda.CudaException;
import dev.jlora.cuda.blas.LoraGroup;
import dev.jlora.cuda.blas.LoraPlans;
import dev.jlora.cuda.blas.PlanRunner;
import dev.jlora.cuda.blas.Step;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * LoRA linears by cuBLAS plans: products accumulate in place, the bias is fused with the frozen
 * product, and gradients of 16-bit layers are written in FLOAT32, the type they are accumulated in.
 * A and B are cast once, in forward.
 */
final class CudaLoraLinears implements LoraLinears {
  private record BackwardKey(LoraGroup group, LoraPlans.Wanted wanted) {}

  private final PlanRunner products;
  private final Masking masking;
  private final LoraLinears composed;
  private final Map<LoraGroup, List<Step>> forwards = new ConcurrentHashMap<>();
  private final Map<BackwardKey, List<Step>> backwards = new ConcurrentHashMap<>();

  CudaLoraLinears(PlanRunner products, Masking masking, LoraLinears composed) {
    this.products = products;
    this.masking = masking;
    this.composed = composed;
  }

  private static boolean takes(Tensor x, @Nullable Tensor weight) {
    return GpuQueue.takes(x) && (weight == null || weight.contiguous());
  }

  @Override
  public Output forward(Tensor x, Frozen layer, Adapter adapter) {
    Tensor bias = layer.bias();
    if (!takes(x, layer.weight())) {
      return composed.forward(x, layer, adapter);
    }
    DType dtype = x.dtype();
    Tensor a = in(dtype, adapter.a());
    Tensor b = in(dtype, adapter.b());
    LoraGroup group = group(x.size(0), a, b, adapter, bias != null, layer.transposed());
    Tensor y = Tensor.empty(dtype, x.device(), x.size(0), b.size(0));
    Tensor middle = Tensor.empty(dtype, x.device(), x.size(0), a.size(0));
    Map<String, Tensor> buffers = new HashMap<>();
    Tensor rows = Ops.contiguous(x);
    buffers.put("x", rows);
    if (adapter.mask() != null) {
      buffers.put("dropped", masking.times(adapter.mask(), rows, 1));
    }
    buffers.put("w0", layer.weight());
    if (bias != null) {
      buffers.put("bias0", Ops.contiguous(bias));
    }
    buffers.put("a", a);
    buffers.put("b0", b);
    buffers.put("y0", y);
    buffers.put("down", middle);
    try {
      products.run(forwards.computeIfAbsent(group, LoraPlans::forward), buffers, dtype);
    } catch (CudaException e) {
      if (e.error().filter(CUBLAS_STATUS_NOT_SUPPORTED::equals).isEmpty()) {
        throw e;
      }
      return composed.forward(x, layer, adapter); // no way for these sizes with the bias inside
    }
    return new Output(y, middle, a, b);
  }

  @Override
  public Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      boolean transposed,
      Adapter adapter,
      @Nullable Tensor middle) {
    if (!takes(g, weight)) {
      return composed.backward(g, x, weight, transposed, adapter, middle);
    }
    DType dtype = g.dtype();
    Tensor a = in(dtype, adapter.a());
    Tensor b = in(dtype, adapter.b());
    LoraGroup group = group(g.size(0), a, b, adapter, false, transposed);
    var wanted = new LoraPlans.Wanted(weight != null, x != null, middle != null);
    long rows = g.size(0);
    Map<String, Tensor> buffers = new HashMap<>();
    buffers.put("g0", Ops.contiguous(g));
    buffers.put("a", a);
    buffers.put("b0", b);
    buffers.put("gb", Tensor.empty(dtype, g.device(), rows, a.size(0)));
    Tensor db = middle == null ? null : Tensor.empty(DType.FLOAT32, g.device(), b.shape());
    Tensor da = x == null ? null : Tensor.empty(DType.FLOAT32, g.device(), a.shape());
    Tensor dx = weight == null ? null : Tensor.empty(dtype, g.device(), rows, a.size(1));
    if (middle != null) {
      buffers.put("down", middle);
      buffers.put("db0", db);
    }
    if (x != null) {
      Tensor whole = Ops.contiguous(x);
      buffers.put("x", whole);
      buffers.put("da", da);
      if (adapter.mask() != null) {
        buffers.put("dropped", masking.times(adapter.mask(), whole, 1));
      }
    }
    if (weight != null) {
      buffers.put("w0", weight);
      buffers.put("dx", dx);
      if (adapter.mask() != null) {
        buffers.put("dd", Tensor.empty(dtype, g.device(), rows, a.size(1)));
      }
    }
    List<Step> plan =
        backwards.computeIfAbsent(
            new BackwardKey(group, wanted), key -> LoraPlans.backward(key.group(), key.wanted()));
    products.run(plan, buffers, dtype);
    if (weight != null && adapter.mask() != null) {
      masking.addTo(dx, adapter.mask(), buffers.get("dd"), 1);
    }
    return new Gradients(dx, da, db);
  }

  /** Accumulates in place, in a copy of W. */
  @Override
  public Tensor merged(Tensor weight, boolean transposed, Tensor a, Tensor b, double scale) {
    Tensor sum =
        weight.dtype() == DType.FLOAT32 && weight.contiguous()
            ? Ops.clone(weight)
            : Ops.contiguous(Ops.to(weight, DType.FLOAT32));
    LoraGroup group = group(1, a, b, new Adapter(a, b, scale, null), false, transposed);
    Map<String, Tensor> buffers =
        Map.of("w0", sum, "a", Ops.contiguous(a), "b0", Ops.contiguous(b));
    products.run(LoraPlans.merge(group, 1), buffers, DType.FLOAT32);
    return sum;
  }

  private static LoraGroup group(
      long rows, Tensor a, Tensor b, Adapter adapter, boolean bias, boolean transposed) {
    var layer =
        new LoraGroup.Layer(
            Math.toIntExact(b.size(0)),
            Math.toIntExact(a.size(0)),
            adapter.factor(),
            bias,
            transposed);
    return new LoraGroup(
        Math.toIntExact(rows), Math.toIntExact(a.size(1)), List.of(layer), adapter.mask() != null);
  }

  private static Tensor in(DType dtype, Tensor tensor) {
    return Ops.contiguous(Ops.to(tensor, dtype));
  }
}
