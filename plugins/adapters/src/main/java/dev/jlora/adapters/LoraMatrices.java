package dev.jlora.adapters;

import dev.jlora.spec.LoraInit;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * How A and B start. What a module gets depends on the seed and its name only, so that one target
 * more leaves the others as they were.
 */
record LoraMatrices(LoraInit init, long seed) {

  /** A, [rank, in]: uniform within 1/sqrt(in), which is Kaiming's with a = sqrt(5); or normal. */
  Tensor a(LoraTarget target) {
    SplittableRandom random = random(target.nameOfA());
    long in = target.module().in();
    DoubleSupplier draw =
        init == LoraInit.GAUSSIAN
            ? () -> random.nextGaussian() / target.rank()
            : uniform(random, in);
    return filled(target.rank(), in, draw);
  }

  /** B, [out, rank]: zeros, so that the model starts as it was; random only when asked for. */
  Tensor b(LoraTarget target) {
    long out = target.module().out();
    return init == LoraInit.RANDOM
        ? filled(out, target.rank(), uniform(random(target.nameOfB()), target.rank()))
        : Tensor.zeros(DType.FLOAT32, out, target.rank());
  }

  private static DoubleSupplier uniform(SplittableRandom random, long fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    return () -> random.nextDouble(-bound, bound);
  }

  private static Tensor filled(long rows, long columns, DoubleSupplier draw) {
    float[] values = new float[Math.toIntExact(rows * columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.getAsDouble();
    }
    return Tensor.of(values, rows, columns);
  }

  private SplittableRandom random(String name) {
    long mixed = seed;
    for (int i = 0; i < name.length(); i++) {
      mixed = mixed * 0x9E3779B97F4A7C15L + name.charAt(i) + 1;
    }
    return new SplittableRandom(mixed);
  }
}
