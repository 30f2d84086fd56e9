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
 * A source with the macros that it is compiled with: element types, lengths of rows. What is known
 * when it is compiled costs nothing when it runs, so a kernel is made for each.
 *
 * @param source the kernels
 * @param macros name to value, empty for a macro without one
 */
public record KernelBuild(KernelSource source, Map<String, String> macros) {
  private static final int KEY_DIGITS = 32;

  public KernelBuild {
    macros = Collections.unmodifiableMap(new TreeMap<>(macros));
  }

  /** Of a source that comes with jlora, without macros. */
  public static KernelBuild of(String source) {
    return new KernelBuild(KernelSource.named(source), Map.of());
  }

  /** With one more macro. */
  public KernelBuild with(String macro, Object value) {
    Map<String, String> more = new TreeMap<>(macros);
    more.put(macro, value.toString());
    return new KernelBuild(source, more);
  }

  /** With a macro only if a condition holds. */
  public KernelBuild withIf(boolean condition, String macro) {
    return condition ? with(macro, "") : this;
  }

  /**
   * For elements of a dtype.
   *
   * @throws IllegalArgumentException for one that the kernels do not know
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
   * For parameters of a dtype beside elements of one.
   *
   * @throws IllegalArgumentException unless they are FLOAT32 or of the elements' dtype
   */
  public KernelBuild parameters(DType dtype, DType elements) {
    if (dtype != DType.FLOAT32 && dtype != elements) {
      throw new IllegalArgumentException(
          "%s: got parameters of %s, expected FLOAT32 or, as the input, %s"
              .formatted(source.name(), dtype, elements));
    }
    return withIf(dtype == DType.FLOAT32, "PARAMETER_FLOAT32");
  }

  /** What the compiler is given, in an order that does not depend on the caller. */
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

  /** What tells one machine code from another: everything that it was made of. */
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
