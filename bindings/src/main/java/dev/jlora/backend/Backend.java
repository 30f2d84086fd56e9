package dev.jlora.backend;

import dev.jlora.tensor.Device;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The families of operators that a device may have a way of its own for, as that device has them.
 *
 * @param masking dropout
 * @param layerNorms layer norm, with the dropout and the sum before it
 * @param gelu the activation
 * @param crossEntropy the loss
 * @param embedding the gradient of a look-up
 * @param lora linear layers with an adapter
 * @param adam clipping and update
 */
public record Backend(
    Masking masking,
    LayerNorms layerNorms,
    Gelu gelu,
    CrossEntropy crossEntropy,
    EmbeddingGradient embedding,
    LoraLinears lora,
    AdamUpdates adam) {

  /** Of libtorch's operators, and the CPU's loops: for every device. */
  static final Backend COMPOSED =
      new Backend(
          new ComposedMasking(),
          new ComposedLayerNorms(),
          new ComposedGelu(),
          new ComposedCrossEntropy(),
          new ComposedEmbeddingGradient(),
          new ComposedLoraLinears(),
          new ComposedAdamUpdates());

  private static final Map<Device, Backend> OF_DEVICES = new ConcurrentHashMap<>();

  /** That of a device, chosen when it is first asked for. */
  public static Backend of(Device device) {
    return OF_DEVICES.computeIfAbsent(device, Backend::choose);
  }

  private static Backend choose(Device device) {
    return device.kind() == Device.Kind.CUDA ? CudaBackend.of(device) : COMPOSED;
  }

  /** Sets what a device has, for tests. */
  static void set(Device device, Backend backend) {
    OF_DEVICES.put(device, backend);
  }
}
