package dev.jlora.tensor;

import java.util.Locale;

/**
 * The device on which a tensor's memory is.
 *
 * @param kind the kind of device
 * @param index of the device among those of its kind; 0 for the CPU
 */
public record Device(Kind kind, int index) {

  /** Kinds of devices, with libtorch's codes. */
  public enum Kind {
    CPU(0),
    CUDA(1),
    /**
     * No memory: tensors have a shape, a dtype and a layout; operators infer these and compute
     * nothing. Code that runs here reads no values, as a step on a GPU must not; tests run whole
     * steps on it.
     */
    META(14);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** The CPU. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /** The meta device; see {@link Kind#META}. */
  public static final Device META = new Device(Kind.META, 0);

  public Device {
    if (index < 0 || (kind != Kind.CUDA && index > 0)) {
      throw new IllegalArgumentException(
          "device index: got %d for %s, expected 0%s"
              .formatted(index, kind, kind == Kind.CUDA ? " or more" : ""));
    }
  }

  /** The CUDA device with an index. */
  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }

  /**
   * Parses {@code cpu}, {@code cuda} or {@code cuda:1}.
   *
   * @throws IllegalArgumentException if the text names no device
   */
  public static Device parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT).strip();
    if (lower.equals("cpu")) {
      return CPU;
    }
    if (lower.equals("cuda")) {
      return cuda(0);
    }
    if (lower.matches("cuda:\\d{1,3}")) {
      return cuda(Integer.parseInt(lower.substring("cuda:".length())));
    }
    throw new IllegalArgumentException(
        "device: got '%s', expected cpu, cuda or cuda:INDEX".formatted(text));
  }

  static Device ofCodes(int type, int index) {
    return switch (type) {
      case 0 -> CPU;
      case 1 -> cuda(Math.max(index, 0));
      case 14 -> META;
      default ->
          throw new TorchException("libtorch returned a tensor on device type %d".formatted(type));
    };
  }

  /** Whether Java can access the memory directly. */
  public boolean host() {
    return kind == Kind.CPU;
  }

  @Override
  public String toString() {
    return kind == Kind.CUDA ? "cuda:" + index : kind.name().toLowerCase(Locale.ROOT);
  }
}
