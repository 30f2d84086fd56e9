package dev.jlora.adapters;

import dev.jlora.spec.LoraInit;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.LongStream;

/**
 * How A and B start. What a module gets depends on the seed and its name only, so that one target
 * more leaves the others as they were.
 */
record LoraMatrices(LoraInit init, long seed) {

  /** A: uniform within 1/sqrt(fan-in), which is Kaiming's with a = sqrt(5); or normal. */
  Tensor a(LoraTarget target) {
    SplittableRandom random = random(target.nameOfA());
    DoubleSupplier draw =
        init == LoraInit.GAUSSIAN
            ? () -> random.nextGaussian() / target.rank()
            : uniform(random, target.module().fanIn());
    return filled(target.shapeOfA(), draw);
  }

  /** B: zeros, so that the model starts as it was; random only when asked for. */
  Tensor b(LoraTarget target) {
    return init == LoraInit.RANDOM
        ? filled(target.shapeOfB(), uniform(random(target.nameOfB()), target.rank()))
        : Tensor.zeros(DType.FLOAT32, target.shapeOfB());
  }

  private static DoubleSupplier uniform(SplittableRandom random, long fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    return () -> random.nextDouble(-bound, bound);
  }

  private static Tensor filled(long[] shape, DoubleSupplier draw) {
    float[] values =
        new float[Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.getAsDouble();
    }
    return Tensor.of(values, shape);
  }

  private SplittableRandom random(String name) {
    long mixed = seed;
    for (int i = 0; i < name.length(); i++) {
      mixed = mixed * 0x9E3779B97F4A7C15L + name.charAt(i) + 1;
    }
    return new SplittableRandom(mixed);
  }
}
