package dev.jlora.engine.adapters;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An adapter with rounding errors of the largest plausible size: the output y of every module is
 * changed to y + a · rms(y) · s, with random signs s and
 *
 * <pre>a = 4 u + sqrt(n) u32</pre>
 *
 * Here u is the unit roundoff of the model's dtype, u32 that of FLOAT32, in which products are
 * summed, and n the number of inputs of an output. Merging changes three things at a module: the
 * merged weight is rounded (each element by at most u relative to it), the product with the update
 * is no longer rounded apart (2 u), and sums have another order. The rounding errors of a sum of n
 * terms, in which their signs are random, add up to some sqrt(n) u32 relative to its size (Higham
 * and Mary, doi 10.1137/18M1226312). The change of the outputs by such errors in all modules, taken
 * from a few passes, estimates to first order how far merged and unmerged outputs may differ; it is
 * not a worst case, which for deep networks says nothing.
 */
final class RoundingNoise implements Adapter {
  private static final double WEIGHT_ROUNDINGS = 4;
  private static final double UNIT_32 = Math.ulp(1f) / 2;

  private final Adapter adapter;
  private final Map<String, AdapterLayer> layers = new LinkedHashMap<>();

  /**
   * @param adapter the adapter whose layers get noise; stays the caller's
   */
  RoundingNoise(Map<String, Adaptable> modules, Adapter adapter, long seed) {
    this.adapter = adapter;
    SplittableRandom random = new SplittableRandom(seed);
    modules.forEach(
        (path, module) -> {
          Tensor weight = module.weight().value();
          double inputs = (double) weight.elements() / module.out();
          double size =
              WEIGHT_ROUNDINGS * unit(weight.dtype()) + Math.sqrt(Math.max(1, inputs)) * UNIT_32;
          layers.put(path, new Noisy(adapter.layers().get(path), size, random.split()));
        });
  }

  /** Half the distance between 1 and the next number. */
  private static double unit(DType dtype) {
    return switch (dtype) {
      case BFLOAT16 -> 0x1p-8;
      case FLOAT16 -> 0x1p-11;
      case FLOAT64 -> 0x1p-53;
      default -> UNIT_32;
    };
  }

  private record Noisy(@Nullable AdapterLayer layer, double size, SplittableRandom random)
      implements AdapterLayer {
    @Override
    public Tensor forward(Base base, Tensor x, ForwardContext context) {
      Tensor output = layer == null ? base.output(x) : layer.forward(base, x, context);
      Tensor wide = Ops.to(output, DType.FLOAT32);
      Tensor scale = Ops.mul(Ops.sqrt(Reduce.mean(Ops.square(wide), true, -1)), size);
      return Ops.to(Ops.add(wide, Ops.mul(signs(wide), scale)), output.dtype());
    }

    private Tensor signs(Tensor like) {
      float[] values = new float[Math.toIntExact(like.elements())];
      long bits = 0;
      for (int i = 0; i < values.length; i++) {
        bits = i % Long.SIZE == 0 ? random.nextLong() : bits >>> 1;
        values[i] = (bits & 1) == 0 ? 1 : -1;
      }
      return Ops.to(Tensor.of(values, like.shape()), like.device());
    }

    @Override
    public Tensor merged(Tensor weight) {
      throw new UnsupportedOperationException("noise is not merged");
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }
  }

  @Override
  public Map<String, AdapterLayer> layers() {
    return layers;
  }

  @Override
  public Map<String, Parameter> overrides() {
    return adapter.overrides();
  }

  @Override
  public void save(Path folder) {
    throw new UnsupportedOperationException("noise is not saved");
  }

  @Override
  public void restore(Path folder) {
    throw new UnsupportedOperationException("noise is not saved");
  }

  @Override
  public void close() {}
}
