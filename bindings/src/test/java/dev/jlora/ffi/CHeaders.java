package dev.jlora.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What the C headers of the native module say, for tests of other packages. */
public final class CHeaders {
  private static final Pattern ERROR = Pattern.compile("CUDA_ERROR_.*|.*_STATUS_.*|NVRTC_ERROR_.*");
  private static final String CAPTURE_STATUS = "CU_STREAM";

  private CHeaders() {}

  /** Name to code of the errors of CUDA's libraries. */
  public static Map<String, Integer> cudaErrors() throws IOException {
    Map<String, Integer> values = cudaValues();
    values.keySet().removeIf(name -> !isError(name));
    return values;
  }

  /** Name to value of what {@code jlora_cuda.h} has in its enumerations. */
  static Map<String, Integer> cudaValues() throws IOException {
    return new TreeMap<>(CHeader.values(Files.readString(CudaHeaderTest.HEADER)));
  }

  static boolean isError(String name) {
    return ERROR.matcher(name).matches() && !name.startsWith(CAPTURE_STATUS);
  }
}
