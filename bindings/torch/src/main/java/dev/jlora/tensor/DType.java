package dev.jlora.tensor;

/** Element types of tensors, with libtorch's codes. */
public enum DType {
  UINT8(0, 1, false),
  INT8(1, 1, false),
  INT16(2, 2, false),
  INT32(3, 4, false),
  INT64(4, 8, false),
  FLOAT16(5, 2, true),
  FLOAT32(6, 4, true),
  FLOAT64(7, 8, true),
  /** Not used for arithmetic; the result of a Fourier transform has this type. */
  COMPLEX64(9, 8, false),
  /** Not used for arithmetic; the result of a FLOAT64 Fourier transform has this type. */
  COMPLEX128(10, 16, false),
  BOOL(11, 1, false),
  BFLOAT16(15, 2, true),
  /** Not used for arithmetic; the random state of a fused kernel has this type. */
  UINT64(29, 8, false);

  private static final DType[] BY_CODE = new DType[30];

  static {
    for (DType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int bytes;
  private final boolean floating;

  DType(int code, int bytes, boolean floating) {
    this.code = code;
    this.bytes = bytes;
    this.floating = floating;
  }

  /** libtorch's {@code ScalarType} code. */
  public int code() {
    return code;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether the type is a floating-point type, which can have gradients. */
  public boolean floating() {
    return floating;
  }

  /** The floating type that sums are computed in: FLOAT64 for itself, FLOAT32 for others. */
  public DType wide() {
    return this == FLOAT64 ? FLOAT64 : FLOAT32;
  }

  /**
   * The type for a libtorch code.
   *
   * @throws TorchException if jlora does not support the type
   */
  public static DType ofCode(int code) {
    DType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    if (type == null) {
      throw new TorchException("libtorch returned a tensor of dtype code %d".formatted(code));
    }
    return type;
  }
}
