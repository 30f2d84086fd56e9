package dev.jlora.ffi.generator;

import java.util.Map;

/**
 * A type of C as Java passes it on 64-bit Linux. Unsigned integers travel as signed ones of their
 * width, every pointer as a {@code MemorySegment}.
 *
 * @param layout the constant of {@code ValueLayout}, or the name of a struct's own constant; empty
 *     for void
 * @param java the type of a parameter or a result
 * @param bytes of a struct of bytes that is passed by value, else 0
 */
record CType(String layout, String java, int bytes) {
  static final CType VOID = new CType("", "void", 0);
  static final CType POINTER = new CType("ADDRESS", "MemorySegment", 0);
  private static final CType INT = new CType("JAVA_INT", "int", 0);
  private static final CType LONG = new CType("JAVA_LONG", "long", 0);

  /** The types that a header may name without a typedef. */
  static final Map<String, CType> KNOWN =
      Map.ofEntries(
          Map.entry("void", VOID),
          Map.entry("bool", new CType("JAVA_BOOLEAN", "boolean", 0)),
          Map.entry("char", new CType("JAVA_BYTE", "byte", 0)),
          Map.entry("uint8_t", new CType("JAVA_BYTE", "byte", 0)),
          Map.entry("int32_t", INT),
          Map.entry("uint32_t", INT),
          Map.entry("int64_t", LONG),
          Map.entry("uint64_t", LONG),
          Map.entry("size_t", LONG),
          Map.entry("uintptr_t", LONG),
          Map.entry("float", new CType("JAVA_FLOAT", "float", 0)),
          Map.entry("double", new CType("JAVA_DOUBLE", "double", 0)));

  static CType struct(String name, int bytes) {
    return new CType(name.toUpperCase(), "MemorySegment", bytes);
  }

  boolean isVoid() {
    return layout.isEmpty();
  }
}
