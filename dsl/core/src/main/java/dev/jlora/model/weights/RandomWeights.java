package dev.jlora.model.weights;

import dev.jlora.model.ParameterSpec;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Newly initialized weights, as declared by each parameter. The values depend only on the seed and
 * the parameter's name, so that a head starts the same regardless of what else is new.
 */
public final class RandomWeights implements WeightSource {
  private final long seed;

  public RandomWeights(long seed) {
    this.seed = seed;
  }

  @Override
  public Tensor read(ParameterSpec parameter) {
    long[] shape = parameter.sizes();
    return switch (parameter.init().kind()) {
      case ZEROS -> Tensor.zeros(DType.FLOAT32, shape);
      case ONES -> Tensor.ones(DType.FLOAT32, shape);
      case NORMAL -> normal(parameter, shape);
    };
  }

  private Tensor normal(ParameterSpec parameter, long[] shape) {
    Tensor tensor = Tensor.empty(DType.FLOAT32, shape);
    MemorySegment memory = tensor.memory();
    SplittableRandom random = new SplittableRandom(mix(parameter.name()));
    long elements = parameter.elements();
    for (long i = 0; i < elements; i++) {
      float value = (float) (parameter.init().std() * random.nextGaussian());
      memory.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
    }
    return tensor;
  }

  private long mix(String name) {
    long hash = seed;
    for (int i = 0; i < name.length(); i++) {
      hash = hash * 0x9E3779B97F4A7C15L + name.charAt(i) + 1;
    }
    return hash;
  }
}
