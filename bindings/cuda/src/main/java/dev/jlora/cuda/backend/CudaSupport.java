package dev.jlora.cuda.backend;

import dev.jlora.backend.Backend;
import dev.jlora.backend.DeviceSupport;
import dev.jlora.cuda.CudaCaptureStream;
import dev.jlora.cuda.Gpus;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Torch;
import java.util.List;
import java.util.Optional;

/** Support for NVIDIA's GPUs, found by {@link java.util.ServiceLoader}. */
public final class CudaSupport implements DeviceSupport {
  @Override
  public Device.Kind kind() {
    return Device.Kind.CUDA;
  }

  @Override
  public Backend backend(Device device, Backend composed) {
    return CudaBackend.of(device, composed);
  }

  @Override
  public CaptureStream captureStream(Device device) {
    return CudaCaptureStream.of(device);
  }

  @Override
  public List<String> report() {
    return Gpus.look(Torch.cudaBuild()).lines();
  }

  @Override
  public Optional<Obstacle> obstacle() {
    return Gpus.look(Torch.cudaBuild()).obstacle();
  }
}
