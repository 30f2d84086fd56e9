package dev.jlora.backend;

import dev.jlora.tensor.Device;

/** Lets tests of other modules replace the backend of a device. */
public final class TestBackends {
  private TestBackends() {}

  /** libtorch's operators. */
  public static Backend composed() {
    return Backend.COMPOSED;
  }

  /** Replaces the backend of a device until the next call. */
  public static void set(Device device, Backend backend) {
    Backend.set(device, backend);
  }
}
