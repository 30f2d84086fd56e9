package dev.jlora.backend;

import dev.jlora.tensor.Device;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The implementations of operator families for a device.
 *
 * @param masking dropout
 * @param layerNorms layer norm, with the preceding dropout and sum
 * @param gelu the activation
 * @param crossEntropy the loss
 * @param embedding the gradient of an embedding lookup
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

  /** libtorch's operators and the CPU's loops: for every device. */
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

  /** The backend of a device, selected on first use. */
  public static Backend of(Device device) {
    return OF_DEVICES.computeIfAbsent(device, Backend::choose);
  }

  private static Backend choose(Device device) {
    return device.kind() == Device.Kind.CUDA
        ? DeviceSupport.of(device.kind()).backend(device, COMPOSED)
        : COMPOSED;
  }

  /** Replaces the backend of a device, for tests. */
  static void set(Device device, Backend backend) {
    OF_DEVICES.put(device, backend);
  }
}
