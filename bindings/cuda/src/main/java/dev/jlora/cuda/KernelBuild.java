package dev.jlora.cuda;

import dev.jlora.tensor.DType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A source with the macros that it is compiled with, such as element types and row lengths. Values
 * known at compile time cost nothing at run time, so a kernel is compiled for each combination.
 *
 * @param source the kernels
 * @param macros name to value, empty for a macro without one
 */
public record KernelBuild(KernelSource source, Map<String, String> macros) {
  private static final int KEY_DIGITS = 32;

  public KernelBuild {
    macros = Collections.unmodifiableMap(new TreeMap<>(macros));
  }

  /** A build of one of jlora's sources, without macros. */
  public static KernelBuild of(String source) {
    return new KernelBuild(KernelSource.named(source), Map.of());
  }

  /** Adds a macro. */
  public KernelBuild with(String macro, Object value) {
    Map<String, String> more = new TreeMap<>(macros);
    more.put(macro, value.toString());
    return new KernelBuild(source, more);
  }

  /** Adds a macro if a condition holds. */
  public KernelBuild withIf(boolean condition, String macro) {
    return condition ? with(macro, "") : this;
  }

  /**
   * Sets the dtype of the elements.
   *
   * @throws IllegalArgumentException for an unsupported dtype
   */
  public KernelBuild elements(DType dtype) {
    return switch (dtype) {
      case FLOAT32, BFLOAT16, FLOAT16 -> with("ELEMENT_" + dtype, "");
      default ->
          throw new IllegalArgumentException(
              "%s: got %s, expected FLOAT32, BFLOAT16 or FLOAT16".formatted(source.name(), dtype));
    };
  }

  /**
   * Sets the dtype of the parameters, given that of the elements.
   *
   * @throws IllegalArgumentException unless FLOAT32 or the elements' dtype
   */
  public KernelBuild parameters(DType dtype, DType elements) {
    if (dtype != DType.FLOAT32 && dtype != elements) {
      throw new IllegalArgumentException(
          "%s: got parameters of %s, expected FLOAT32 or, as the input, %s"
              .formatted(source.name(), dtype, elements));
    }
    return withIf(dtype == DType.FLOAT32, "PARAMETER_FLOAT32");
  }

  /** The compiler options, in an order that does not depend on the caller. */
  List<String> options(String architecture) {
    List<String> options = new ArrayList<>();
    options.add("--gpu-architecture=" + architecture);
    options.add("--std=c++17");
    macros.forEach(
        (name, value) -> options.add(value.isEmpty() ? "-D" + name : define(name, value)));
    return options;
  }

  private static String define(String name, String value) {
    return "-D%s=%s".formatted(name, value);
  }

  /** The cache key: a digest of everything that determines the machine code. */
  String key(String architecture, String compiler) {
    MessageDigest digest = sha256();
    List<String> parts = new ArrayList<>(options(architecture));
    parts.addAll(List.of(compiler, source.name(), source.text(), source.header()));
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_DIGITS);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return source.name() + macros;
  }
}
