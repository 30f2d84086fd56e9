package dev.jlora.backend;

import dev.jlora.tensor.Device;
import java.util.List;
import java.util.ServiceLoader;

/** The libraries with {@link DeviceSupport} next to this one, searched on first use. */
final class SupportSearch {
  private static final List<DeviceSupport> FOUND =
      ServiceLoader.load(DeviceSupport.class, DeviceSupport.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private SupportSearch() {}

  static DeviceSupport of(Device.Kind kind) {
    return FOUND.stream()
        .filter(support -> support.kind() == kind)
        .findFirst()
        .orElseGet(() -> new MissingSupport(kind, MissingSupport.ERR));
  }
}
