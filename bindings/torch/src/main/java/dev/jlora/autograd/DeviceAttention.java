package dev.jlora.autograd;

import dev.jlora.kernels.DropMask;
import dev.jlora.ops.DeviceAttentionOps;
import dev.jlora.ops.DeviceAttentionOps.Forward;
import dev.jlora.ops.DeviceAttentionOps.Kernel;
import dev.jlora.ops.DeviceAttentionOps.Setting;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention on a GPU by one of libtorch's fused kernels, which never store the probabilities.
 * Dropout draws from the device's generator, which is seeded for this call; the kernel returns the
 * generator's state, so that backward drops the same elements.
 *
 * @param drop the dropout on the probabilities, null for none
 */
record DeviceAttention(Kernel kernel, boolean causal, double scale, @Nullable DropMask drop)
    implements Function {
  /** Forces a kernel, for diagnosis; see the property's values below. */
  private static final String CHOICE = System.getProperty("jlora.attention", "auto");

  private static final int LARGEST_FLASH_HEAD = 256;

  /**
   * Selects the implementation: flash attention in 16 bits without a mask, memory-efficient
   * attention otherwise, and the composition of {@link Attention} for shapes that neither supports
   * and for dropout that is to be captured. The property {@code jlora.attention} ({@code flash},
   * {@code efficient}, {@code cudnn}, {@code composed}) forces one.
   *
   * @param random the stream for dropout; unused without dropout
   */
  static Function of(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      @Nullable DropMask drop,
      @Nullable RandomStream random) {
    boolean half = q.dtype() == DType.BFLOAT16 || q.dtype() == DType.FLOAT16;
    long head = q.size(3);
    boolean square = q.size(2) == k.size(2);
    boolean flash = half && mask == null && head % 8 == 0 && head <= LARGEST_FLASH_HEAD;
    flash &= v.size(3) == head && (!causal || square);
    boolean efficient = (half && head % 8 == 0) || (q.dtype() == DType.FLOAT32 && head % 4 == 0);
    Kernel kernel =
        switch (CHOICE) {
          case "auto" -> {
            Kernel fastest = flash ? Kernel.FLASH : efficient ? Kernel.EFFICIENT : null;
            boolean own = fastest != null && drop != null && !random.lendsToLibtorch();
            yield own ? null : fastest;
          }
          case "flash" -> flash ? Kernel.FLASH : null;
          case "efficient" -> efficient ? Kernel.EFFICIENT : null;
          case "cudnn" -> half && head % 8 == 0 ? Kernel.CUDNN : null;
          case "composed" -> null;
          default ->
              throw new IllegalArgumentException(
                  "jlora.attention: got '%s', expected auto, flash, efficient, cudnn or composed"
                      .formatted(CHOICE));
        };
    return kernel == null
        ? new Attention.Composed(causal, scale, drop)
        : new DeviceAttention(kernel, causal, scale, drop);
  }

  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    if (drop != null) {
      Torch.seedDevices(drop.deviceSeed());
    }
    Tensor bias = DeviceAttentionOps.bias(inputs[3], inputs[0], inputs[1]);
    Forward forward = DeviceAttentionOps.forward(setting(), inputs[0], inputs[1], inputs[2], bias);
    context.save(
        inputs[0],
        inputs[1],
        inputs[2],
        forward.out(),
        forward.logsumexp(),
        bias,
        forward.seed(),
        forward.offset());
    return forward.out();
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    if (context.needs(3)) {
      throw new UnsupportedOperationException(
          "attention: the mask gets no gradient; do not watch what it is made from");
    }
    Forward forward =
        new Forward(context.saved(3), context.saved(4), context.saved(6), context.saved(7));
    Tensor[] all =
        DeviceAttentionOps.backward(
            setting(),
            g,
            context.saved(0),
            context.saved(1),
            context.saved(2),
            context.saved(5),
            forward);
    Tensor[] gradients = new Tensor[4];
    for (int i = 0; i < 3; i++) {
      gradients[i] = context.needs(i) ? all[i] : null;
    }
    return gradients;
  }

  private Setting setting() {
    return new Setting(kernel, drop == null ? 0 : drop.probability(), causal, scale);
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public String name() {
    return "attention";
  }
}
