package dev.jlora.backend;

import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Device;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * jlora's additions to libtorch on one kind of device: kernels, captures, and driver queries. A
 * library implements it and is found on the class path by {@link ServiceLoader}, on first use. A
 * program without that library still runs on the device, with libtorch's operators.
 */
public interface DeviceSupport {
  /** The support for a kind of device; if its library is missing, a placeholder that reports it. */
  static DeviceSupport of(Device.Kind kind) {
    return SupportSearch.of(kind);
  }

  /** The kind of device. */
  Device.Kind kind();

  /**
   * Selects the implementations of operator families. Never fails; a fallback is reported in one
   * line on standard error.
   *
   * @param composed the fallback: libtorch's operators
   */
  Backend backend(Device device, Backend composed);

  /**
   * A stream to capture work on a device; the caller closes it.
   *
   * @throws dev.jlora.tensor.DeviceException if there is none for this device or these settings
   * @throws DeviceCallException if the driver refuses
   * @throws dev.jlora.natives.NativeLoadException if a library is missing
   */
  CaptureStream captureStream(Device device);

  /**
   * The devices with their free memory and the versions of driver and libtorch, as text lines; one
   * line if no device can be used. Throws nothing.
   */
  List<String> report();

  /** The reason why libtorch cannot use such a device; empty if it can. Throws nothing. */
  Optional<Obstacle> obstacle();

  /**
   * The reason why no device can be used.
   *
   * @param problem a sentence
   * @param remedy without a full stop
   */
  record Obstacle(String problem, String remedy) {}
}
